#!/usr/bin/env python3
"""load-spool, which hepcap-load.service runs: what is complete is loaded and removed, what is damaged is loaded as far
as it goes and kept aside, what is still being written is left alone, where the configuration is wrong nothing is
touched, and what it says for a crontab costs no savefile."""
import fcntl
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

from pipeline import BUILD, SOURCE, TESTDATA, Report, run, tool

SCRIPT = SOURCE / "tools/systemd/load-spool"
CAPTURE = (TESTDATA / "recorded/hep3-kamailio-mix.pcap").read_bytes()

tool("hepcap-decode"), tool("hepcap-load")
report = Report()


def spool(place, files):
    directory = pathlib.Path(place, "spool")
    directory.mkdir()
    for name, octets in files.items():
        (directory / name).write_bytes(octets)
    return directory


def load(place, directory, **environment):
    return run([SCRIPT, directory], cwd=place,
               env={"PATH": f"{BUILD}:{os.environ['PATH']}", "HOME": place, **environment})


def names(directory):
    return sorted(path.name for path in directory.iterdir() if path.name != ".lock")


def rows(place):
    with sqlite3.connect(pathlib.Path(place, "hepcap.db")) as database:
        return database.execute("SELECT count(*) FROM sip_capture").fetchone()[0]


with tempfile.TemporaryDirectory(prefix="hepcap-spool-") as place:
    directory = spool(place, {"listen-1.pcap": CAPTURE, "listen-2.pcap.zst.part": b"not yet"})
    writing = open(directory / "listen-2.pcap.zst.part", "rb")
    fcntl.flock(writing, fcntl.LOCK_EX)
    done = load(place, directory)
    report.equal((done.status, done.stderr), (0, ""), "a complete savefile")
    report.equal(names(directory), ["listen-2.pcap.zst.part"], "what is left")
    whole = rows(place)
    report.check(whole > 100, f"only {whole} rows came of a complete savefile")

    cut = CAPTURE[:len(CAPTURE) // 2 + 7]
    (directory / "listen-3.pcap").write_bytes(cut)
    (directory / "listen-4.pcap").write_bytes(CAPTURE)
    pathlib.Path(place, "hepcap.db").unlink()
    done = load(place, directory)
    report.equal(done.status, 1, "a damaged one before a complete one")
    report.check("listen-3.pcap was not loaded completely" in done.stderr, f"it is not named: {done.stderr}")
    report.equal(names(directory), ["failed", "listen-2.pcap.zst.part"], "what is left of both")
    report.equal([path.read_bytes() for path in (directory / "failed").iterdir()], [cut], "what is kept aside")
    report.equal(rows(place), whole, "rows of the complete one")

with tempfile.TemporaryDirectory(prefix="hepcap-spool-") as place:
    directory = spool(place, {"listen-1.pcap.part": CAPTURE})
    report.equal(load(place, directory).status, 0, "what a crash left")
    report.equal((names(directory), rows(place)), ([], whole), "what became of it")

with tempfile.TemporaryDirectory(prefix="hepcap-spool-") as place:
    directory = spool(place, {"raw-eth1-1.pcap": CAPTURE})
    report.equal(load(place, directory, HEPCAP_DB_URL="mysqll://nowhere").status, 2, "a wrong configuration")
    report.equal(names(directory), ["raw-eth1-1.pcap"], "what is left then")
    report.equal(load(place, directory, HEPCAP_DB_URL=f"sqlite:{place}/none/x.db").status, 2, "a database that refuses")
    report.equal(names(directory), ["raw-eth1-1.pcap"], "what is left of what it refuses")

with tempfile.TemporaryDirectory(prefix="hepcap-spool-") as place:
    directory = spool(place, {"listen-1.pcap": CAPTURE})
    configuration = pathlib.Path(place, "hepcap.toml")
    configuration.write_text('[load]\nread = ["none/*.ndjson"]\nlock = "skip"\ndry-run = true\n', encoding="utf-8")
    with subprocess.Popen(["flock", pathlib.Path(place, "hepcap.db.lock"), "sh", "-c", "echo; sleep 1"],
                          stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        done = load(place, directory, HEPCAP_CONFIG=str(configuration))
    report.equal((done.status, done.stderr), (0, ""), "beside a load from a crontab")
    report.equal((names(directory), rows(place)), ([], whole), "what became of the savefile")

sys.exit(report.finish())
