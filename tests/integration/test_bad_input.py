#!/usr/bin/env python3
"""What goes wrong is said in one clear sentence on stderr (the thing, the cause, the way out), with the exit status of
the contract, and all that could be read is still delivered."""
import gzip
import os
import pathlib
import re
import resource
import signal
import sqlite3
import tempfile

from pipeline import Report, SANITIZED, TESTDATA, decode, load, run, rows, tool

GOOD = TESTDATA / "recorded" / "fmt-nano.pcap"  # 13 packets, 13 SIP messages
GOOD_COUNT = 13


def said(report, ended, status, words, where, sentences=1):
    """Checks the status, and that each word is in the sentences on stderr, of which there are so many."""
    lines = ended.stderr.splitlines()
    report.equal(ended.status, status, f"{where}: status; stderr {lines}")
    if not SANITIZED or status >= 0:
        report.equal(len(lines), sentences, f"{where}: sentences on stderr {lines}")
    for word in words:
        report.check(word.lower() in ended.stderr.lower(), f"{where}: no '{word}' in {lines}")
    report.check(all(line.startswith(("hepcap-decode: ", "hepcap-load: ", "Try ")) for line in lines),
                 f"{where}: a line does not begin with the tool's name: {lines}")


def delivered(report, ended, count, where):
    report.equal(len(ended.stdout.splitlines()), count, f"{where}: records delivered")


def captures(report, work):
    ended = decode("-r", work / "absent.pcap")
    said(report, ended, 1, ["absent.pcap", "No such file"], "a missing file")

    ended = decode("-r", work / "absent.pcap", "-r", GOOD)
    said(report, ended, 1, ["absent.pcap"], "a missing file beside a good one")
    delivered(report, ended, GOOD_COUNT, "a missing file beside a good one")

    ended = decode("-r", work)
    said(report, ended, 1, [str(work), "directory"], "a directory")

    text = work / "notes.txt"
    text.write_text("this is no capture, only words\n" * 20)
    ended = decode("-r", text)
    said(report, ended, 1, ["notes.txt"], "a file that is no capture")
    said(report, decode("-r", "-", stdin=b"neither is this, at all\n" * 9), 1, [], "standard input that is no capture")
    said(report, decode("-r", "-", stdin=b""), 1, [], "empty standard input")

    (work / "empty.pcap").write_bytes(b"")
    said(report, decode("-r", work / "empty.pcap"), 1, ["empty.pcap"], "an empty file")
    ended = decode("-r", TESTDATA / "recorded" / "bad-header-only.pcap")
    report.equal((ended.status, ended.stdout, ended.stderr), (0, b"", ""), "a capture without packets is no fault")

    whole = GOOD.read_bytes()
    (work / "cut.pcap").write_bytes(whole[:-30])
    ended = decode("-r", work / "cut.pcap")
    said(report, ended, 1, ["cut.pcap", "packet 13"], "a capture cut in its last record")
    delivered(report, ended, GOOD_COUNT - 1, "a capture cut in its last record")
    ended = decode("-r", work / "cut.pcap", "-r", GOOD)
    delivered(report, ended, 2 * GOOD_COUNT - 1, "a cut capture beside a good one")

    (work / "cut.pcap.gz").write_bytes(gzip.compress(whole)[:-40])
    ended = decode("-r", work / "cut.pcap.gz")
    said(report, ended, 1, ["cut.pcap.gz"], "a gzip file that ends too soon")

    ended = decode("-r", TESTDATA / "recorded" / "hep3-kamailio-mix.pcap.xz")
    said(report, ended, 1, ["xz"], "a compression that is not read")

    ended = run(["bash", "-c", f"exec {tool('hepcap-decode')} -r {GOOD} >/dev/full"])
    said(report, ended, 1, ["No space left"], "standard output on a full disk")

    ended = run(["bash", "-c", f"set -o pipefail; {tool('hepcap-decode')} -r {GOOD} | head -n 1 >/dev/null"])
    report.equal(ended.stderr, "", "a reader that goes away is no error")


