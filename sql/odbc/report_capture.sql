-- A table of reports, RTCP or log lines for databases behind ODBC: rtcp_capture, report_capture and logs_capture
-- have this one layout, that of Kamailio's sipcapture module without id; then hepcap's uid, and the octets of
-- payloads that are no text.
--
-- {table} stands for the table's name, and double quotes for whatever the database quotes names with.  Texts that
-- are longer than N of varchar(N) are cut and counted.  Times are UTC.

CREATE TABLE "{table}" (
    "date" timestamp NOT NULL,               -- capture time, whole seconds, UTC
    "micro_ts" bigint NOT NULL,              -- capture time, microseconds since 1970
    "correlation_id" varchar(256) NOT NULL,  -- what joins it to its call: the call's Call-ID or correlation id
    "source_ip" varchar(60) NOT NULL,        -- innermost source address
    "source_port" integer NOT NULL,          -- source port
    "destination_ip" varchar(60) NOT NULL,   -- innermost destination address
    "destination_port" integer NOT NULL,     -- destination port
    "proto" integer NOT NULL,                -- 1 UDP, 2 TCP, 3 TLS, 4 SCTP, 5 WS, 6 WSS
    "family" integer NOT NULL,               -- 2 IPv4, 10 IPv6
    "type" integer NOT NULL,                 -- 3 RTCP; 2 or 4 a report; 5 a log line
    "node" varchar(125) NOT NULL,            -- capture node, and the capture agent id behind a colon
    "msg" text NOT NULL,                     -- the payload as captured; U+FFFD where that is no text, see msg_b64
    "uid" varchar(16),                       -- 16 hex digits, the same for the same packet: makes loading again add nothing
    "msg_b64" text                           -- the payload in base64, where it is no UTF-8 or holds a NUL
);

CREATE INDEX "{table}_date_idx" ON "{table}" ("date");

CREATE INDEX "{table}_correlation_id_idx" ON "{table}" ("correlation_id");

CREATE UNIQUE INDEX "{table}_uid_idx" ON "{table}" ("uid");
