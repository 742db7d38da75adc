#!/usr/bin/env python3
"""A real Kamailio (sipcapture and db_postgres) beside hepcap-load, in one PostgreSQL server, on the same traffic: the
rows are equal, and each goes on with the table of the other: hepcap-load finds in Kamailio's what is there already,
Kamailio adds to hepcap's."""
import pathlib
import tempfile
import time

from kamailio import LIMIT_S, Kamailio, missing
from pipeline import SOURCE, TESTDATA, Report, decode, load, run, skip, tool
from postgres import Postgres

CONFIGURATION = """
loadmodule "db_postgres.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "{url}")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "table_name", "{table}")
request_route {{ sip_capture(); drop; }}
onreply_route {{ sip_capture(); drop; }}
"""
OWN = ("id", "uid", "msg_b64", "msg")


def make_kamailios_table(server, name, type_of_msg):
    """As the module's SQL has it for MySQL, with PostgreSQL's types: what uid and msg_b64 are to hepcap is not in it."""
    schema = (SOURCE / "sql/postgres/sip_capture.sql").read_text(encoding="utf-8")
    server.psql("\n".join(line for line in schema.replace("{table}", name).splitlines() if "(uid)" not in line))
    server.psql(f"ALTER TABLE {name} DROP COLUMN uid, DROP COLUMN msg_b64, ALTER msg DROP DEFAULT,"
                f" ALTER msg TYPE {type_of_msg} USING NULL")


def captured(report, server, table, capture, chosen, wanted):
    """Kamailio stores the capture in the table; waits until it has as many rows."""
    # A name without a code of strftime reaches the database with octets of others behind it: 5.6.3 ends it with no NUL.
    pattern = table.replace("2026", "%Y")
    with tempfile.TemporaryDirectory() as work, \
            Kamailio(pathlib.Path(work), "sipcapture", CONFIGURATION, url=server.tcp_url("secret"), table=pattern) as kamailio:
        ended = run([tool("hepcap-send"), "-r", capture, *chosen, "-H", f"udp:127.0.0.1:{kamailio.port}", "--rate", "500"])
        report.equal((ended.status, ended.stderr), (0, ""), f"{table}: hepcap-send")
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until and server.value(f"SELECT count(*) FROM {table}") < wanted:
            time.sleep(0.1)


def octets(text):
    """Of a column of text as of a bytea: Kamailio's driver writes a literal of the second into both."""
    return bytes.fromhex(text[2:]) if text.startswith("\\x") else text.encode()


def check_table(report, server, table, lines, ours, capture, chosen):
    """Kamailio's table, filled by it: the rows are hepcap's, and loading adds what is missing and nothing else."""
    count = len(ours)
    captured(report, server, table, capture, chosen, count)
    theirs = server.rows(f"SELECT * FROM {table} ORDER BY micro_ts, source_port")
    report.equal(len(theirs), count, f"{table}: rows that Kamailio stored")
    for number, (their, our) in enumerate(zip(theirs, ours), 1):
        report.equal(octets(their["msg"]), our["msg"].encode(), f"{table}: row {number}: msg")
        for column in our:
            if column not in OWN:
                report.equal(our[column], their[column], f"{table}: row {number}: {column}")
    into = load("-v", "--db", server.url(), "--table", table, stdin=lines)
    report.check(f" 0 rows inserted, {count} already there" in into.stderr, f"into {table}: {into.stderr}")
    gone = len(server.psql(f"DELETE FROM {table} WHERE id % 3 = 0 RETURNING id").splitlines())
    again = load("-v", "--db", server.url(), "--table", table, stdin=lines + lines)
    report.check(f" {gone} rows inserted, {2 * count - gone} already there" in again.stderr, f"{table}, what is missing: {again.stderr}")
    report.equal(server.value(f"SELECT count(*) FROM {table}"), count, f"{table}: rows at the end")


def main():
    if reason := missing("sipcapture", "db_postgres"):
        skip(reason)
    tool("hepcap-send")
    report = Report()
    capture = TESTDATA / "recorded" / "hep3-kamailio-mix.pcap"  # of 2026
    chosen = ["-Y", "kind == \"sip\" and via_1"]  # Kamailio refuses SIP without a Via before it comes to the capture
    lines = decode("-r", capture, *chosen).stdout
    count = lines.count(b"\n")
    with Postgres() as server:
        first = load("-v", "--db", server.url(), "--table", "hepcap_k_%Y", stdin=lines)
        report.check(f" {count} rows inserted, 0 already there" in first.stderr, f"into a table of its own: {first.stderr}")
        ours = server.rows("SELECT * FROM hepcap_k_2026 ORDER BY micro_ts, source_port")
        for name, type_of_msg in (("kamtexts_2026", "text"), ("kamblobs_2026", "bytea")):
            make_kamailios_table(server, name, type_of_msg)
            check_table(report, server, name, lines, ours, capture, chosen)
        captured(report, server, "hepcap_k_2026", capture, chosen, 2 * count)
        report.equal(server.value("SELECT count(*) FROM hepcap_k_2026 WHERE uid IS NULL"), count, "Kamailio's rows in hepcap's table")
    report.finish()


if __name__ == "__main__":
    main()
