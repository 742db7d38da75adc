#!/usr/bin/env python3
"""1,500 HEP datagrams against what Kamailio's sipcapture module stored of them, in PostgreSQL: every cell of the loaded
table, and by hash the table in which each message lands.  What a text of PostgreSQL cannot hold stands as U+FFFD, and
the octets of msg in msg_b64."""
import base64
import collections
import json

from pipeline import Report, decode, load
from postgres import Postgres
from test_parity_kamailio import PARITY, TABLES, corrected, packet_times


def storable(value):
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def check_table(report, server, wanted):
    stored = server.rows("SELECT *, to_char(date, 'YYYY-MM-DD HH24:MI:SS') AS date_text FROM sip_capture ORDER BY id")
    report.equal(len(stored), len(wanted), "number of rows")
    for found, (packet, row) in zip(stored, wanted):
        for column, value in row.items():
            if column == "hep_version":
                continue
            report.equal(found.get("date_text" if column == "date" else column), storable(value), f"row of packet {packet} {column}")
        octets = found["msg_b64"] and base64.b64decode(found["msg_b64"])
        report.equal(octets, row["msg"].encode() if "\0" in row["msg"] else None, f"row of packet {packet}: msg_b64")


def check_hash(report, server, source, lines, wanted):
    names = [f"{source}_{name}" for name in TABLES.split("|")]
    ended = load("--db", server.url(), "--table", "|".join(names), "--mt-mode", "hash", "--hash-source", source, stdin=lines)
    report.equal(ended.status, 0, f"hash of {source}: status, {ended.stderr}")
    found = collections.Counter()
    for name in names:
        found.update((name[len(source) + 1:], row["callid"]) for row in server.rows(f"SELECT callid FROM {name}"))

    def kamailio(of):
        text = (PARITY / f"tables.{of}.tsv").read_text(encoding="utf-8")
        return [(name, storable(callid)) for name, callid in (line.split("\t") for line in text.split("\n")[1:-1])]

    expected = collections.Counter(kamailio(source))
    if source != "call_id":  # where the field is empty Kamailio stores nothing, hepcap goes by the Call-ID
        table_of = {callid: name for name, callid in kamailio("call_id")}
        expected.update((table_of[storable(row["callid"])], storable(row["callid"])) for _, row in wanted if not row[source])
    report.equal(sum(found.values()), len(wanted), f"hash of {source}: rows in all tables")
    report.equal(found - expected, collections.Counter(), f"hash of {source}: rows that Kamailio has elsewhere")


def main():
    report, times = Report(), packet_times()
    text = (PARITY / "rows.ndjson").read_text(encoding="utf-8")
    wanted = [corrected(json.loads(line), times) for line in text.split("\n") if line]
    lines = decode("-r", PARITY / "hep.pcap").stdout
    with Postgres() as server:
        for attempt, added in (("first", len(wanted)), ("second", 0)):  # loading again adds nothing
            loaded = load("-v", "--db", server.url(), stdin=lines)
            report.equal(loaded.status, 0, f"hepcap-load, {attempt} time: status, {loaded.stderr}")
            report.check(f"{added} rows inserted, {len(wanted) - added} already there" in loaded.stderr,
                         f"hepcap-load, {attempt} time: {loaded.stderr}")
            check_table(report, server, wanted)
        for source in ("call_id", "from_user", "to_user"):
            check_hash(report, server, source, lines, wanted)
    report.finish()


if __name__ == "__main__":
    main()
