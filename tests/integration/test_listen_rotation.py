#!/usr/bin/env python3
"""A collector's savefiles of periods: every message is in one of them, whole, and each has its name once it is complete;
SIGHUP ends one early, and so does SIGTERM the last."""
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from loopback import free_port, wait_until
from pipeline import SOURCE, Report, decode, tool

MESSAGE = (SOURCE / "tests/fuzz/corpus/hep/hep3-options.bin").read_bytes()
COUNT = 300

report = Report()


def complete(directory):
    return sorted(directory.glob("*.pcap.zst"))


with tempfile.TemporaryDirectory(prefix="hepcap-rotation-") as place:
    directory = pathlib.Path(place)
    port = free_port()
    with open(directory / "stderr", "wb") as stderr:
        collector = subprocess.Popen(
            [tool("hepcap-listen"), "-L", f"udp:127.0.0.1:{port}", "-w", str(directory / "hep-%H%M%S.pcap.zst"), "-G", "1",
             "--control", str(directory / "control")],
            stdin=subprocess.DEVNULL, stderr=stderr)
    try:
        # The control socket is made when all others are.
        wait_until((directory / "control").exists)
        report.equal(len(list(directory.glob("*.part"))), 1, "files at the start")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in range(COUNT):
                sender.sendto(MESSAGE, ("127.0.0.1", port))
                if number == COUNT // 2:
                    before = len(complete(directory))
                    time.sleep(0.1)
                    collector.send_signal(signal.SIGHUP)
                    report.check(wait_until(lambda: len(complete(directory)) > before, 0.9), "SIGHUP completes no file")
                time.sleep(0.01)
        report.check(wait_until(lambda: len(complete(directory)) >= 3, 5), "no new file after a period")
        collector.send_signal(signal.SIGTERM)
        report.equal(collector.wait(timeout=20), 0, "status after SIGTERM")
    finally:
        collector.kill()
        collector.wait()
    report.equal(list(directory.glob("*.part")), [], "files that are not complete")
    found = [decode("-r", name) for name in complete(directory)]
    report.equal([run.status for run in found if run.status], [], "files that are damaged")
    report.equal(sum(len(run.records()) for run in found), COUNT, "messages in all files")

sys.exit(report.finish())
