-- A table of Homer 7 as heplify-server makes it and homer-app reads it, one for each kind of traffic
-- (hep_proto_1_call and so on); then hepcap's uid and msg_b64.  Rows lie in partitions by create_date, which
-- hepcap-load makes as they are needed, with the indexes of the files homer7_partition*.sql.
--
-- {table} stands for the table's name.  The strings in the two headers are cut to 512 characters and counted:
-- they are indexed, and an index takes no value of any length.

CREATE TABLE "{table}" (
    id bigserial NOT NULL,                                       -- number of the row, over all partitions
    sid varchar NOT NULL,                                        -- Call-ID; of other traffic what joins it to its call
    create_date timestamptz NOT NULL DEFAULT now(),              -- capture time, microseconds
    protocol_header jsonb NOT NULL,                              -- addresses, ports, time, type of payload
    data_header jsonb NOT NULL,                                  -- header fields of SIP, all as strings
    raw varchar NOT NULL,                                        -- the payload as captured; octets that are no UTF-8, and NUL, as U+FFFD
    uid varchar(16) DEFAULT NULL,                                -- 16 hex digits, the same for the same packet: makes loading again add nothing
    msg_b64 text DEFAULT NULL                                    -- the octets of raw in base64, where raw cannot hold them all
) PARTITION BY RANGE (create_date);

-- Each partition has its part of it, those that others make as well.
CREATE UNIQUE INDEX ON "{table}" (uid, create_date);
