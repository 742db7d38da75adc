#!/usr/bin/env python3
"""hepcap-load --watch: what is there and what comes is loaded, and nothing that is still being written; two hundred files
at once; nothing is said; SIGTERM ends it with all committed; --done-dir takes what is loaded, and nothing that changed
while it was loaded, is still being written, or lacks the end that --require-eof asks for."""
import pathlib
import signal
import sqlite3
import sys
import tempfile
import time

from cron import Running, count, lines, put, query, wait_until
from pipeline import Report, load

report = Report()
BURST = 200

with tempfile.TemporaryDirectory(prefix="hepcap-cron-") as place:
    database, spool, done = (pathlib.Path(place, name) for name in ("hepcap.db", "spool", "done"))
    spool.mkdir(), done.mkdir()
    put(spool, "before", lines(0, 10))
    (spool / "x.part").write_bytes(lines(900, 10))
    with Running(place, "--watch", "spool", "--flush-ms", "100") as running:
        report.check(wait_until(lambda: count(database) == 10, 20), "what was there is not loaded")
        (spool / "x.part").rename(spool / "x")
        (spool / "written").write_bytes(lines(20, 10))
        report.check(wait_until(lambda: count(database) == 30, 20), f"{count(database)} rows of 30 after two files")
        report.check(wait_until(lambda: query(database, "SELECT 1 FROM sqlite_master WHERE name LIKE '%uid_idx'"), 20),
                     "the indexes are not made when nothing comes")
        for number in range(BURST):
            put(spool, f"burst-{number}", lines(1000 + number * 10, 10))
        report.check(wait_until(lambda: count(database) == 30 + BURST * 10, 60),
                     f"{count(database)} rows of {30 + BURST * 10} after the burst")
        put(spool, "again", lines(20, 10))
        time.sleep(0.3)
        report.check(running.process.poll() is None, "it ended by itself")
        status, said = running.end(signal.SIGTERM)
        report.equal(status, 0, "status after SIGTERM")
        report.check(said.startswith("hepcap-load: stopped; ") and said.count("\n") == 1, f"it says: {said}")
    report.equal(count(database, "hepcap_ledger"), 3 + BURST, "files in the ledger")

    with Running(place, "--watch", "spool", "--done-dir", "done", "-q") as running:
        (done / "before").write_bytes(b"of another day")
        report.check(wait_until(lambda: not list(spool.iterdir()), 60), f"{len(list(spool.iterdir()))} files stay")
        (spool / "broken").write_bytes(b"\x1f\x8b\x08\x00 is no record")
        put(spool, "last", lines(5000, 1))
        report.check(wait_until(lambda: (done / "last").exists(), 20), "the last file is not moved")
        status, said = running.end(signal.SIGTERM)
        report.check(status == 1 and "broken" in said, f"a file that holds no records: {status} {said}")
    report.equal([path.name for path in spool.iterdir()], ["broken"], "what is left")
    report.equal((done / "before").read_bytes(), b"of another day", "a name that was taken")
    report.equal((done / "before.1").exists(), True, "its second bearer")
    report.equal(count(database), 31 + BURST * 10, "rows at last")

    refused = load("--watch", "spool", "--done-dir", "spool", cwd=place)
    report.equal(refused.status, 2, "the watched directory as --done-dir")
    report.equal(load("--watch", "nowhere", cwd=place).status, 1, "a directory that is not there")

with tempfile.TemporaryDirectory(prefix="hepcap-cron-") as place:
    database, spool, done = (pathlib.Path(place, name) for name in ("hepcap.db", "spool", "done"))
    spool.mkdir(), done.mkdir()
    put(spool, "first", lines(0, 10))
    with Running(place, "--watch", "spool", "--done-dir", "done", "-q") as running:
        report.check(wait_until(lambda: (done / "first").exists(), 20), "the first file is not moved")
        lock = sqlite3.connect(database, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        put(spool, "taken", lines(100, 10)), put(spool, "grown", lines(200, 10))
        time.sleep(1)  # the first of them is read, and its rows wait for the lock
        put(spool, "taken", lines(300, 10))
        with open(spool / "grown", "ab") as writer:
            writer.write(lines(400, 5))
            writer.flush()
            lock.execute("COMMIT")
            report.check(wait_until(lambda: (done / "taken").exists(), 20), "a file in another's place is not moved")
            time.sleep(0.5)
            report.check((spool / "grown").exists(), "a file is moved while it is written")
            writer.write(lines(405, 5))
        lock.close()
        report.check(wait_until(lambda: (done / "grown").exists(), 20), "the grown file is not moved in the end")
        status, said = running.end(signal.SIGTERM)
        report.equal(status, 0, f"status, with {said}")
    moved = [path.read_bytes() for path in done.iterdir() if path.name.startswith("taken")]
    report.check(lines(300, 10) in moved, "the file that took another's place is nowhere")
    kept = sum(query(database, f"SELECT count(*) FROM sip_capture WHERE uid = '{number:016x}'")[0][0]
               for number in (*range(10), *range(200, 210), *range(300, 310), *range(400, 410)))
    report.equal(kept, 40, "rows of all that was moved")

with tempfile.TemporaryDirectory(prefix="hepcap-cron-") as place:
    database, spool, done = (pathlib.Path(place, name) for name in ("hepcap.db", "spool", "done"))
    spool.mkdir(), done.mkdir()
    end = b'{"v":1,"kind":"eof","records":10}\n'
    with Running(place, "--watch", "spool", "--done-dir", "done", "--require-eof") as running:
        put(spool, "cut", lines(0, 10))
        put(spool, "whole", lines(100, 10) + end)
        report.check(wait_until(lambda: (done / "whole").exists(), 20), "a whole file is not moved")
        status, said = running.end(signal.SIGTERM)
    report.equal((status, [path.name for path in spool.iterdir()]), (1, ["cut"]), "a file that was cut off")
    report.check("'spool/cut' was cut off" in said and "'spool/whole'" not in said, f"it says: {said}")
    report.equal((count(database), count(database, "hepcap_ledger")), (20, 1), "rows, and files in the ledger")

sys.exit(report.finish())
