#!/usr/bin/env python3
"""The real Homer 5.0.6 reads what hepcap-load wrote in the schema homer5: it finds a call by its number, shows its messages
and its RTCP, and finds registrations; and SQLite gets the same tables."""
import sqlite3
import tempfile

import homer
import mariadb
from homer import Homer
from loopback import free_port
from mariadb import Mariadb
from pipeline import TESTDATA, Report, decode, load, skip


def main():
    report = Report()
    mariadb.require()
    if reason := homer.missing():
        skip(reason)
    names = ("hep3-rtpengine-rtcp.pcap", "hep3-kamailio-mix.pcap")
    decoded = decode(*[TESTDATA / "recorded" / name for name in names])
    records = decoded.records()
    sip = [r for r in records if r["kind"] == "sip"]
    rtcp = [r for r in records if r["kind"] == "rtcp"]
    start_us, end_us = (pick(r["micro_ts"] for r in records) for pick in (min, max))
    with tempfile.TemporaryDirectory(prefix="hepcap-homer-") as directory, Mariadb(directory, "--sql-mode=") as server:
        server.make_database("homer_data")
        # Debian's Homer reads plain tables of RTCP.
        options = ("--schema", "homer5", "--rtc-tables", "plain")
        ended = load("-v", "--db", server.url("homer_data"), *options, stdin=decoded.stdout)
        report.equal(ended.status, 0, f"hepcap-load: {ended.stderr}")
        tables = {name for (name,) in server.rows("SHOW TABLES", "homer_data")}
        with sqlite3.connect(f"{directory}/homer.db") as other:
            ended = load("--db", f"sqlite:{directory}/homer.db", *options, stdin=decoded.stdout)
            report.equal(ended.stderr, "", "SQLite")
            report.equal({name for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}, tables,
                         "the tables of SQLite and those of MariaDB")
        with Homer(server, directory, free_port(), "homer_data") as api:
            call = next(r for r in sip if r.get("method") == "INVITE" and any(
                x.get("correlation_id") == r["callid"] for x in rtcp))
            of_call = [r for r in sip if r["callid"] == call["callid"]]
            number = call["to_user"]
            found = api.search("search/data", start_us, end_us, to_user=number)
            wanted = sorted((r["micro_ts"], r["method"]) for r in sip if r.get("to_user") == number)
            report.equal(sorted((int(r["micro_ts"]), r["method"]) for r in found), wanted, f"a search for {number}; {api.said()}")
            found = api.search("search/transaction", start_us, end_us, callid=[call["callid"]])
            report.equal(len(found["calldata"]), len(of_call), "arrows of the call's ladder")
            texts = set()
            for row in api.search("search/data", start_us, end_us, callid=call["callid"]):
                texts |= {r["msg"] for r in api.search("search/message", start_us, end_us, id=row["id"], callid=row["callid"])}
            report.equal(texts, {r["msg"] for r in of_call}, "messages of the call")
            found = api.search("report/rtcp", start_us, end_us, callid=[call["callid"]])
            wanted = sorted(r["micro_ts"] for r in rtcp if r["correlation_id"] == call["callid"])
            report.equal(sorted({int(r["micro_ts"]) for r in found}), wanted, "RTCP of the call")
            found = api.search("search/data", start_us, end_us, method="REGISTER")
            report.equal(len(found), sum(r.get("method") == "REGISTER" for r in sip), "registrations")
    report.finish()


if __name__ == "__main__":
    main()
