-- The indexes of a partition of the table of ISUP, named as heplify-server names them.  {table}
-- stands for the partition's name.

CREATE INDEX IF NOT EXISTS "{table}_create_date" ON "{table}" (create_date);

CREATE INDEX IF NOT EXISTS "{table}_sid" ON "{table}" (sid);

CREATE INDEX IF NOT EXISTS "{table}_correlation_id" ON "{table}" ((protocol_header->>'correlation_id'));

CREATE INDEX IF NOT EXISTS "{table}_called_number" ON "{table}" ((data_header->>'called_number'));

CREATE INDEX IF NOT EXISTS "{table}_calling_number" ON "{table}" ((data_header->>'calling_number'));

CREATE INDEX IF NOT EXISTS "{table}_opc" ON "{table}" ((data_header->>'opc'));

CREATE INDEX IF NOT EXISTS "{table}_dpc" ON "{table}" ((data_header->>'dpc'));

CREATE INDEX IF NOT EXISTS "{table}_cic" ON "{table}" ((data_header->>'cic'));

CREATE INDEX IF NOT EXISTS "{table}_msg_name" ON "{table}" ((data_header->>'msg_name'));

CREATE INDEX IF NOT EXISTS "{table}_callid" ON "{table}" ((data_header->>'callid'));
