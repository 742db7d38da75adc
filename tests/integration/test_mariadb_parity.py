#!/usr/bin/env python3
"""1,500 HEP datagrams in MariaDB against what Kamailio's sipcapture module stored of them: every cell, whether the server
was spoken to in bulk, row by row or by a thread of its own, and by hash the table of each message; loading again adds
nothing, in hepcap's own tables and in one of Kamailio's making."""
import json
import tempfile

import mariadb
from mariadb import Mariadb
from pipeline import Report, decode, load
from test_parity_kamailio import PARITY, TABLES, corrected, packet_times

mariadb.require()
# Kamailio's table of the time, without uid; the widths of msg and callid are those that parity needs.
MODULE_TABLE = "CREATE TABLE kamailio_like LIKE sip_capture; ALTER TABLE kamailio_like DROP COLUMN uid, DROP COLUMN msg_b64;"


def stored(server, table, names):
    columns = ", ".join(f"`{name}`" for name in names)
    return [dict(zip(names, row)) for row in server.rows(f"SELECT {columns} FROM {table} ORDER BY id")]


def as_text(value):
    """A value as it stands in the table: a NUL cannot, and has U+FFFD in its place."""
    return str(value).replace("\0", "\N{REPLACEMENT CHARACTER}")


def check_table(report, server, table, wanted):
    names = [name for name in wanted[0][1] if name != "hep_version"]
    found = stored(server, table, names + ["date"] if "date" not in names else names)
    report.equal(len(found), len(wanted), f"{table}: number of rows")
    for row, (packet, kamailio) in zip(found, wanted):
        for column, value in kamailio.items():
            if column != "hep_version":
                report.equal(row[column], as_text(value), f"{table}: row of packet {packet} {column}")


def check_exact(report, server, records):
    """What msg cannot hold stands in msg_b64, and only that."""
    rows = dict(server.rows("SELECT uid, replace(msg_b64, '\\n', '') FROM sip_capture WHERE msg_b64 IS NOT NULL"))
    wanted = {}
    for record in records:
        if "msg_b64" in record:
            wanted[record["uid"]] = record["msg_b64"]
    report.equal(rows, wanted, "msg_b64")


def check_hash(report, server, source, lines, wanted):
    prefix = {name: f"{source}_{name}" for name in TABLES.split("|")}
    ended = load("--db", server.url(), "--table", "|".join(prefix.values()), "--mt-mode", "hash", "--hash-source", source,
                 stdin=lines)
    report.equal(ended.status, 0, f"hash of {source}: status")
    found = sorted((name, row[0]) for name in prefix for row in server.rows(f"SELECT callid FROM {prefix[name]}"))

    def kamailio(of):
        text = (PARITY / f"tables.{of}.tsv").read_text(encoding="utf-8")
        return [tuple(line.split("\t")) for line in text.split("\n")[1:-1]]

    expected = kamailio(source)
    if source != "call_id":  # where the field is empty Kamailio stores nothing, hepcap goes by the Call-ID
        table_of = {callid: name for name, callid in kamailio("call_id")}
        expected += [(table_of[row["callid"]], row["callid"]) for _, row in wanted if not row[source]]
    report.equal(found, sorted((name, as_text(callid)) for name, callid in expected), f"hash of {source}")


def main():
    report, times = Report(), packet_times()
    text = (PARITY / "rows.ndjson").read_text(encoding="utf-8")
    wanted = [corrected(json.loads(line), times) for line in text.split("\n") if line]
    decoded = decode("-r", PARITY / "hep.pcap")
    with tempfile.TemporaryDirectory(prefix="hepcap-maria-") as directory, Mariadb(directory) as server:
        server.make_database()
        ways = {"sip_capture": (), "by_rows": ("&bulk=off",), "by_thread": ("", "--insert-mode", "async")}
        for table, (parameters, *options) in {name: way or ("",) for name, way in ways.items()}.items():
            for attempt, inserted in (("first", len(wanted)), ("second", 0)):
                loaded = load("-v", "--db", server.url(parameters=parameters), "--table", table, *options, stdin=decoded.stdout)
                report.equal(loaded.status, 0, f"{table}, {attempt} time: status; {loaded.stderr}")
                report.check(f" {inserted} rows inserted, {len(wanted) - inserted} already" in loaded.stderr,
                             f"{table}, {attempt} time: {loaded.stderr}")
            check_table(report, server, table, wanted)
        check_exact(report, server, decoded.records())
        server.execute(MODULE_TABLE, "capture")
        for inserted in (len(wanted), 0):
            loaded = load("-v", "--db", server.url(), "--table", "kamailio_like", stdin=decoded.stdout)
            report.check(loaded.status == 0 and f" {inserted} rows inserted" in loaded.stderr, f"kamailio_like: {loaded.stderr}")
        check_table(report, server, "kamailio_like", wanted)
        for source in ("call_id", "from_user", "to_user"):
            check_hash(report, server, source, decoded.stdout, wanted)
        indexes = server.rows("SELECT column_name FROM information_schema.statistics WHERE table_schema = 'capture' AND"
                              " table_name = 'sip_capture' ORDER BY 1")
        report.equal([name for (name,) in indexes], sorted(["auth_user", "callid", "callid_aleg", "date", "date", "from_user",
                                                            "id", "pid_user", "ruri_user", "to_user", "uid"]), "indexes")
    report.finish()


if __name__ == "__main__":
    main()
