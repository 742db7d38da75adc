#!/usr/bin/env python3
"""What hepcap-load puts into ClickHouse of 1,500 HEP datagrams: every cell as Kamailio's sipcapture module stored it,
by hash in the same tables; loading again adds nothing, in every insert mode; reports and the schema record."""
import collections
import json
import pathlib
import tempfile

import clickhouse
import test_parity_kamailio as parity
from pipeline import Report, TESTDATA, decode, load, skip


def check_cells(report, server, wanted):
    stored = server.rows("sip_capture")
    report.equal(len(stored), len(wanted), "number of rows")
    for found, (packet, row) in zip(stored, sorted(wanted, key=lambda w: w[1]["micro_ts"])):
        for column, value in row.items():
            if column in ("hep_version", "id"):
                continue
            value = value.encode() if isinstance(value, str) and column != "date" else value
            report.equal(found.get(column), value, f"row of packet {packet} {column}")


def check_hash(report, server, source, lines, wanted):
    names = [f"{source}_{name}" for name in "abc"]
    ended = load("--db", server.url(), "--table", "|".join(names), "--mt-mode", "hash", "--hash-source", source, stdin=lines)
    report.equal((ended.status, ended.stderr), (0, ""), f"hash of {source}: status and stderr")
    found = collections.Counter()
    for name in names:
        found.update(("t" + name[-2:], row["callid"].decode()) for row in server.rows(name))

    def kamailio(of):
        text = (parity.PARITY / f"tables.{of}.tsv").read_text(encoding="utf-8")
        return [tuple(line.split("\t")) for line in text.split("\n")[1:-1]]

    expected = collections.Counter(kamailio(source))
    if source != "call_id":
        table_of = {callid: name for name, callid in kamailio("call_id")}
        expected.update((table_of[row["callid"]], row["callid"]) for _, row in wanted if not row[source])
    report.equal(found, expected, f"hash of {source}: tables of the Call-IDs")


def check_turns(report, server, lines):
    """A table each in turn: the second time every row has another turn, and still is found."""
    for attempt in ("first", "second"):
        ended = load("--db", server.url(), "--table", "r_a|r_b|r_c", "--mt-mode", "round_robin", "-v",
                     stdin=lines if attempt == "first" else b"".join(lines.splitlines(True)[1:]))
        report.equal(ended.status, 0, f"round_robin, {attempt} time: status ({ended.stderr})")
    report.equal(server.number("SELECT sum(n) FROM (SELECT count() AS n FROM r_a UNION ALL SELECT count() FROM r_b "
                               "UNION ALL SELECT count() FROM r_c)"), 1500, "round_robin: rows after the second time")


def check_record(report, server, records):
    lines = b"".join(json.dumps(r).encode() + b"\n" for r in records)
    for mode in ("sync", "async"):
        ended = load("--db", server.url(), "--schema", "record", "--insert-mode", mode, "--batch", "300", stdin=lines)
        report.equal((ended.status, ended.stderr), (0, ""), f"schema record, {mode}: status and stderr")
    stored = {row["uid"].decode(): row for row in server.rows("record")}
    report.equal(server.number("SELECT count() FROM record"), len(records), "schema record: rows")
    for record in records:
        row = stored.get(record["uid"], {})
        for key, value in record.items():
            if key in ("msg", "msg_b64", "extra"):
                continue
            found = row.get(key)
            if isinstance(value, (list, dict)):
                found = json.loads(found or b"null")
            value = value.encode() if isinstance(value, str) else int(value) if isinstance(value, bool) else value
            report.equal(found, value, f"record {record['uid']} {key}")
        absent = [key for key in row if key not in record and row[key] is not None and key not in ("callid", "msg", "extra")]
        report.equal(absent, [], f"record {record['uid']}: columns that are not NULL")


def main():
    if clickhouse.missing():
        skip(clickhouse.missing())
    report, times = Report(), parity.packet_times()
    text = (parity.PARITY / "rows.ndjson").read_text(encoding="utf-8")
    wanted = [parity.corrected(json.loads(line), times) for line in text.split("\n") if line]
    decoded = decode("-r", parity.PARITY / "hep.pcap")
    with tempfile.TemporaryDirectory() as directory, clickhouse.ClickHouse(pathlib.Path(directory)) as server:
        for mode in ("sync", "async", "delayed"):  # the second and third time add nothing
            ended = load("--db", server.url(), "--insert-mode", mode, "--batch", "400", "-v", stdin=decoded.stdout)
            report.equal(ended.status, 0, f"{mode}: status ({ended.stderr})")
            counted = "1500 rows inserted, 0 already there" if mode == "sync" else "0 rows inserted, 1500 already there"
            report.check(counted in ended.stderr, f"{mode}: {ended.stderr!r} does not say '{counted}'")
            report.equal("has no delayed inserts" in ended.stderr, mode == "delayed", f"{mode}: the warning")
            check_cells(report, server, wanted)
        for source in ("call_id", "from_user", "to_user"):
            check_hash(report, server, source, decoded.stdout, wanted)
        check_turns(report, server, decoded.stdout)
        reports = decode("-r", TESTDATA / "recorded" / "hep3-rtpengine-rtcp.pcap")
        for _ in range(2):
            ended = load("--db", server.url(), stdin=reports.stdout)
            report.equal((ended.status, ended.stderr), (0, ""), "reports: status and stderr")
        kinds = collections.Counter(r["kind"] for r in reports.records())
        report.equal(server.number("SELECT count() FROM rtcp_capture"), kinds["rtcp"], "rows of rtcp_capture")
        check_record(report, server, reports.records() + decoded.records()[:500])
    report.finish()


if __name__ == "__main__":
    main()
