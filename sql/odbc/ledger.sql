-- The inputs whose records are all stored.  {table} stands for the table's name, which is hepcap_ledger.

CREATE TABLE "{table}" (
    "input" varchar(64) NOT NULL,            -- hash of the input
    "finished" timestamp NOT NULL            -- when its last row was stored, UTC
);

CREATE UNIQUE INDEX "{table}_input_idx" ON "{table}" ("input");
