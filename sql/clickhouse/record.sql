-- A table of records for ClickHouse: a column for each key, NULL where the key is absent.  Arrays and objects
-- are JSON text, true and false are 1 and 0.  kind, micro_ts, callid and uid are never NULL, because the table
-- lies in their order: a record without Call-ID has the empty text there.
--
-- {table} stands for the table's name.  sip_capture.sql tells of types, parts and order.

CREATE TABLE IF NOT EXISTS "{table}" (
    v Nullable(UInt8),                               -- version of the record format: 1
    kind LowCardinality(String),                     -- what the record is about: sip, rtcp, report, log, hep, packet, eof
    ts Nullable(String),                             -- time, RFC 3339 in UTC; 6 digits, 9 where the source has nanoseconds
    micro_ts Int64,                                  -- the same time as microseconds since 1970
    uid String,                                      -- 64-bit hash (XXH3) of time, addresses, ports and payload, 16 hex digits; the same packet read again has the same
    node LowCardinality(Nullable(String)),           -- name of the capture node and, after a colon, the capture agent id where HEP brought one with a time
    file LowCardinality(Nullable(String)),           -- capture file, as it was named; - is standard input
    frame Nullable(Int64),                           -- number of the packet in the file, from 1
    offset Nullable(Int64),                          -- offset in octets of the packet record in the uncompressed file
    source_ip LowCardinality(Nullable(String)),      -- innermost source address; for HEP what the HEP says; IPv6 as in RFC 5952
    source_port Nullable(Int64),                     -- source port
    destination_ip LowCardinality(Nullable(String)), -- innermost destination address
    destination_port Nullable(Int64),                -- destination port
    transport LowCardinality(Nullable(String)),      -- udp, tcp, tls, ws, wss or sctp
    encap LowCardinality(Nullable(String)),          -- layers taken off, outermost first, e.g. ["vlan:100","ipip"]
    copies Nullable(Int64),                          -- number of duplicates that were dropped
    hep_version Nullable(UInt8),                     -- version of HEP that carried it: 1, 2 or 3
    hep_agent_id Nullable(Int64),                    -- capture agent id (chunk 0x000c)
    hep_proto Nullable(Int64),                       -- payload protocol type (chunk 0x000b): 1 SIP, 5 RTCP as JSON, 100 log text
    correlation_id Nullable(String),                 -- internal correlation id (chunk 0x0011), else the Call-ID
    hep_node LowCardinality(Nullable(String)),       -- capture agent name (chunk 0x0013)
    hep_vlan Nullable(Int64),                        -- VLAN id (chunk 0x0012)
    hep_auth_ok Nullable(UInt8),                     -- whether the authenticate key (chunk 0x000e) was the expected one
    hep_extra Nullable(String),                      -- chunks without a key of their own: {"vendor:type":"hex"}
    hep_peer LowCardinality(Nullable(String)),       -- address and port from which the HEP message came
    method LowCardinality(Nullable(String)),         -- method of a request; status code of a reply, as text
    status Nullable(Int64),                          -- status code; replies only
    reply_reason LowCardinality(Nullable(String)),   -- reason phrase of a reply
    cseq Nullable(String),                           -- CSeq, whole
    cseq_method LowCardinality(Nullable(String)),    -- method in CSeq
    callid String,                                   -- Call-ID, unmasked where a topoh key was given
    callid_aleg Nullable(String),                    -- Call-ID of the other leg, from X-CID or the headers named by --aleg-header
    ruri Nullable(String),                           -- Request-URI
    ruri_user Nullable(String),                      -- user part of the Request-URI; the number of a tel URI
    ruri_domain LowCardinality(Nullable(String)),    -- host part of the Request-URI
    from_user Nullable(String),                      -- user part of the From URI
    from_domain LowCardinality(Nullable(String)),    -- host part of the From URI
    from_tag Nullable(String),                       -- tag of From
    from_name Nullable(String),                      -- display name of From, without quotes
    to_user Nullable(String),                        -- user part of the To URI
    to_domain LowCardinality(Nullable(String)),      -- host part of the To URI
    to_tag Nullable(String),                         -- tag of To
    to_name Nullable(String),                        -- display name of To, without quotes
    contact_user Nullable(String),                   -- user part of the first Contact URI; * for a star
    contact_ip Nullable(String),                     -- host part of the first Contact URI as written: it may be a name
    contact_port Nullable(Int64),                    -- port of the first Contact URI
    expires Nullable(Int64),                         -- Expires, seconds
    via_1 Nullable(String),                          -- first Via header line, whole
    via_1_branch Nullable(String),                   -- branch of the first Via value
    pid_user Nullable(String),                       -- user part of P-Asserted-Identity, else P-Preferred-Identity, else Remote-Party-ID
    auth_user Nullable(String),                      -- digest user name, without scheme and realm
    diversion Nullable(String),                      -- first Diversion header
    reason Nullable(String),                         -- Reason header
    content_type LowCardinality(Nullable(String)),   -- Content-Type
    body_len Nullable(Int64),                        -- length of the body in octets
    user_agent LowCardinality(Nullable(String)),     -- User-Agent
    server LowCardinality(Nullable(String)),         -- Server
    originator_ip LowCardinality(Nullable(String)),  -- address in X-OIP
    originator_port Nullable(Int64),                 -- port in X-OIP
    rtp_stat Nullable(String),                       -- statistics header of the phone: X-RTP-Stat, P-RTP-Stat and kin
    sdp_ip Nullable(String),                         -- connection address of the first media description of the SDP
    sdp_port Nullable(Int64),                        -- port of the first media description
    sdp_dir LowCardinality(Nullable(String)),        -- direction of the first media description: sendrecv, sendonly, recvonly, inactive
    codecs LowCardinality(Nullable(String)),         -- codecs of the first media description, in order of preference
    custom_field1 Nullable(String),                  -- header named by the first --custom-header
    custom_field2 Nullable(String),                  -- header named by the second --custom-header
    custom_field3 Nullable(String),                  -- header named by the third --custom-header
    ssrc Nullable(Int64),                            -- synchronization source that sent the RTCP packet
    packet_type Nullable(Int64),                     -- RTCP packet type: 200 SR, 201 RR, 202 SDES, 207 XR
    reports Nullable(String),                        -- RTCP report blocks: [{ssrc, fraction_lost, lost, highest_seq, jitter, jitter_ms, rtt_ms, mos_lq, mos_cq}]
    mos Nullable(Float64),                           -- mean opinion score that the sender reports
    lost Nullable(Int64),                            -- lost packets that the sender reports
    jitter_ms Nullable(Float64),                     -- jitter that the sender reports, milliseconds
    rtt_ms Nullable(Float64),                        -- round trip time that the sender reports, milliseconds
    data Nullable(String),                           -- the report as the sender gave it
    records Nullable(Int64),                         -- eof: records written before this one
    damaged Nullable(Int64),                         -- eof: packets or messages that were malformed
    dropped Nullable(Int64),                         -- eof: packets lost before they could be decoded
    gaps Nullable(Int64),                            -- eof: inputs that ended in the middle of a record
    parse Nullable(String),                          -- what was wrong with the message, a word each; absent when all is well
    headers Nullable(String),                        -- all headers as [name, value], order and duplicates kept
    msg Nullable(String),                            -- the payload as captured, where it is UTF-8 without NUL; else msg_b64
    extra Nullable(String)                           -- members that are no key of a record, as one JSON object
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(toDateTime(intDiv(micro_ts, 1000000), 'UTC'))
ORDER BY (intDiv(micro_ts, 60000000), callid, micro_ts, uid);
