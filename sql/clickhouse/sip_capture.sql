-- A table of SIP messages for ClickHouse: the columns of Kamailio's sipcapture module (schema of Homer 5) in
-- their order, without id, which the database cannot number; then hepcap's uid.
--
-- {table} stands for the table's name.  Texts have no limit and hold any octets.  Times are UTC, whatever the
-- zone of the server.  LowCardinality is String where the server is older than 19.1.
--
-- A part is a day, so that --retention drops whole parts.  Within it rows lie by minute and, in the minute, by
-- Call-ID: a search by time reads the minutes asked for, one by time and Call-ID a granule of each, and the
-- rows of a call compress each other.  ReplacingMergeTree merges rows of the same key, uid included, to one.

CREATE TABLE IF NOT EXISTS "{table}" (
    date DateTime('UTC'),                            -- capture time, whole seconds, UTC
    micro_ts Int64,                                  -- capture time, microseconds since 1970
    method LowCardinality(String),                   -- method of a request; status code of a reply
    reply_reason LowCardinality(String),             -- reason phrase of a reply
    ruri String,                                     -- Request-URI
    ruri_user String,                                -- its user part; the number of a tel URI
    ruri_domain LowCardinality(String),              -- its host part
    from_user String,                                -- user part of the From URI
    from_domain LowCardinality(String),              -- host part of the From URI
    from_tag String,                                 -- tag of From
    to_user String,                                  -- user part of the To URI
    to_domain LowCardinality(String),                -- host part of the To URI
    to_tag String,                                   -- tag of To
    pid_user String,                                 -- user of P-Asserted-Identity, P-Preferred-Identity or Remote-Party-ID
    contact_user String,                             -- user part of the first Contact; * for a star
    auth_user String,                                -- digest user name, without scheme and realm
    callid String,                                   -- Call-ID
    callid_aleg String,                              -- Call-ID of the other leg, from X-CID
    via_1 String,                                    -- first Via header line
    via_1_branch String,                             -- branch of the first Via value
    cseq String,                                     -- CSeq
    diversion String,                                -- first Diversion
    reason String,                                   -- Reason header; the reason phrase is reply_reason
    content_type LowCardinality(String),             -- Content-Type
    auth LowCardinality(String),                     -- always empty: the module never fills it
    user_agent LowCardinality(String),               -- User-Agent; Server is not stored
    source_ip LowCardinality(String),                -- innermost source address
    source_port Int32,                               -- source port
    destination_ip LowCardinality(String),           -- innermost destination address
    destination_port Int32,                          -- destination port
    contact_ip String,                               -- host part of the first Contact, may be a name
    contact_port Int32,                              -- its port, 0 if it has none
    originator_ip LowCardinality(String),            -- address in X-OIP
    originator_port Int32,                           -- port in X-OIP
    correlation_id String,                           -- correlation id that HEP brought, else the Call-ID
    custom_field1 String,                            -- first header of the user's choice
    custom_field2 String,                            -- second header of the user's choice
    custom_field3 String,                            -- third header of the user's choice
    proto UInt8,                                     -- 1 UDP, 2 TCP, 3 TLS, 4 SCTP, 5 WS, 6 WSS
    family UInt8,                                    -- 2 IPv4, 10 IPv6
    rtp_stat String,                                 -- statistics header of the phone
    type UInt8,                                      -- 1 request, 2 reply
    node LowCardinality(String),                     -- capture node, and the capture agent id behind a colon
    msg String,                                      -- the message as captured
    uid String                                       -- 16 hex digits, the same for the same packet: makes loading again add nothing
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(date)
ORDER BY (toStartOfMinute(date), callid, micro_ts, uid);
