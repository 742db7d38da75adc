#!/usr/bin/env python3
"""A MariaDB that fails: killed in the middle of loads, away, read-only, locked, silent, with its table dropped, or with a
wrong password, which no message shows.  What may heal ends with 75, and loading again completes it: each record is there
exactly once.

HEPCAP_SLOW_TESTS makes it 20 kills over 200,000 records."""
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import mariadb
from mariadb import PASSWORD, Mariadb
from pipeline import SLOW, Report, decode, load, tool

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import make_corpus  # noqa: E402

KILLS, RECORDS = (20, 200000) if SLOW else (5, 40000)
mariadb.require()


def begin(server, lines, *options, parameters=""):
    """A load that runs."""
    with open(lines, "rb") as records:
        return subprocess.Popen([tool("hepcap-load"), "-v", "--db", server.url(parameters=parameters), *options],
                                stdin=records, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def end(report, loader, status, words, what):
    stderr = loader.communicate(timeout=120)[1]
    report.equal(loader.returncode, status, f"{what}: status; {stderr}")
    report.check(words in stderr, f"{what}: '{words}' is not said: {stderr}")
    report.check(PASSWORD not in stderr and "s3cret" not in stderr, f"{what}: the password is shown: {stderr}")


def check_table(report, server, table, count, what):
    report.equal(server.rows(f"SELECT count(*), count(DISTINCT uid), count(uid) FROM {table}"), [[str(count)] * 3],
                 f"{what}: rows")
    report.equal(server.rows(f"CHECK TABLE {table}")[0][3], "OK", f"{what}: CHECK TABLE")
    indexes = f"SELECT count(*) FROM information_schema.statistics WHERE table_name = '{table}'"
    report.equal(server.value(indexes), server.value(indexes.replace(table, "whole")), f"{what}: indexes")


def check_kills(report, server, lines, count, rng):
    """The server is killed at random moments and comes back, and the loads go through it all."""
    start = time.monotonic()
    end(report, begin(server, lines, "--table", "whole"), 0, f" {count} rows inserted", "the load that nobody disturbs")
    duration_s = time.monotonic() - start
    kills = loads = 0
    while kills < KILLS and loads < 3 * KILLS:
        table, loads = f"killed{loads}", loads + 1
        loader = begin(server, lines, "--table", table, "--batch", "2000", "--retries", "1000", "--retry-timeout", "300")
        while kills < KILLS:
            time.sleep(rng.uniform(0.05, duration_s))
            if loader.poll() is not None:
                break
            server.kill()
            server.start()
            kills += 1
        end(report, loader, 0, f"{count} records", f"a load after {kills} kills")
        check_table(report, server, table, count, f"a load after {kills} kills")
    report.check(kills >= KILLS, f"only {kills} of {KILLS} kills met a load that ran")
    # Without retries the load ends, and is completed by the next.
    loader = begin(server, lines, "--table", "ended", "--batch", "2000")
    time.sleep(duration_s / 3)
    server.kill()
    end(report, loader, 75, "", "a load without retries")
    server.start()
    end(report, begin(server, lines, "--table", "ended"), 0, f"{count} records", "the next load")
    check_table(report, server, "ended", count, "the next load")


def check_refusals(report, server, lines):
    for what, url, status, words in (
            ("a wrong password", server.url(password="s3cret@wrong"), 2, "1045"),
            ("an unknown database", server.url("nowhere"), 2, "'nowhere'"),
            ("no right to make tables", server.url("bare"), 2, "1142"),
            ("a server that is away", server.url() + "-elsewhere", 75, "is it running?"),
            ("a port that is closed", "mysql://u:s3cret@127.0.0.1:1/x", 75, "is it running?")):
        done = load("--db", url, "--table", "refused", stdin=lines)
        report.equal(done.status, status, f"{what}: status; {done.stderr}")
        report.check(words in done.stderr and "s3cret" not in done.stderr, f"{what}: {done.stderr}")
    done = load("--db", server.url(), "--no-create", "--table", "missing", stdin=lines)
    report.check(done.status == 2 and "has no table 'missing'" in done.stderr, f"--no-create: {done.status} {done.stderr}")


def check_moments(report, server, lines):
    """What happens while a load runs."""
    load("--db", server.url(), "--table", "held", stdin=lines[0])
    stopped = begin_slow(server, "held", lines)
    server.execute("SET GLOBAL read_only = 1")
    finish_slow(report, stopped, lines, 75, "read-only", "a server that became read-only")
    server.execute("SET GLOBAL read_only = 0")
    stopped = begin_slow(server, "held", lines)
    server.execute("DROP TABLE held", "capture")
    finish_slow(report, stopped, lines, 75, "1146", "a table that was dropped")
    stopped = begin_slow(server, "held", lines)
    for (number,) in server.rows("SELECT id FROM information_schema.processlist WHERE user = 'loader'"):
        server.execute(f"KILL {number}")
    finish_slow(report, stopped, lines, 75, "", "a connection that was killed")
    load("--db", server.url(), "--table", "locked", stdin=lines[0])
    with subprocess.Popen([mariadb.program("mariadb"), "--no-defaults", f"--socket={server.socket}", "--user=root", "capture"],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as other:
        other.stdin.write(b"START TRANSACTION; UPDATE locked SET proto = 7; SELECT 1;\n")
        other.stdin.flush()
        time.sleep(0.5)
        started = time.monotonic()
        done = load("--db", server.url(parameters="&read_timeout=4"), "--table", "locked", stdin=b"".join(lines[:3]))
        report.check(done.status == 75 and "1205" in done.stderr, f"a locked row: {done.status} {done.stderr}")
        report.check(time.monotonic() - started < 10, "a lock is waited for too long")
    server.process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    done = load("--db", server.url(parameters="&read_timeout=2&connect_timeout=2"), stdin=lines[0], limit_s=60)
    server.process.send_signal(signal.SIGCONT)
    report.check(done.status == 75 and time.monotonic() - started < 20, f"a silent server: {done.status} {done.stderr}")


def begin_slow(server, table, lines):
    """A load that has stored its first record, and waits for more."""
    loader = subprocess.Popen([tool("hepcap-load"), "--db", server.url(), "--table", table, "--flush-ms", "50"],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    loader.stdin.write(lines[1])
    loader.stdin.flush()
    time.sleep(0.8)
    return loader


def finish_slow(report, loader, lines, status, words, what):
    try:
        stderr = loader.communicate(b"".join(lines[2:40]), timeout=60)[1].decode()
    except BrokenPipeError:
        stderr = loader.stderr.read().decode()
    report.equal(loader.returncode, status, f"{what}: status; {stderr}")
    report.check(words in stderr, f"{what}: '{words}' is not said: {stderr}")


def check_two_at_once(report, server, lines, count):
    """Loads of the same records, in the opposite order, at the same time: deadlocks are allowed, doubles are not."""
    backwards = lines.with_suffix(".reverse")
    backwards.write_bytes(b"".join(reversed(lines.read_bytes().splitlines(keepends=True))))
    loaders = [begin(server, path, "--table", "twice", "--batch", "500") for path in (lines, backwards)]
    ends = [loader.communicate(timeout=120)[1] for loader in loaders]
    for loader, stderr in zip(loaders, ends):
        report.check(loader.returncode in (0, 75), f"two at once: {loader.returncode} {stderr}")
    end(report, begin(server, lines, "--table", "twice"), 0, f"{count} records", "after two at once")
    report.equal(server.rows("SELECT count(*), count(DISTINCT uid) FROM twice"), [[str(count)] * 2], "two at once: rows")


def main():
    report, rng = Report(), random.Random(4)
    with tempfile.TemporaryDirectory(prefix="hepcap-maria-") as directory, Mariadb(directory) as server:
        work = pathlib.Path(directory)
        make_corpus.write(work / "k.pcap", RECORDS, "kill", "sip", with_truth=False)
        (work / "k.ndjson").write_bytes(decode("-r", work / "k.pcap").stdout)
        lines = (work / "k.ndjson").read_bytes().splitlines(keepends=True)
        few = work / "few.ndjson"
        few.write_bytes(b"".join(lines[:4000]))
        server.make_database()
        server.make_database("bare", "SELECT, INSERT")
        check_refusals(report, server, lines[0])
        check_moments(report, server, lines)
        check_two_at_once(report, server, few, 4000)
        check_kills(report, server, work / "k.ndjson", RECORDS, rng)
    report.finish()


if __name__ == "__main__":
    main()
