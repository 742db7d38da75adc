-- A table of SIP messages for databases behind ODBC, in types that most of them take: the columns of Kamailio's
-- sipcapture module (schema of Homer 5) in their order, without id, since each database numbers its rows in
-- another way; then hepcap's uid, and the octets of messages that are no text.
--
-- {table} stands for the table's name, and double quotes for whatever the database quotes names with.  Texts that
-- are longer than N of varchar(N) are cut and counted.  Times are UTC.

CREATE TABLE "{table}" (
    "date" timestamp NOT NULL,               -- capture time, whole seconds, UTC
    "micro_ts" bigint NOT NULL,              -- capture time, microseconds since 1970
    "method" varchar(50) NOT NULL,           -- method of a request; status code of a reply
    "reply_reason" varchar(100) NOT NULL,    -- reason phrase of a reply
    "ruri" varchar(1024) NOT NULL,           -- Request-URI
    "ruri_user" varchar(100) NOT NULL,       -- its user part; the number of a tel URI
    "ruri_domain" varchar(150) NOT NULL,     -- its host part
    "from_user" varchar(100) NOT NULL,       -- user part of the From URI
    "from_domain" varchar(150) NOT NULL,     -- host part of the From URI
    "from_tag" varchar(128) NOT NULL,        -- tag of From
    "to_user" varchar(100) NOT NULL,         -- user part of the To URI
    "to_domain" varchar(150) NOT NULL,       -- host part of the To URI
    "to_tag" varchar(128) NOT NULL,          -- tag of To
    "pid_user" varchar(100) NOT NULL,        -- user of P-Asserted-Identity, P-Preferred-Identity or Remote-Party-ID
    "contact_user" varchar(120) NOT NULL,    -- user part of the first Contact; * for a star
    "auth_user" varchar(120) NOT NULL,       -- digest user name, without scheme and realm
    "callid" varchar(256) NOT NULL,          -- Call-ID
    "callid_aleg" varchar(256) NOT NULL,     -- Call-ID of the other leg, from X-CID
    "via_1" varchar(1024) NOT NULL,          -- first Via header line
    "via_1_branch" varchar(256) NOT NULL,    -- branch of the first Via value
    "cseq" varchar(64) NOT NULL,             -- CSeq
    "diversion" varchar(256) NOT NULL,       -- first Diversion
    "reason" varchar(200) NOT NULL,          -- Reason header; the reason phrase is reply_reason
    "content_type" varchar(256) NOT NULL,    -- Content-Type
    "auth" varchar(256) NOT NULL,            -- always empty: the module never fills it
    "user_agent" varchar(256) NOT NULL,      -- User-Agent; Server is not stored
    "source_ip" varchar(60) NOT NULL,        -- innermost source address
    "source_port" integer NOT NULL,          -- source port
    "destination_ip" varchar(60) NOT NULL,   -- innermost destination address
    "destination_port" integer NOT NULL,     -- destination port
    "contact_ip" varchar(60) NOT NULL,       -- host part of the first Contact, may be a name
    "contact_port" integer NOT NULL,         -- its port, 0 if it has none
    "originator_ip" varchar(60) NOT NULL,    -- address in X-OIP
    "originator_port" integer NOT NULL,      -- port in X-OIP
    "correlation_id" varchar(256) NOT NULL,  -- correlation id that HEP brought, else the Call-ID
    "custom_field1" varchar(120) NOT NULL,   -- first header of the user's choice
    "custom_field2" varchar(120) NOT NULL,   -- second header of the user's choice
    "custom_field3" varchar(120) NOT NULL,   -- third header of the user's choice
    "proto" integer NOT NULL,                -- 1 UDP, 2 TCP, 3 TLS, 4 SCTP, 5 WS, 6 WSS
    "family" integer NOT NULL,               -- 2 IPv4, 10 IPv6
    "rtp_stat" varchar(256) NOT NULL,        -- statistics header of the phone
    "type" integer NOT NULL,                 -- 1 request, 2 reply
    "node" varchar(125) NOT NULL,            -- capture node, and the capture agent id behind a colon
    "msg" text NOT NULL,                     -- the message as captured; U+FFFD where that is no text, see msg_b64
    "uid" varchar(16),                       -- 16 hex digits, the same for the same packet: makes loading again add nothing
    "msg_b64" text                           -- the payload in base64, where it is no UTF-8 or holds a NUL
);

CREATE INDEX "{table}_ruri_user_idx" ON "{table}" ("ruri_user");

CREATE INDEX "{table}_from_user_idx" ON "{table}" ("from_user");

CREATE INDEX "{table}_to_user_idx" ON "{table}" ("to_user");

CREATE INDEX "{table}_pid_user_idx" ON "{table}" ("pid_user");

CREATE INDEX "{table}_auth_user_idx" ON "{table}" ("auth_user");

CREATE INDEX "{table}_callid_aleg_idx" ON "{table}" ("callid_aleg");

CREATE INDEX "{table}_date_idx" ON "{table}" ("date");

CREATE INDEX "{table}_callid_idx" ON "{table}" ("callid");

CREATE UNIQUE INDEX "{table}_uid_idx" ON "{table}" ("uid");
