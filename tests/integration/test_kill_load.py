#!/usr/bin/env python3
"""A load killed by SIGKILL at any moment leaves a sound database, and loading again completes it: no row twice, none
missing, every index there.  HEPCAP_SLOW_TESTS makes it 20 kills of 200,000 records."""
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import make_corpus  # noqa: E402
from pipeline import SLOW, Report, decode, load, tool  # noqa: E402

PACKETS, KILLS = (200000, 20) if SLOW else (20000, 10)


def load_and_kill(lines, database, after_s):
    """True where the load was still running when it was killed."""
    with open(lines, "rb") as records:
        loader = subprocess.Popen([tool("hepcap-load"), "--db", f"sqlite:{database}", "--batch", "1000"], stdin=records,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after_s)
        was_running = loader.poll() is None
        loader.kill()
        loader.wait()
        return was_running


def state(database):
    connection = sqlite3.connect(database)
    try:
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sip_capture'").fetchone():
            return sound, 0, set()
        count = connection.execute("SELECT count(*) FROM sip_capture").fetchone()[0]
        indexes = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        return sound, count, indexes
    finally:
        connection.close()


def main():
    report, rng = Report(), random.Random(20)
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        capture, lines = work / "k.pcap", work / "k.ndjson"
        make_corpus.write(capture, PACKETS, "kill", "sip", with_truth=False)
        lines.write_bytes(decode("-r", capture).stdout)

        start = time.monotonic()
        whole = load("--db", f"sqlite:{work}/whole.db", stdin=lines.read_bytes())
        duration_s = time.monotonic() - start
        report.equal((whole.status, whole.stderr), (0, ""), "the load that nobody kills")
        _, expected, indexes = state(work / "whole.db")
        report.equal(expected, PACKETS, "rows of the load that nobody kills")

        interrupted = 0
        for attempt in range(KILLS):
            database = work / f"killed{attempt}.db"
            interrupted += load_and_kill(lines, database, rng.uniform(0.0, duration_s))
            sound, count, _ = state(database)
            report.equal(sound, "ok", f"kill {attempt}: integrity_check")
            report.check(count <= expected, f"kill {attempt}: {count} rows of {expected}")
            again = load("--db", f"sqlite:{database}", stdin=lines.read_bytes())
            report.equal((again.status, again.stderr), (0, ""), f"kill {attempt}: loading again")
            report.equal(state(database), ("ok", expected, indexes), f"kill {attempt}: after loading again")
        report.check(interrupted >= 3, f"only {interrupted} of {KILLS} loads were still running when killed")
    report.finish()


if __name__ == "__main__":
    main()
