-- A table of reports, RTCP or log lines as Kamailio's sipcapture module fills it: rtcp_capture,
-- report_capture and logs_capture have this one layout.  The same columns and indexes in the same order,
-- then hepcap's uid and msg_b64.
--
-- {table} stands for the table's name, in double quotes: the session is in the mode ANSI_QUOTES.  hepcap-load makes
-- the table with its key and the unique index over uid, and the other indexes when the load pauses or ends.
-- Times are UTC.  msg holds 16 MB (the module's 1500 characters), in utf8mb4 (the module's utf8).

CREATE TABLE IF NOT EXISTS "{table}" (
    id bigint unsigned NOT NULL AUTO_INCREMENT,                    -- number of the row, given by the database
    date timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,             -- capture time, whole seconds, UTC
    micro_ts bigint NOT NULL DEFAULT 0,                            -- capture time, microseconds since 1970
    correlation_id varchar(256) NOT NULL DEFAULT '',               -- what joins it to its call: the call's Call-ID or correlation id
    source_ip varchar(60) NOT NULL DEFAULT '',                     -- innermost source address
    source_port int NOT NULL DEFAULT 0,                            -- source port
    destination_ip varchar(60) NOT NULL DEFAULT '',                -- innermost destination address
    destination_port int NOT NULL DEFAULT 0,                       -- destination port
    proto int NOT NULL DEFAULT 0,                                  -- 1 UDP, 2 TCP, 3 TLS, 4 SCTP, 5 WS, 6 WSS
    family int DEFAULT NULL,                                       -- 2 IPv4, 10 IPv6
    type int NOT NULL DEFAULT 0,                                   -- 3 RTCP; 2 or 4 a report; 5 a log line
    node varchar(125) NOT NULL DEFAULT '',                         -- capture node, and the capture agent id behind a colon
    msg mediumtext NOT NULL,                                       -- the payload as captured; with U+FFFD for each octet that is no UTF-8, or NUL
    uid varchar(16) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL, -- 16 hex digits, the same for the same packet: makes loading again add nothing
    msg_b64 mediumtext CHARACTER SET ascii DEFAULT NULL,           -- the payload's exact octets in base64, where msg cannot hold them
    PRIMARY KEY (id, date),
    UNIQUE KEY uid (uid)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE INDEX "date" ON "{table}" (date);

CREATE INDEX "correlation_id" ON "{table}" (correlation_id);