def usage(report, work):
    said(report, decode("--eof-recrod", "-r", GOOD), 2, ["eof-recrod", "--eof-record"], "a misspelt option", sentences=2)
    said(report, decode("-r", GOOD, "-Y", "calid == 1"), 2, ["calid", "callid"], "a filter with a misspelt key")
    said(report, decode("-r", GOOD, "-Y", "callid =="), 2, [], "a filter that ends too soon")
    said(report, decode("-r", GOOD, "--fields", "callid,methud"), 2, ["methud", "method"], "an unknown field")
    said(report, load("--mt-mode", "hsah"), 2, ["hsah", "hash"], "an unknown mode of several tables")
    database = f"sqlite:{work}/never.db"
    said(report, load("--db", database, "--capture-mode", "a=>tabel_name=x"), 2, ["tabel_name", "table_name"],
         "an unknown key of a capture mode")
    said(report, load("--db", "oracle://localhost/x"), 2, ["oracle", "sqlite"], "an unknown database")
    said(report, load("--db", database, "--route", "status ==> x"), 2, [], "a route that cannot be read")
    report.check(not (work / "never.db").exists(), "wrong usage makes no database")
    ended = decode("-e", "-r", GOOD, "-Y", 'callid == "nobody"')
    report.equal((ended.status, ended.stdout, ended.stderr), (4, b"", ""), "-e where nothing matches")


def databases(report, work, lines):
    text = work / "text.db"
    text.write_text("no database at all, " * 100)
    before = text.read_bytes()
    said(report, load("--db", f"sqlite:{text}", stdin=lines), 2, ["text.db"], "a file that is no database")
    report.equal(text.read_bytes(), before, "a file that is no database is not touched")
    said(report, load("--db", f"sqlite:{work}", stdin=lines), 2, [str(work)], "a directory as database")
    said(report, load("--db", f"sqlite:{work}/none/x.db", stdin=lines), 2, ["none/x.db"], "a database in no directory")

    if os.geteuid() != 0:
        locked = work / "locked.db"
        load("--db", f"sqlite:{locked}", stdin=lines)
        locked.chmod(0o400)
        said(report, load("--db", f"sqlite:{locked}", stdin=lines), 2, ["locked.db"], "a database that may not be written")


def limit_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


def full_disk(report, work, lines):
    """The limit makes each file end at 200 kB, as a full disk would; without it the same load completes."""
    database = work / "full.db"
    unlike = b"".join(re.sub(rb'"uid":"[0-9a-f]+"', b'"uid":"%016x"' % number, line)
                      for number, line in enumerate(lines.splitlines(keepends=True) * 64))
    ended = load("--db", f"sqlite:{database}", "--batch", "50", stdin=unlike, preexec_fn=limit_files)
    said(report, ended, 75, ["full.db"], "a disk that fills up")
    report.equal(sqlite3.connect(database).execute("PRAGMA integrity_check").fetchone(), ("ok",), "after a full disk")
    ended = load("--db", f"sqlite:{database}", stdin=unlike)
    report.equal((ended.status, ended.stderr), (0, ""), "loading again after a full disk")
    stored = rows(database, "SELECT count(*) AS n FROM sip_capture")[0]["n"]
    report.equal(stored, len(unlike.splitlines()), "rows after loading again")


def lines_of_records(report, work, lines):
    good = lines.splitlines(keepends=True)
    for name, bad in {"no JSON": b"{ this is not JSON\n", "an array": b"[1,2]\n", "no kind": b'{"v":1,"micro_ts":1}\n',
                      "no time": b'{"v":1,"kind":"sip","callid":"x"}\n', "binary": bytes(range(128, 256)) + b"\n",
                      "half a line": good[0][:50] + b"\n"}.items():
        database = work / f"{name.replace(' ', '-')}.db"
        ended = load("--db", f"sqlite:{database}", stdin=good[0] + bad + b"".join(good[1:]))
        said(report, ended, 1, ["line 2"], f"a line: {name}")
        stored = rows(database, "SELECT count(*) AS n FROM sip_capture")[0]["n"]
        report.equal(stored, len(good), f"a line: {name}: rows of the others")
    ended = load("--db", f"sqlite:{work}/whole.db", stdin=lines.rstrip(b"\n"))
    report.equal((ended.status, ended.stderr), (0, ""), "a last line without a newline")
    ended = load("--db", f"sqlite:{work}/eof.db", "--require-eof", stdin=lines)
    said(report, ended, 1, ["eof"], "a stream without the eof record that was asked for")
    with_eof = decode("--eof-record", "-r", GOOD).stdout
    ended = load("--db", f"sqlite:{work}/eof.db", "--require-eof", stdin=with_eof)
    report.equal((ended.status, ended.stderr), (0, ""), "a stream with its eof record")


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        lines = decode("-r", GOOD).stdout
        report.equal(len(lines.splitlines()), GOOD_COUNT, "records of the good capture")
        captures(report, work)
        usage(report, work)
        databases(report, work, lines)
        full_disk(report, work, lines)
        lines_of_records(report, work, lines)
    report.finish()


if __name__ == "__main__":
    main()
