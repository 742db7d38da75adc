#!/usr/bin/env python3
"""1,500 HEP datagrams against what Kamailio's sipcapture module stored of them: every cell of the record and of the
loaded table, and by hash the table in which each message lands.  The two intended differences stand in
testdata/README.md: the time of HEP version 1, and what an X-OIP header does to Kamailio's row."""
import collections
import json
import pathlib
import tempfile

from frames import packets
from pipeline import Report, TESTDATA, decode, escaped, load, payload, rows

PARITY = TESTDATA / "kamailio-parity"
NOT_IN_RECORD = {"date", "proto", "family", "type", "auth"}  # derived when loading
TABLES = "t_a|t_b|t_c"


def packet_times():
    """Microseconds of each packet of the capture, by packet number."""
    data = (PARITY / "hep.pcap").read_bytes()
    times, at = {}, 24
    for number, _, octets in packets(PARITY / "hep.pcap"):
        seconds, micros = (int.from_bytes(data[at + i:at + i + 4], "little") for i in (0, 4))
        times[number] = seconds * 1000000 + micros
        at += 16 + len(octets)
    return times


def corrected(row, times):
    """Kamailio's row without what its README calls not wanted."""
    row = dict(row)
    packet, row["hep_version"] = row.pop("packet"), row.pop("hep_version")
    if row["hep_version"] == 1:
        row["micro_ts"] = times[packet]
        row.pop("date")
    if "\0" in row["msg"] and "x-oip" in row["msg"].lower():
        at = row["msg"].index("\0", row["msg"].lower().index("x-oip"))
        row["msg"] = row["msg"][:at] + ":" + row["msg"][at + 1:]
    has_port = "\0" in row["originator_ip"]
    row["originator_port"] = row["originator_port"] if has_port else 0
    row["originator_ip"] = row["originator_ip"].split("\0")[0]
    return packet, row


def check_records(report, records, wanted):
    report.equal(len(records), len(wanted), "number of records")
    for record, (packet, row) in zip(records, wanted):
        report.equal(record.get("frame"), packet, f"record {packet} frame")
        for column, value in row.items():
            if column in NOT_IN_RECORD:
                continue
            if column == "msg":
                found, value = payload(record), value.encode()
            else:
                found = record.get(column, 0 if isinstance(value, int) else "")
                report.check(column not in record or record[column] not in ("", None) or value == 0,
                             f"record {packet} {column}: an empty value must be absent")
            report.equal(found, value, f"record {packet} {column}")


def check_table(report, database, wanted):
    stored = rows(database, "SELECT * FROM sip_capture ORDER BY id")
    report.equal(len(stored), len(wanted), "number of rows")
    for found, (packet, row) in zip(stored, wanted):
        for column, value in row.items():
            if column == "hep_version":
                continue
            value = value.encode() if isinstance(value, str) else value
            report.equal(found.get(column), value, f"row of packet {packet} {column}")


def check_hash(report, source, lines, work, wanted):
    database = work / f"{source}.db"
    ended = load("--db", f"sqlite:{database}", "--table", TABLES, "--mt-mode", "hash", "--hash-source", source, stdin=lines)
    report.equal((ended.status, ended.stderr), (0, ""), f"hash of {source}: status and stderr")
    found = collections.Counter()
    for name in TABLES.split("|"):
        found.update((name, row["callid"].decode()) for row in rows(database, f"SELECT callid FROM {name}"))

    def kamailio(of):
        text = (PARITY / f"tables.{of}.tsv").read_text(encoding="utf-8")
        return [tuple(line.split("\t")) for line in text.split("\n")[1:-1]]

    expected = collections.Counter(kamailio(source))
    if source != "call_id":  # where the field is empty Kamailio stores nothing, hepcap goes by the Call-ID
        table_of = {callid: name for name, callid in kamailio("call_id")}
        expected.update((table_of[row["callid"]], row["callid"]) for _, row in wanted if not row[source])
    report.equal(sum(found.values()), len(wanted), f"hash of {source}: rows in all tables")
    for key in sorted(set(found) | set(expected)):
        report.equal(found[key], expected[key], f"hash of {source}: rows of {escaped(key[1])} in {key[0]}")


def main():
    report, times = Report(), packet_times()
    text = (PARITY / "rows.ndjson").read_text(encoding="utf-8")
    wanted = [corrected(json.loads(line), times) for line in text.split("\n") if line]
    ended = decode("-r", PARITY / "hep.pcap")
    report.equal((ended.status, ended.stderr), (0, ""), "hepcap-decode: status and stderr")
    check_records(report, ended.records(), wanted)
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        for attempt in ("first", "second"):  # loading again adds nothing
            loaded = load("--db", f"sqlite:{work}/parity.db", stdin=ended.stdout)
            report.equal((loaded.status, loaded.stderr), (0, ""), f"hepcap-load, {attempt} time: status and stderr")
            check_table(report, work / "parity.db", wanted)
        for source in ("call_id", "from_user", "to_user"):
            check_hash(report, source, ended.stdout, work, wanted)
    report.finish()


if __name__ == "__main__":
    main()
