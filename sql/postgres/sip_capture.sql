-- A table of SIP messages as Kamailio's sipcapture module fills it (the schema of Homer 5): the same
-- columns, meanings and single-column indexes in the same order, then hepcap's uid and msg_b64.
--
-- {table} stands for the table's name.  PostgreSQL names the indexes itself, as in sip_capture_callid_idx.
-- The length in varchar(N) is read back by hepcap-load, which cuts longer values and counts them.  Wider than the
-- module's, because real traffic is: ruri 1024 (200), from_tag and to_tag 128 (64), callid and
-- callid_aleg 256 (120), via_1 1024 (256), via_1_branch 256 (80), cseq 64 (25); msg has no limit (1500).
-- Times are UTC; the module writes the server's local time to date.

CREATE TABLE "{table}" (
    id bigserial PRIMARY KEY,                                    -- number of the row, given by the database
    date timestamp NOT NULL DEFAULT '1970-01-01 00:00:00',       -- capture time, whole seconds, UTC
    micro_ts bigint NOT NULL DEFAULT 0,                          -- capture time, microseconds since 1970
    method varchar(50) NOT NULL DEFAULT '',                      -- method of a request; status code of a reply
    reply_reason varchar(100) NOT NULL DEFAULT '',               -- reason phrase of a reply
    ruri varchar(1024) NOT NULL DEFAULT '',                      -- Request-URI
    ruri_user varchar(100) NOT NULL DEFAULT '',                  -- its user part; the number of a tel URI
    ruri_domain varchar(150) NOT NULL DEFAULT '',                -- its host part
    from_user varchar(100) NOT NULL DEFAULT '',                  -- user part of the From URI
    from_domain varchar(150) NOT NULL DEFAULT '',                -- host part of the From URI
    from_tag varchar(128) NOT NULL DEFAULT '',                   -- tag of From
    to_user varchar(100) NOT NULL DEFAULT '',                    -- user part of the To URI
    to_domain varchar(150) NOT NULL DEFAULT '',                  -- host part of the To URI
    to_tag varchar(128) NOT NULL DEFAULT '',                     -- tag of To
    pid_user varchar(100) NOT NULL DEFAULT '',                   -- user of P-Asserted-Identity, P-Preferred-Identity or Remote-Party-ID
    contact_user varchar(120) NOT NULL DEFAULT '',               -- user part of the first Contact; * for a star
    auth_user varchar(120) NOT NULL DEFAULT '',                  -- digest user name, without scheme and realm
    callid varchar(256) NOT NULL DEFAULT '',                     -- Call-ID
    callid_aleg varchar(256) NOT NULL DEFAULT '',                -- Call-ID of the other leg, from X-CID
    via_1 varchar(1024) NOT NULL DEFAULT '',                     -- first Via header line
    via_1_branch varchar(256) NOT NULL DEFAULT '',               -- branch of the first Via value
    cseq varchar(64) NOT NULL DEFAULT '',                        -- CSeq
    diversion varchar(256) NOT NULL DEFAULT '',                  -- first Diversion
    reason varchar(200) NOT NULL DEFAULT '',                     -- Reason header; the reason phrase is reply_reason
    content_type varchar(256) NOT NULL DEFAULT '',               -- Content-Type
    auth varchar(256) NOT NULL DEFAULT '',                       -- always empty: the module never fills it
    user_agent varchar(256) NOT NULL DEFAULT '',                 -- User-Agent; Server is not stored
    source_ip varchar(60) NOT NULL DEFAULT '',                   -- innermost source address
    source_port integer NOT NULL DEFAULT 0,                      -- source port
    destination_ip varchar(60) NOT NULL DEFAULT '',              -- innermost destination address
    destination_port integer NOT NULL DEFAULT 0,                 -- destination port
    contact_ip varchar(60) NOT NULL DEFAULT '',                  -- host part of the first Contact, may be a name
    contact_port integer NOT NULL DEFAULT 0,                     -- its port, 0 if it has none
    originator_ip varchar(60) NOT NULL DEFAULT '',               -- address in X-OIP
    originator_port integer NOT NULL DEFAULT 0,                  -- port in X-OIP
    correlation_id varchar(256) NOT NULL DEFAULT '',             -- correlation id that HEP brought, else the Call-ID
    custom_field1 varchar(120) NOT NULL DEFAULT '',              -- first header of the user's choice
    custom_field2 varchar(120) NOT NULL DEFAULT '',              -- second header of the user's choice
    custom_field3 varchar(120) NOT NULL DEFAULT '',              -- third header of the user's choice
    proto integer NOT NULL DEFAULT 0,                            -- 1 UDP, 2 TCP, 3 TLS, 4 SCTP, 5 WS, 6 WSS
    family integer DEFAULT NULL,                                 -- 2 IPv4, 10 IPv6
    rtp_stat varchar(256) NOT NULL DEFAULT '',                   -- statistics header of the phone
    type integer NOT NULL DEFAULT 0,                             -- 1 request, 2 reply
    node varchar(125) NOT NULL DEFAULT '',                       -- capture node, and the capture agent id behind a colon
    msg text NOT NULL DEFAULT '',                                -- the message as captured; octets that are no UTF-8, and NUL, as U+FFFD
    uid varchar(16) DEFAULT NULL,                                -- 16 hex digits, the same for the same packet: makes loading again add nothing
    msg_b64 text DEFAULT NULL                                    -- the octets of msg in base64, where msg cannot hold them all
);

CREATE INDEX ON "{table}" (ruri_user);

CREATE INDEX ON "{table}" (from_user);

CREATE INDEX ON "{table}" (to_user);

CREATE INDEX ON "{table}" (pid_user);

CREATE INDEX ON "{table}" (auth_user);

CREATE INDEX ON "{table}" (callid_aleg);

CREATE INDEX ON "{table}" (date);

CREATE INDEX ON "{table}" (callid);

-- Made last: a table that has it has all the others.
CREATE UNIQUE INDEX ON "{table}" (uid);
