#!/usr/bin/env python3
"""hepcap-load --lock: of two loads into one database the second waits, or ends at once and quietly; a killed load holds
nothing; other databases are not concerned."""
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from cron import Running, count, lines, load, wait_until
from pipeline import Report

report = Report()

with tempfile.TemporaryDirectory(prefix="hepcap-cron-") as place:
    database = pathlib.Path(place, "hepcap.db")
    with Running(place, "--lock", "--flush-ms", "50", stdin=subprocess.PIPE) as first:
        first.process.stdin.write(lines(0, 10))
        first.process.stdin.flush()
        report.check(wait_until(lambda: count(database) == 10, 20), "the first load stores nothing")

        done = load("--lock=skip", stdin=lines(10, 10), cwd=place)
        report.equal((done.status, done.stderr), (0, ""), "--lock=skip while another loads")
        done = load("--lock=skip", "-v", stdin=lines(10, 10), cwd=place)
        report.check("another hepcap-load --lock has" in done.stderr, f"-v does not say why: {done.stderr}")
        report.equal(count(database), 10, "rows after a load that was skipped")
        done = load("--lock=skip", "--db", "sqlite:other.db", stdin=lines(0, 3), cwd=place)
        report.equal((done.status, count(pathlib.Path(place, "other.db"))), (0, 3), "another database")

        with Running(place, "--lock", stdin=subprocess.PIPE) as second, Running(place, "--lock") as third:
            second.process.stdin.write(lines(10, 10))
            second.process.stdin.close()
            second.process.stdin = None
            time.sleep(0.5)
            report.equal((second.process.poll(), count(database)), (None, 10), "the load that waits")
            report.equal(third.end(signal.SIGTERM), (0, ""), "a load that is ended while it waits")
            first.process.kill()
            report.equal(second.end(), (0, ""), "the load that has waited")
    report.equal(count(database), 20, "rows of both")
    done = load("--dry-run", "--lock", "--db", "sqlite:none.db", stdin=lines(0, 1), cwd=place)
    report.equal((done.status, pathlib.Path(place, "none.db.lock").exists()), (0, False), "a dry run")
    done = load("--lock", "--db", "sqlite:none/x.db", stdin=lines(0, 1), cwd=place)
    report.check(done.status == 2 and "none/x.db.lock" in done.stderr, f"no directory: {done.status} {done.stderr}")

sys.exit(report.finish())
