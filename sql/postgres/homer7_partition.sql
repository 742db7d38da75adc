-- The indexes of a partition of a table of reports, RTCP, DNS or logs, named as heplify-server names them.  {table}
-- stands for the partition's name.

CREATE INDEX IF NOT EXISTS "{table}_create_date" ON "{table}" (create_date);

CREATE INDEX IF NOT EXISTS "{table}_sid" ON "{table}" (sid);

CREATE INDEX IF NOT EXISTS "{table}_srcip" ON "{table}" ((protocol_header->>'srcIp'));

CREATE INDEX IF NOT EXISTS "{table}_dstip" ON "{table}" ((protocol_header->>'dstIp'));

CREATE INDEX IF NOT EXISTS "{table}_correlation_id" ON "{table}" ((protocol_header->>'correlation_id'));
