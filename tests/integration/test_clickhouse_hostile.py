#!/usr/bin/env python3
"""Texts that try to be SQL, escapes or another column, and payloads of any octets, stand in ClickHouse as they came;
times of any year and numbers of any size cost no row, and what is changed of them is counted."""
import pathlib
import tempfile

import clickhouse
import hostile_rows
from pipeline import Report, load, skip


def check_texts(report, server):
    wanted = list(hostile_rows.records())
    for attempt in ("first", "second"):
        ended = load("--db", server.url(), "-v", stdin=hostile_rows.lines(wanted))
        counted = f"{len(wanted)} rows inserted" if attempt == "first" else f"0 rows inserted, {len(wanted)} already there"
        report.check(ended.status == 0 and counted in ended.stderr, f"{attempt} time: {ended.status} {ended.stderr}")
        stored = {row["uid"].decode(): row for row in server.rows("sip_capture")}
        report.equal(len(stored), len(wanted), f"{attempt} time: rows")
        for record in wanted:
            row = stored.get(record["uid"], {})
            for key in hostile_rows.KEYS:
                text = record.get(key) or (record["callid"] if key == "correlation_id" else "")
                report.equal(row.get(key), text.encode(), f"row {record['uid']} {key}")
            report.equal(row.get("msg"), hostile_rows.payload(record), f"row {record['uid']} msg")
    ended = load("--db", server.url(), "--schema", "record", stdin=hostile_rows.lines(wanted))
    report.equal((ended.status, ended.stderr), (0, ""), "schema record")
    report.equal(server.number("SELECT count() FROM record"), len(wanted), "schema record: rows")


def check_foreign(report, server):
    """A table without uid: rows are found by all that tells them apart, whatever octets it holds."""
    server.ask("CREATE TABLE foreign (micro_ts Int64, callid String, source_ip LowCardinality(String), source_port UInt16,"
               " msg Nullable(String), method FixedString(4), contact_port String) ENGINE = MergeTree ORDER BY micro_ts"
               if server.number("SELECT count() FROM system.settings WHERE name = 'allow_experimental_low_cardinality_type'"
                                " AND value != '0'") else
               "CREATE TABLE foreign (micro_ts Int64, callid String, source_ip String, source_port UInt16,"
               " msg Nullable(String), method FixedString(4), contact_port String) ENGINE = MergeTree ORDER BY micro_ts")
    wanted = list(hostile_rows.records())
    ended = load("--db", server.url(), "--table", "foreign", "-v", stdin=hostile_rows.lines(wanted))
    report.check(ended.status == 0 and f"{len(wanted)} rows inserted" in ended.stderr, f"foreign: {ended.stderr}")
    report.check("values cut to the width of their column" in ended.stderr and "method" in ended.stderr,
                 f"foreign: {ended.stderr!r} does not count what was cut")
    again = load("--db", server.url(), "--table", "foreign", "-v", stdin=hostile_rows.lines(wanted))
    report.check(f"0 rows inserted, {len(wanted)} already there" in again.stderr, f"foreign, again: {again.stderr}")
    stored = {row["micro_ts"]: row for row in server.rows("foreign")}
    for record in wanted:
        row = stored[record["micro_ts"]]
        report.equal(row["msg"], hostile_rows.payload(record), f"foreign row {record['uid']} msg")
        method = record.get("method", "").encode()[:4]
        report.equal(row["method"], method + bytes(4 - len(method)), f"foreign row {record['uid']} method")


def check_numbers(report, server):
    base = {"v": 1, "kind": "sip", "msg": "m"}
    records = [{**base, "uid": f"{i:016x}", "micro_ts": t, "source_port": p, "contact_port": p}
               for i, (t, p) in enumerate([(0, 0), (-1, -1), (9223372036854775807, 9223372036854775807), (253402300800000000, 70000),
                                           (4294967295000000, 2147483647), (4294967296000000, 2147483648)])]
    records += [{**base, "uid": f"{i:016x}", "micro_ts": i * 86400000000} for i in range(100, 202)]  # a day each, more than newer servers take at once by themselves
    for attempt in ("first", "second"):
        ended = load("--db", server.url(), "--table", "numbers_1", "-v", stdin=hostile_rows.lines(records))
        report.equal(ended.status, 0, f"numbers: {ended.stderr}")
        counted = f"{len(records)} rows inserted" if attempt == "first" else f"{len(records)} already there"
        report.check(counted in ended.stderr, f"numbers: {ended.stderr!r} does not say '{counted}'")
        report.check("2 contact_port" in ended.stderr and "date" in ended.stderr, f"numbers: {ended.stderr!r} counts nothing")
    rows = {row["uid"].decode(): row for row in server.rows("numbers_1")}
    report.equal([rows[f"{i:016x}"]["contact_port"] for i in range(6)],
                 [0, -1, 2147483647, 70000, 2147483647, 2147483647], "contact_port")
    report.equal([rows[f"{i:016x}"]["micro_ts"] for i in range(6)], [r["micro_ts"] for r in records[:6]], "micro_ts")
    report.equal(server.number("SELECT toUInt32(max(date)) FROM numbers_1"), 0xFFFFFFFF, "the last date")


def main():
    if clickhouse.missing():
        skip(clickhouse.missing())
    report = Report()
    with tempfile.TemporaryDirectory() as directory, clickhouse.ClickHouse(pathlib.Path(directory)) as server:
        check_texts(report, server)
        check_foreign(report, server)
        check_numbers(report, server)
    report.finish()


if __name__ == "__main__":
    main()
