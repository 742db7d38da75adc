-- The inputs whose records are all stored.  {table} stands for the table's name, which is hepcap_ledger.

CREATE TABLE IF NOT EXISTS "{table}" (
    input String,                                    -- what tells the input, a hash of its octets
    finished DateTime('UTC')                         -- when its last row was stored, UTC
)
ENGINE = ReplacingMergeTree
ORDER BY input;
