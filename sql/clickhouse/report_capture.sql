-- A table of reports, RTCP or log lines for ClickHouse: rtcp_capture, report_capture and logs_capture have this
-- one layout, that of Kamailio's sipcapture module without id; then hepcap's uid.
--
-- {table} stands for the table's name.  sip_capture.sql tells of types, parts and order.

CREATE TABLE IF NOT EXISTS "{table}" (
    date DateTime('UTC'),                            -- capture time, whole seconds, UTC
    micro_ts Int64,                                  -- capture time, microseconds since 1970
    correlation_id String,                           -- what joins it to its call: the call's Call-ID or correlation id
    source_ip LowCardinality(String),                -- innermost source address
    source_port Int32,                               -- source port
    destination_ip LowCardinality(String),           -- innermost destination address
    destination_port Int32,                          -- destination port
    proto UInt8,                                     -- 1 UDP, 2 TCP, 3 TLS, 4 SCTP, 5 WS, 6 WSS
    family UInt8,                                    -- 2 IPv4, 10 IPv6
    type UInt8,                                      -- 3 RTCP; 2 or 4 a report; 5 a log line
    node LowCardinality(String),                     -- capture node, and the capture agent id behind a colon
    msg String,                                      -- the payload as captured
    uid String                                       -- 16 hex digits, the same for the same packet: makes loading again add nothing
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(date)
ORDER BY (toStartOfMinute(date), correlation_id, micro_ts, uid);
