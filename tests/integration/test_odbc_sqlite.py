#!/usr/bin/env python3
"""SQLite through ODBC: every cell as Kamailio's sipcapture module stored it, loading again adds nothing, hostile texts
stay texts, what is no text is replaced and kept in msg_b64, and refusals end with the status that helps."""
import base64
import json
import pathlib
import sqlite3
import tempfile

import hostile_rows
import odbc
import test_parity_kamailio as parity
from pipeline import Report, decode, load, rows, skip

ONE = b'{"v":1,"kind":"sip","micro_ts":1770000000000000,"uid":"0000000000000001","callid":"a@b","msg":"m"}\n'


def text(octets):
    """As it stands in a text column: U+FFFD in place of what is no character."""
    out, at = "", 0
    while at < len(octets):
        for size in (1, 2, 3, 4):
            try:
                character = octets[at:at + size].decode()
                break
            except UnicodeDecodeError:
                character = ""
        out += character if character and character != "\0" else "\ufffd"
        at += len(character.encode()) or 1
    return out


def check_parity(report, env, database):
    times = parity.packet_times()
    truth = (parity.PARITY / "rows.ndjson").read_text(encoding="utf-8")
    wanted = [parity.corrected(json.loads(line), times) for line in truth.split("\n") if line]
    decoded = decode("-r", parity.PARITY / "hep.pcap")
    for counted in ("1500 rows inserted", "1500 already there"):
        ended = load("--db", "odbc:DSN=calls", "-v", stdin=decoded.stdout, env=env)
        report.check(ended.status == 0 and counted in ended.stderr, f"parity: {ended.status} {ended.stderr!r}")
    stored = rows(database, "SELECT * FROM sip_capture ORDER BY rowid")
    report.equal(len(stored), 1500, "parity: rows")
    for found, (packet, row) in zip(stored, wanted):
        for column, value in row.items():
            if column in ("hep_version", "id"):
                continue
            value = value.encode() if isinstance(value, str) else value
            if column == "msg" and found["msg_b64"]:
                report.equal(base64.b64decode(found["msg_b64"]), value, f"row of packet {packet} msg_b64")
                value = text(value).encode()
            report.equal(found.get(column), value, f"row of packet {packet} {column}")
    ended = load("--db", "unixodbc://nobody:nothing@localhost/calls", "--table", "t_a|t_b|t_c", "--mt-mode", "hash",
                 stdin=decoded.stdout, env=env)
    report.equal((ended.status, ended.stderr), (0, ""), "hash: status and stderr")
    found = sorted((name, row["callid"].decode()) for name in ("t_a", "t_b", "t_c") for row in rows(database, f"SELECT callid FROM {name}"))
    expected = (parity.PARITY / "tables.call_id.tsv").read_text(encoding="utf-8").split("\n")[1:-1]
    report.equal(found, sorted(tuple(line.split("\t")) for line in expected), "hash: tables of the Call-IDs")


def widths(database):
    with sqlite3.connect(database) as connection:
        kinds = {row[1]: row[2] for row in connection.execute("PRAGMA table_info(sip_capture)")}
    return {name: int(kind[8:-1]) for name, kind in kinds.items() if kind.startswith("varchar(")}


def check_hostile(report, env, directory):
    database = directory / "hostile.db"
    driver = f"odbc:Driver={odbc.driver('SQLite')};Database={database}"
    wanted = list(hostile_rows.records())
    for counted in (f"{len(wanted)} rows inserted", f"{len(wanted)} already there"):
        ended = load("--db", driver, "-v", stdin=hostile_rows.lines(wanted), env=env)
        report.check(ended.status == 0 and counted in ended.stderr, f"hostile: {ended.status} {ended.stderr!r}")
        report.equal("user_agent" in ended.stderr and "U+FFFD" in ended.stderr, "inserted" in counted,
                     f"hostile: {ended.stderr!r} counts what was cut and replaced")
    width = widths(database)
    stored = {row["uid"].decode(): row for row in rows(database, "SELECT * FROM sip_capture")}
    report.equal(len(stored), len(wanted), "hostile: rows")
    for record in wanted:
        row = stored.get(record["uid"], {})
        for key in hostile_rows.KEYS:
            value = record.get(key) or (record["callid"] if key == "correlation_id" else "")
            report.equal(row.get(key), text(value.encode())[:width[key]].encode(), f"hostile row {record['uid']} {key}")
        octets = hostile_rows.payload(record)
        report.equal(row.get("msg"), text(octets).encode(), f"hostile row {record['uid']} msg")
        exact = row.get("msg_b64")
        report.equal(base64.b64decode(exact) if exact else octets, octets, f"hostile row {record['uid']} msg_b64")
        report.equal(exact is not None, text(octets).encode() != octets, f"hostile row {record['uid']}: has msg_b64")
    # Somebody else's table, without uid and of fewer columns.
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE theirs (micro_ts bigint, callid varchar(20), source_port int, msg text)")
    for counted in (f"{len(wanted)} rows inserted", f"{len(wanted)} already there"):
        ended = load("--db", driver, "--table", "theirs", "-v", stdin=hostile_rows.lines(wanted), env=env)
        report.check(ended.status == 0 and counted in ended.stderr, f"theirs: {ended.status} {ended.stderr!r}")
    ended = load("--db", driver, "--schema", "record", "-v", stdin=hostile_rows.lines(wanted), env=env)
    report.check(ended.status == 0 and f"{len(wanted)} rows inserted" in ended.stderr, f"record: {ended.stderr!r}")
    absent = rows(database, "SELECT count(*) AS n FROM record WHERE status IS NULL AND mos IS NULL AND reports IS NULL")
    report.equal(absent[0]["n"], len(wanted), "record: absent values that are NULL")


def check_refusals(report, env, directory):
    def refused(what, status, sentence, *arguments):
        ended = load(*arguments, stdin=ONE, env=env)
        report.check(ended.status == status and sentence in ended.stderr, f"{what}: {ended.status} {ended.stderr!r}")
        report.check("s3cret" not in ended.stderr, f"{what}: {ended.stderr!r} shows the password")

    refused("no such source", 2, "no such data source", "--db", "odbc:DSN=nowhere;UID=u;PWD=s3cret")
    refused("no such driver", 2, "no such data source", "--db", "odbc:Driver=Nothing;Password=s3cret")
    refused("nothing named", 2, "names no data source", "--db", "odbc:")
    refused("no such table", 2, "--create", "--db", "odbc:DSN=calls", "--no-create", "--table", "missing")
    database = directory / "calls.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE empty (other int)")
    refused("no columns", 2, "none of the columns", "--db", "odbc:DSN=calls", "--table", "empty")
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    refused("locked", 75, "try again", "--db", "odbc:DSN=calls;Timeout=100")
    connection.execute("ROLLBACK")
    connection.close()


def main():
    if odbc.missing("SQLite"):
        skip(odbc.missing("SQLite"))
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        env = odbc.environment(directory, calls={"Driver": "SQLite", "Database": directory / "calls.db"})
        check_parity(report, env, directory / "calls.db")
        check_hostile(report, env, directory)
        check_refusals(report, env, directory)
    report.finish()


if __name__ == "__main__":
    main()
