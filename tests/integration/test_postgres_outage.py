#!/usr/bin/env python3
"""A database that goes away in the middle of a load, or is not there at all: with --spool its records wait on the disk
and are there exactly once in the end; without it the message says up to which line all is stored."""
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from loopback import wait_until
from pipeline import SLOW, Report, decode, load, tool
from postgres import Postgres

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import make_corpus  # noqa: E402

PACKETS = 6000
AWAY_S = 60 if SLOW else 3


def stored(server):
    """Number of rows and of different uids; nothing where there is no table yet."""
    row = server.rows("SELECT count(*) AS rows, count(DISTINCT uid) AS uids FROM sip_capture")[0]
    return row["rows"], row["uids"]


def waiting(spool):
    return sorted(path for path in spool.glob("*") if not path.name.startswith("."))


def check_away_from_the_start(report, server, lines, spool):
    half = len(lines) // 2
    server.stop()
    ended = load("--db", server.url(), "--spool", spool, stdin=b"".join(lines[:half]))
    report.equal(ended.status, 75, "no server: status")
    report.check("records wait in the spool" in ended.stderr, f"no server: {ended.stderr}")
    report.equal(b"".join(path.read_bytes() for path in waiting(spool)), b"".join(lines[:half]), "no server: the spool")
    server.start()
    ended = load("--db", server.url(), "--spool", spool, stdin=b"".join(lines[half:]))
    report.equal((ended.status, ended.stderr), (0, ""), "the next load")
    report.equal(waiting(spool), [], "the spool after the next load")
    report.equal(stored(server), (len(lines), len(lines)), "rows after the next load")


def feed(report, server, lines, options, come_back):
    """A load in whose input the server goes after a third, when something is stored, and comes back after two."""
    third = len(lines) // 3
    loader = subprocess.Popen([tool("hepcap-load"), "--db", server.url(), "--flush-ms", "100", *options], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    loader.stdin.write(b"".join(lines[:third]))
    loader.stdin.flush()
    report.check(wait_until(lambda: server.run_psql("SELECT 1 FROM sip_capture LIMIT 1").stdout == "1\n", 30),
                 "nothing was stored before the server went")
    server.kill()
    is_back = False
    try:
        loader.stdin.write(b"".join(lines[third:2 * third]))
        loader.stdin.flush()
        come_back()
        is_back = True
        loader.stdin.write(b"".join(lines[2 * third:]))
        loader.stdin.close()
    except BrokenPipeError:  # it has ended; its status tells why
        if not is_back:
            come_back()
    said = loader.stderr.read().decode()
    return loader.wait(120), said


def check_gone_in_the_middle(report, server, lines, spool):
    def come_back():
        time.sleep(AWAY_S)
        server.start()
        time.sleep(1)

    status, said = feed(report, server, lines, ["--spool", str(spool)], come_back)
    if status == 75:  # it was back, and was not tried again in time: the records wait for the next load
        report.check(waiting(spool), f"75 without a spool: {said}")
        status = load("--db", server.url(), "--spool", spool, stdin=b"").status
    report.equal(status, 0, f"a server that was away for {AWAY_S} s: {said}")
    report.check("records go to the spool" in said, f"the outage was not named: {said}")
    report.equal(waiting(spool), [], "the spool in the end")
    report.equal(stored(server), (len(lines), len(lines)), "rows in the end")


def check_back_while_nothing_comes(report, server, lines, spool):
    """An input that goes on, and pauses: what waits is stored when the server is back, though nothing comes and nothing
    ends; by a pipe and by a directory that is watched."""
    watched = spool.parent / "watched"
    watched.mkdir()
    for more in ([], ["--watch", str(watched)]):
        server.psql("DROP TABLE IF EXISTS sip_capture")
        loader = subprocess.Popen([tool("hepcap-load"), "--db", server.url(), "--spool", str(spool), "--flush-ms", "100", *more],
                                  stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        server.stop()
        if more:
            (watched / "a").write_bytes(b"".join(lines))
        else:
            loader.stdin.write(b"".join(lines))
            loader.stdin.flush()
        report.check(wait_until(lambda: waiting(spool), 30), f"{more}: nothing is spooled")
        server.start()
        is_stored = wait_until(lambda: server.run_psql("SELECT count(*) FROM sip_capture").stdout == f"{len(lines)}\n", 45)
        report.check(is_stored, f"{more}: the spool is not loaded when the server is back: {waiting(spool)}")
        report.check(wait_until(lambda: not waiting(spool), 10), f"{more}: the spool stays")
        loader.terminate()
        said = loader.communicate(timeout=60)[1].decode()
        report.equal(loader.returncode, 0, f"{more}: status, with {said}")
        report.equal(stored(server), (len(lines), len(lines)), f"{more}: rows")


def check_without_a_spool(report, server, lines):
    status, said = feed(report, server, lines, [], server.start)
    report.equal(status, 75, f"without a spool: {said}")
    found = re.search(r"stored up to line (\d+) of standard input", said)
    report.check(found is not None, f"no line is named: {said}")
    if found:
        rows, uids = stored(server)
        report.equal((rows, uids), (int(found[1]), int(found[1])), "rows and the line that is named")
        ended = load("--db", server.url(), stdin=b"".join(lines[int(found[1]):]))
        report.equal((ended.status, ended.stderr), (0, ""), "the rest from that line on")
        report.equal(stored(server), (len(lines), len(lines)), "rows with the rest")


def main():
    report = Report()
    with Postgres() as server, tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        make_corpus.write(work / "c.pcap", PACKETS, "outage", "sip", with_truth=False)
        lines = decode("-r", work / "c.pcap").stdout.splitlines(keepends=True)
        for check, more in ((check_away_from_the_start, [work / "spool"]), (check_gone_in_the_middle, [work / "spool"]),
                            (check_back_while_nothing_comes, [work / "spool"]),
                            (check_without_a_spool, [])):
            server.psql("DROP TABLE IF EXISTS sip_capture")
            check(report, server, lines, *more)
    report.finish()


if __name__ == "__main__":
    main()
