#!/usr/bin/env python3
"""hepcap and sngrep, and hepcap and sipgrep, understand each other: sngrep keeps what hepcap-send sends, and what
sngrep and sipgrep send is what hepcap-decode finds in the capture that they read."""
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from collectors import UdpCollector, savefile
from loopback import free_port, is_bound
from pipeline import TESTDATA, Report, decode, payload, run, skip, tool

CAPTURE = TESTDATA / "recorded" / "sip-rtp-sipp.pcap"
LIMIT_S = 20


def messages(records):
    """What was said, without the order: sngrep sorts by call."""
    return sorted((record["source_ip"], record["source_port"], record["destination_ip"], record["destination_port"],
                   record["micro_ts"], payload(record)) for record in records if record["kind"] == "sip")


def to_sngrep(report, sngrep, work, version):
    """hepcap-send to a listening sngrep, which writes what it got into a capture."""
    port, kept, configuration = free_port(), work / f"kept-{version}.pcap", work / f"sngreprc-{version}"
    configuration.write_text(f"set eep.listen.version {version}\n")
    process = subprocess.Popen([sngrep, "-F", "-f", str(configuration), "-N", "-q", "-L", f"udp:127.0.0.1:{port}", "-O",
                                str(kept)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + LIMIT_S
        while not is_bound(port) and time.monotonic() < until:
            time.sleep(0.05)
        ended = run([tool("hepcap-send"), "-r", CAPTURE, "-H", f"udp:127.0.0.1:{port}", "--hep-version", version, "--rate",
                     "200"])
        report.equal((ended.status, ended.stderr), (0, ""), f"hepcap-send to sngrep as HEP{version}")
        wanted = messages(decode("-r", CAPTURE).records())
        found = []
        while len(found) < len(wanted) and time.monotonic() < until:
            time.sleep(0.2)
            found = messages(decode("-q", "-r", kept).records()) if kept.exists() else []
        # With HEP2 it takes the payload's length from an octet of the header that has no room for it.
        if version == 3:
            report.equal(found, wanted, f"sngrep's capture of what came as HEP{version}")
        else:
            report.equal(len(found), len(wanted), f"number of messages that sngrep kept of HEP{version}")
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def from_sender(report, name, command, work):
    with UdpCollector() as collector:
        run([*command, "-I", CAPTURE, "-H", collector.address], limit_s=LIMIT_S)
        wanted = messages(decode("-r", CAPTURE).records())
        collector.wait(len(wanted), LIMIT_S)
        savefile(work / f"{name}.pcap", collector.datagrams)
    ended = decode("-r", work / f"{name}.pcap")
    report.equal((ended.status, ended.stderr), (0, ""), f"hepcap-decode of what {name} sent")
    records = ended.records()
    report.equal({record["hep_version"] for record in records}, {3}, f"version of {name}'s HEP")
    report.equal(messages(records), wanted, f"what {name} sent")


def main():
    report = Report()
    sngrep, sipgrep = shutil.which("sngrep"), shutil.which("sipgrep")
    if not sngrep:
        skip("sngrep is not installed; ./dev deps --test installs it")
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        to_sngrep(report, sngrep, work, 3)
        to_sngrep(report, sngrep, work, 2)
        from_sender(report, "sngrep", [sngrep, "-F", "-N", "-q"], work)
        if sipgrep:
            from_sender(report, "sipgrep", [sipgrep, "-C", "-R"], work)
        else:
            print("left out: sipgrep is not installed; ./dev deps --test installs it")
    report.finish()


main()
