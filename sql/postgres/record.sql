-- A table of records: a column for each key, NULL where the key is absent.  Arrays and objects are JSON
-- text, true and false are 1 and 0.
--
-- {table} stands for the table's name.  Octets that are no UTF-8, and NUL, stand as U+FFFD in text.
-- callid is indexed, and an index takes no value of any length: it is cut to 660 characters.

CREATE TABLE "{table}" (
    v bigint,                                                    -- version of the record format: 1
    kind text,                                                   -- what the record is about: sip, rtcp, report, log, hep, packet, eof
    ts text,                                                     -- time, RFC 3339 in UTC; 6 digits, 9 where the source has nanoseconds
    micro_ts bigint,                                             -- the same time as microseconds since 1970
    uid text,                                                    -- 64-bit hash (XXH3) of time, addresses, ports and payload, 16 hex digits; the same packet read again has the same
    node text,                                                   -- name of the capture node and, after a colon, the capture agent id where HEP brought one with a time
    file text,                                                   -- capture file, as it was named; - is standard input
    frame bigint,                                                -- number of the packet in the file, from 1
    "offset" bigint,                                             -- offset in octets of the packet record in the uncompressed file
    source_ip text,                                              -- innermost source address; for HEP what the HEP says; IPv6 as in RFC 5952
    source_port bigint,                                          -- source port
    destination_ip text,                                         -- innermost destination address
    destination_port bigint,                                     -- destination port
    transport text,                                              -- udp, tcp, tls, ws, wss or sctp
    encap text,                                                  -- layers taken off, outermost first, e.g. ["vlan:100","ipip"]
    copies bigint,                                               -- number of duplicates that were dropped
    hep_version bigint,                                          -- version of HEP that carried it: 1, 2 or 3
    hep_agent_id bigint,                                         -- capture agent id (chunk 0x000c)
    hep_proto bigint,                                            -- payload protocol type (chunk 0x000b): 1 SIP, 5 RTCP as JSON, 100 log text
    correlation_id text,                                         -- internal correlation id (chunk 0x0011), else the Call-ID
    hep_node text,                                               -- capture agent name (chunk 0x0013)
    hep_vlan bigint,                                             -- VLAN id (chunk 0x0012)
    hep_auth_ok bigint,                                          -- whether the authenticate key (chunk 0x000e) was the expected one
    hep_extra text,                                              -- chunks without a key of their own: {"vendor:type":"hex"}
    hep_peer text,                                               -- address and port from which the HEP message came
    method text,                                                 -- method of a request; status code of a reply, as text
    status bigint,                                               -- status code; replies only
    reply_reason text,                                           -- reason phrase of a reply
    cseq text,                                                   -- CSeq, whole
    cseq_method text,                                            -- method in CSeq
    callid text,                                                 -- Call-ID, unmasked where a topoh key was given
    callid_aleg text,                                            -- Call-ID of the other leg, from X-CID or the headers named by --aleg-header
    ruri text,                                                   -- Request-URI
    ruri_user text,                                              -- user part of the Request-URI; the number of a tel URI
    ruri_domain text,                                            -- host part of the Request-URI
    from_user text,                                              -- user part of the From URI
    from_domain text,                                            -- host part of the From URI
    from_tag text,                                               -- tag of From
    from_name text,                                              -- display name of From, without quotes
    to_user text,                                                -- user part of the To URI
    to_domain text,                                              -- host part of the To URI
    to_tag text,                                                 -- tag of To
    to_name text,                                                -- display name of To, without quotes
    contact_user text,                                           -- user part of the first Contact URI; * for a star
    contact_ip text,                                             -- host part of the first Contact URI as written: it may be a name
    contact_port bigint,                                         -- port of the first Contact URI
    expires bigint,                                              -- Expires, seconds
    via_1 text,                                                  -- first Via header line, whole
    via_1_branch text,                                           -- branch of the first Via value
    pid_user text,                                               -- user part of P-Asserted-Identity, else P-Preferred-Identity, else Remote-Party-ID
    auth_user text,                                              -- digest user name, without scheme and realm
    diversion text,                                              -- first Diversion header
    reason text,                                                 -- Reason header
    content_type text,                                           -- Content-Type
    body_len bigint,                                             -- length of the body in octets
    user_agent text,                                             -- User-Agent
    server text,                                                 -- Server
    originator_ip text,                                          -- address in X-OIP
    originator_port bigint,                                      -- port in X-OIP
    rtp_stat text,                                               -- statistics header of the phone: X-RTP-Stat, P-RTP-Stat and kin
    sdp_ip text,                                                 -- connection address of the first media description of the SDP
    sdp_port bigint,                                             -- port of the first media description
    sdp_dir text,                                                -- direction of the first media description: sendrecv, sendonly, recvonly, inactive
    codecs text,                                                 -- codecs of the first media description, in order of preference
    custom_field1 text,                                          -- header named by the first --custom-header
    custom_field2 text,                                          -- header named by the second --custom-header
    custom_field3 text,                                          -- header named by the third --custom-header
    ssrc bigint,                                                 -- synchronization source that sent the RTCP packet
    packet_type bigint,                                          -- RTCP packet type: 200 SR, 201 RR, 202 SDES, 207 XR
    reports text,                                                -- RTCP report blocks: [{ssrc, fraction_lost, lost, highest_seq, jitter, jitter_ms, rtt_ms, mos_lq, mos_cq}]
    mos double precision,                                        -- mean opinion score that the sender reports
    lost bigint,                                                 -- lost packets that the sender reports
    jitter_ms double precision,                                  -- jitter that the sender reports, milliseconds
    rtt_ms double precision,                                     -- round trip time that the sender reports, milliseconds
    data text,                                                   -- the report as the sender gave it
    records bigint,                                              -- eof: records written before this one
    damaged bigint,                                              -- eof: packets or messages that were malformed
    dropped bigint,                                              -- eof: packets lost before they could be decoded
    gaps bigint,                                                 -- eof: inputs that ended in the middle of a record
    parse text,                                                  -- what was wrong with the message, a word each; absent when all is well
    headers text,                                                -- all headers as [name, value], order and duplicates kept
    msg text,                                                    -- the payload as captured, where it is UTF-8 without NUL; else msg_b64
    extra text,                                                  -- members that are no key of a record, as one JSON object
    msg_b64 text DEFAULT NULL                                    -- the octets of msg in base64, where msg cannot hold them all
);

CREATE INDEX ON "{table}" (micro_ts);

CREATE INDEX ON "{table}" (callid);

-- Made last: a table that has it has all the others.
CREATE UNIQUE INDEX ON "{table}" (uid);
