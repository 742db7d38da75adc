#!/usr/bin/env python3
"""A real Kamailio with db_mysql beside hepcap-load on the same HEP: the rows of both are equal, hepcap finds Kamailio's rows
in Kamailio's table and goes on with it, and Kamailio goes on with a table that hepcap made."""
import pathlib
import re
import socket
import tempfile
import time

import mariadb
from kamailio import LIMIT_S, Kamailio, missing
from listening import udp_payloads
from loopback import wait_until
from mariadb import Mariadb
from pipeline import SOURCE, TESTDATA, Report, decode, load, skip

CAPTURE = TESTDATA / "recorded" / "hep3-kamailio-mix.pcap"
CONFIGURATION = """
loadmodule "db_mysql.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "mysql://kamailio:kamailiorw@127.0.0.1:{database_port}/capture")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "table_name", "{table}")
request_route {{ sip_capture(); drop; }}
onreply_route {{ sip_capture(); drop; }}
"""
ONLY_SIP = ("-Y", 'kind == "sip" and via_1')


def module_table(name):
    """The module's table, with its widths, out of hepcap's."""
    sql = (SOURCE / "sql/mariadb/sip_capture.sql").read_text(encoding="utf-8")
    sql = re.sub(r"--[^\n]*", "", sql).split(";")[0]
    sql = re.sub(r"\n\s+(uid|msg_b64|UNIQUE KEY)[^\n]*", "", sql).replace("PRIMARY KEY (id, date),", "PRIMARY KEY (id, date), KEY"
                                                                         " (date), KEY (callid)")
    for column, width in (("ruri", 200), ("from_tag", 64), ("to_tag", 64), ("callid", 120), ("callid_aleg", 120),
                          ("via_1", 256), ("via_1_branch", 80), ("cseq", 25)):
        sql = re.sub(rf"\n    {column} varchar\(\d+\)", f"\n    {column} varchar({width})", sql)
    sql = sql.replace("msg mediumtext NOT NULL", "msg varchar(1500) NOT NULL DEFAULT ''").replace("utf8mb4", "utf8mb3")
    return f"SET sql_mode = 'ANSI_QUOTES'; {sql.replace('{table}', name)}"


def feed(server, table, datagrams, count):
    """Sends them to a Kamailio that stores in the table; returns once it has `count` rows more."""
    before = int(server.value(f"SELECT count(*) FROM {table}"))
    with tempfile.TemporaryDirectory(prefix="hepcap-kamailio-") as folder, \
            Kamailio(pathlib.Path(folder), "sipcapture", CONFIGURATION, database_port=server.port, table=table) as kamailio, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in datagrams:
            sender.sendto(datagram, ("127.0.0.1", kamailio.port))
            time.sleep(0.002)
        wait_until(lambda: int(server.value(f"SELECT count(*) FROM {table}")) >= before + count, LIMIT_S)
    return int(server.value(f"SELECT count(*) FROM {table}")) - before


def main():
    report = Report()
    mariadb.require()
    if reason := missing("sipcapture", "db_mysql"):
        skip(reason)
    decoded = decode("-r", CAPTURE, *ONLY_SIP)
    lines = decoded.stdout.splitlines(keepends=True)
    frames = {record["frame"] for record in decoded.records()}
    datagrams = [payload for number, (payload, _) in enumerate(udp_payloads(CAPTURE), 1) if number in frames]
    report.equal(len(datagrams), len(lines), "datagrams and records")
    half = len(lines) // 2
    with tempfile.TemporaryDirectory(prefix="hepcap-maria-") as directory, Mariadb(directory, "--sql-mode=") as server:
        server.make_database()
        server.execute("CREATE USER kamailio@'%' IDENTIFIED BY 'kamailiorw'; GRANT ALL ON capture.* TO kamailio@'%'")
        server.execute(module_table("theirs"), "capture")
        report.equal(feed(server, "theirs", datagrams, len(datagrams)), len(datagrams), "rows that Kamailio stored")

        ended = load("-v", "--db", server.url(), "--table", "ours", stdin=decoded.stdout)
        report.check(ended.status == 0 and f" {len(lines)} rows inserted" in ended.stderr, ended.stderr)
        # Kamailio writes the server's local time, which is UTC in the tests.
        names = [n for (n,) in server.rows("SELECT column_name FROM information_schema.columns WHERE table_schema = 'capture'"
                                           " AND table_name = 'theirs' AND column_name <> 'id' ORDER BY 1")]
        columns = ", ".join(f"`{name}`" for name in names)
        order = "ORDER BY micro_ts, msg, source_port"
        for theirs, ours in zip(server.rows(f"SELECT {columns} FROM theirs {order}"),
                                server.rows(f"SELECT {columns} FROM ours {order}")):
            for name, wanted, found in zip(names, theirs, ours):
                report.equal(found, wanted, f"{name} of {theirs[names.index('callid')]}")

        again = load("-v", "--db", server.url(), "--table", "theirs", stdin=decoded.stdout)
        report.check(again.status == 0 and " 0 rows inserted" in again.stderr, f"rows of Kamailio, found again: {again.stderr}")

        server.execute(module_table("shared_theirs"), "capture")
        feed(server, "shared_theirs", datagrams[:half], half)
        ended = load("-v", "--db", server.url(), "--table", "shared_theirs", stdin=decoded.stdout)
        report.check(f" {len(lines) - half} rows inserted, {half} already there" in ended.stderr, ended.stderr)
        load("--db", server.url(), "--table", "shared_ours", stdin=b"".join(lines[:half]))
        report.equal(feed(server, "shared_ours", datagrams[half:], len(lines) - half), len(lines) - half,
                     "rows that Kamailio added to a table that hepcap made")
        for table in ("shared_theirs", "shared_ours"):
            report.equal(server.rows(f"SELECT {columns} FROM {table} {order}"),
                         server.rows(f"SELECT {columns} FROM ours {order}"), f"{table}: rows of both")
    report.finish()


if __name__ == "__main__":
    main()
