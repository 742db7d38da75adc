-- A table of reports, RTCP or log lines as Kamailio's sipcapture module fills it: rtcp_capture,
-- report_capture and logs_capture have this one layout.  The same columns and indexes in the same order,
-- then hepcap's uid and msg_b64.
--
-- {table} stands for the table's name.  The length in varchar(N) is read back by hepcap-load, which cuts
-- longer values and counts them; msg has no limit (the module's has 1500).  Times are UTC.

CREATE TABLE "{table}" (
    id bigserial PRIMARY KEY,                                    -- number of the row, given by the database
    date timestamp NOT NULL DEFAULT '1970-01-01 00:00:00',       -- capture time, whole seconds, UTC
    micro_ts bigint NOT NULL DEFAULT 0,                          -- capture time, microseconds since 1970
    correlation_id varchar(256) NOT NULL DEFAULT '',             -- what joins it to its call: the call's Call-ID or correlation id
    source_ip varchar(60) NOT NULL DEFAULT '',                   -- innermost source address
    source_port integer NOT NULL DEFAULT 0,                      -- source port
    destination_ip varchar(60) NOT NULL DEFAULT '',              -- innermost destination address
    destination_port integer NOT NULL DEFAULT 0,                 -- destination port
    proto integer NOT NULL DEFAULT 0,                            -- 1 UDP, 2 TCP, 3 TLS, 4 SCTP, 5 WS, 6 WSS
    family integer DEFAULT NULL,                                 -- 2 IPv4, 10 IPv6
    type integer NOT NULL DEFAULT 0,                             -- 3 RTCP; 2 or 4 a report; 5 a log line
    node varchar(125) NOT NULL DEFAULT '',                       -- capture node, and the capture agent id behind a colon
    msg text NOT NULL DEFAULT '',                                -- the payload as captured; octets that are no UTF-8, and NUL, as U+FFFD
    uid varchar(16) DEFAULT NULL,                                -- 16 hex digits, the same for the same packet: makes loading again add nothing
    msg_b64 text DEFAULT NULL                                    -- the octets of msg in base64, where msg cannot hold them all
);

CREATE INDEX ON "{table}" (date);

CREATE INDEX ON "{table}" (correlation_id);

-- Made last: a table that has it has all the others.
CREATE UNIQUE INDEX ON "{table}" (uid);
