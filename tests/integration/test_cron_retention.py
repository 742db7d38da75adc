#!/usr/bin/env python3
"""hepcap-load --retention: tables of days that are over go, and only those that a pattern names; with no input too."""
import datetime
import pathlib
import sqlite3
import sys
import tempfile

from cron import lines, load, query
from pipeline import Report

report = Report()
NOW = datetime.datetime.now(datetime.timezone.utc)


def moment(days):
    return NOW - datetime.timedelta(days=days)


def tables(database):
    return sorted(row[0] for row in query(database, "SELECT name FROM sqlite_master WHERE type = 'table'"))


with tempfile.TemporaryDirectory(prefix="hepcap-cron-") as place:
    database = pathlib.Path(place, "hepcap.db")
    options = ["--table", "sip_%Y%m%d", "--route", "method == 'REGISTER'=>reg_%Y%m"]
    for days in (0, 2, 5, 400):
        done = load(*options, stdin=lines(0, 2, time_us=int(moment(days).timestamp() * 1e6)), cwd=place)
        report.equal((done.status, done.stderr), (0, ""), f"records of {days} days ago")
    with sqlite3.connect(database) as connection:
        for name in ("sip_20200101_keep", "my_sip_20200101", "reg_202001", "other_20200101"):
            connection.execute(f'CREATE TABLE "{name}" (x)')
    connection.close()
    done = load(*options, "--retention", "3d", "-v", cwd=place)
    report.equal(done.status, 0, "no input")
    report.check("table 'reg_202001' is older than 3d and dropped" in done.stderr, f"-v says: {done.stderr}")
    kept = sorted([f"sip_{moment(days):%Y%m%d}" for days in (0, 2)] +
                  ["sip_20200101_keep", "my_sip_20200101", "other_20200101"])
    report.equal(tables(database), kept, "what is kept")
    old = lines(50, 1, time_us=int(moment(9).timestamp() * 1e6))
    done = load(*options, "--retention", "3d", stdin=old, cwd=place)
    report.equal((done.status, done.stderr), (0, ""), "records that are too old already")
    report.equal(tables(database), kept, "what is kept then")
    done = load(*options, "--retention", "1h", "--dry-run", stdin=b"", cwd=place)
    report.equal((done.status, tables(database)), (0, kept), "a dry run")
    done = load("--retention", "3d", cwd=place)
    report.check(done.status == 2 and "no table name tells a date" in done.stderr, f"no pattern: {done.stderr}")
    report.equal(load(*options, "--retention", "3", cwd=place).status, 2, "an age without unit")

sys.exit(report.finish())
