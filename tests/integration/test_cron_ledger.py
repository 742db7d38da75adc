#!/usr/bin/env python3
"""hepcap-load --ledger: a file is loaded once, whatever it is called; one that has grown or was cut off by SIGKILL is
loaded again and leaves every record there once; standard input is never in it; patterns are expanded."""
import pathlib
import random
import sys
import tempfile
import time

from cron import Running, count, lines, load, query
from pipeline import Report

report, rng = Report(), random.Random(3)
# A table of somebody else's: no uid, and nothing in it tells two of these records from each other.
FOREIGN = "CREATE TABLE sip_capture (id integer PRIMARY KEY, date datetime, method varchar(50), msg text)"

with tempfile.TemporaryDirectory(prefix="hepcap-cron-") as place:
    directory, database = pathlib.Path(place), pathlib.Path(place, "hepcap.db")
    for number in range(3):
        (directory / f"r{number}.ndjson").write_bytes(lines(number * 10, 10))
    arguments = ("-v", "--ledger", "r*.ndjson")
    done = load(*arguments, cwd=place)
    report.equal(done.stderr, "hepcap-load: 30 records, 30 rows inserted, 0 already there\n", "the first load")
    (directory / "r2.ndjson").rename(directory / "r9.ndjson")
    done = load(*arguments, cwd=place)
    report.equal(done.stderr, "hepcap-load: 0 records, 0 rows inserted, 0 already there, "
                 "3 inputs in the ledger already\n", "the second load")
    with open(directory / "r0.ndjson", "ab") as grown:
        grown.write(lines(100, 5))
    done = load(*arguments, cwd=place)
    report.equal(done.stderr, "hepcap-load: 15 records, 5 rows inserted, 10 already there, "
                 "2 inputs in the ledger already\n", "one has grown")
    done = load("--ledger", "-v", stdin=lines(0, 10), cwd=place)
    report.check("10 already there" in done.stderr, f"standard input: {done.stderr}")
    report.equal(len(query(database, "SELECT input FROM hepcap_ledger")), 4, "inputs in the ledger")

    (directory / "cut.ndjson").write_bytes(lines(200, 5))
    done = load("--ledger", "--require-eof", "cut.ndjson", cwd=place)
    report.equal(done.status, 1, "a file without its eof")
    (directory / "notes.ndjson").write_bytes(b"no record\n" + lines(300, 1))
    report.equal(load("--ledger", "notes.ndjson", cwd=place).status, 1, "a file with a bad line")
    report.equal(load("--ledger", "notes.ndjson", cwd=place).status, 0, "the same again")
    report.equal(len(query(database, "SELECT input FROM hepcap_ledger")), 5, "inputs in the ledger then")
    done = load("--ledger", "-c", "3", "cut.ndjson", cwd=place)
    report.equal(len(query(database, "SELECT input FROM hepcap_ledger")), 5, "a file that was not read to its end")

    # What --require-eof asks for is asked of each file for itself, and of none that is not read.
    end = b'{"v":1,"kind":"eof","records":5}\n'
    (directory / "whole.ndjson").write_bytes(lines(400, 5) + end)
    done = load("--ledger", "--require-eof", "cut.ndjson", "whole.ndjson", cwd=place)
    report.equal((done.status, done.stderr), (1, "hepcap-load: 'cut.ndjson' was cut off: it does not end with a record of "
                                              "kind eof; load it again when it is whole\n"), "one of two without its eof")
    report.equal(len(query(database, "SELECT input FROM hepcap_ledger")), 6, "inputs in the ledger with the whole one")
    for what in ("whole.ndjson", "nothing*.ndjson"):
        done = load("--ledger", "--require-eof", what, cwd=place)
        report.equal((done.status, done.stderr), (0, ""), f"--require-eof and nothing to read: {what}")
    (directory / "short.ndjson").write_bytes(lines(500, 4) + end)
    done = load("--ledger", "--require-eof", "short.ndjson", "whole.ndjson", cwd=place)
    report.equal((done.status, "'short.ndjson' has lost records" in done.stderr), (1, True), "a file that lost records")

    done = load("--ledger", "--batch", "10", "nothing*.ndjson", cwd=place)
    report.equal((done.status, done.stderr), (0, ""), "a pattern that nothing matches")
    report.equal(load("-e", "nothing*.ndjson", cwd=place).status, 4, "the same with -e")

with tempfile.TemporaryDirectory(prefix="hepcap-cron-") as place:
    database = pathlib.Path(place, "hepcap.db")
    load("--table", "other", stdin=lines(0, 1), cwd=place)
    import sqlite3
    with sqlite3.connect(database) as connection:
        connection.execute(FOREIGN)
    connection.close()
    # Alike in all that this table has: without the ledger nobody could tell whether they are there.
    pathlib.Path(place, "r.ndjson").write_bytes(lines(0, 50))
    for attempt in range(3):
        report.equal(load("-q", "--ledger", "--table", "sip_capture", "r.ndjson", cwd=place).status, 0, f"load {attempt}")
    report.equal(count(database), 50, "rows of a table without uid after three loads")

with tempfile.TemporaryDirectory(prefix="hepcap-cron-") as place:
    database = pathlib.Path(place, "hepcap.db")
    FILES, ROWS = 20, 1500
    for number in range(FILES):
        pathlib.Path(place, f"r{number:02}.ndjson").write_bytes(lines(number * ROWS, ROWS))
    killed = 0
    for attempt in range(6):
        with Running(place, "--ledger", "--batch", "400", "r*.ndjson") as running:
            time.sleep(rng.uniform(0.05, 0.3))
            killed += running.process.poll() is None
            running.process.kill()
        entries, stored = count(database, "hepcap_ledger"), count(database)
        report.check(stored >= entries * ROWS, f"{entries} files in the ledger, but only {stored} rows")
    report.check(killed > 0, "every load had ended before it was killed")
    report.equal(load("--ledger", "r*.ndjson", cwd=place).status, 0, "the last load")
    report.equal((count(database, "hepcap_ledger"), count(database)), (FILES, FILES * ROWS), "files and rows at last")
    report.equal(query(database, "SELECT count(DISTINCT uid) FROM sip_capture"), [(FILES * ROWS,)], "different rows")

sys.exit(report.finish())
