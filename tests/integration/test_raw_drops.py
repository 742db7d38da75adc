#!/usr/bin/env python3
"""hepcap-raw where packets come faster than it may take them: what it wrote and what the kernel dropped for want of room is
what arrived, to the packet, however the capture was held up."""
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from namespaces import Capture, Network
from pipeline import Report, decode, tool

# As fast as it goes, or so many a second in portions of ten milliseconds; prints how many.
FLOOD = """import socket, sys, time
count, rate, source_port = map(int, sys.argv[1:4])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", source_port))
message = (b"OPTIONS sip:b@example.org SIP/2.0\\r\\nCall-ID: %d\\r\\nCSeq: 1 OPTIONS\\r\\n\\r\\n" % source_port).ljust(600, b"x")
begun, sent = time.monotonic(), 0
while sent < count:
    if rate and sent >= (time.monotonic() - begun) * rate:
        time.sleep(0.01)
        continue
    s.sendto(message, ("10.77.0.2", 5060))
    sent += 1
print(sent)
"""


def arrived(network):
    """How many datagrams for nobody the namespace b has counted: those that its interface took."""
    lines = network.run("b", "cat", "/proc/net/snmp").stdout.decode().splitlines()
    names, numbers = (line.split() for line in lines if line.startswith("Udp:"))
    return int(numbers[names.index("NoPorts")])


def counted(said):
    found = re.search(r"stopped; (\d+) packets, (\d+) (?:written|records).* (\d+) dropped by the kernel", said)
    return [int(number) for number in found.groups()] if found else [0, 0, 0]


def flood(network, senders, count, rate, while_it_lasts):
    """Several senders, one for each worker's share; `while_it_lasts` is called again and again.  What was sent."""
    running = [subprocess.Popen(network.command("a", sys.executable, "-c", FLOOD, count, rate, 7000 + n),
                                stdout=subprocess.PIPE) for n in range(senders)]
    while any(process.poll() is None for process in running):
        while_it_lasts()
    return sum(int(process.communicate()[0]) for process in running)


def hold_up(capture):
    """The moments in which a machine has better to do."""
    capture.signal(signal.SIGSTOP)
    time.sleep(0.05)
    capture.signal(signal.SIGCONT)
    time.sleep(0.02)


def check(report, network, name, words, rate, is_held_up, wants_drops, output):
    before = arrived(network)
    with open(output, "wb") as stdout:
        capture = Capture(network, "b", "-i", "eth0", "--port", "5060", "-f", "ip and udp", *words,
                          stdout=stdout)
        pause = (lambda: hold_up(capture)) if is_held_up else (lambda: time.sleep(0.05))
        sent = flood(network, 4, 5_000, rate, pause)
        status, _, said = capture.end(signal.SIGTERM)
    came = arrived(network) - before
    packets, written, dropped = counted(said)
    print(f"{name}: {sent} sent, {came} arrived, {written} written, {dropped} dropped")
    report.equal(status, 0, f"{name}: status; {said}")
    report.check(came > sent * 0.9, f"{name}: {came} of {sent} arrived, which is no flood")
    report.equal(packets + dropped, came, f"{name}: taken and dropped")
    report.equal(written, packets, f"{name}: written")
    report.check(dropped > came // 20 if wants_drops else dropped == 0, f"{name}: {dropped} dropped of {came}")
    report.equal("the kernel dropped" in said, wants_drops, f"{name}: drops are told")
    return written


def main():
    tool("hepcap-raw")
    report = Report()
    with Network("a", "b") as network, tempfile.TemporaryDirectory() as directory:
        output = pathlib.Path(directory) / "out"
        written = check(report, network, "a steady rate, a usual ring", [], 2000, False, False, output)
        report.equal(len(decode("-r", output).records()), written, "packets in the savefile")
        for workers in (1, 2):
            words = ["--rcvbuf", "128K", "--workers", workers]
            written = check(report, network, f"a flood, a small ring, {workers} workers", words, 0, True, True, output)
            report.equal(len(decode("-r", output).records()), written, f"packets in the savefile, {workers} workers")
        written = check(report, network, "a flood, records", ["-T", "ndjson", "--rcvbuf", "128K"], 0, True, True, output)
        report.equal(output.read_bytes().count(b"\n"), written, "lines")
    report.finish()


main()
