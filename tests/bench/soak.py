#!/usr/bin/env python3
"""A long rain of HEP on hepcap-listen, with a reader who stops now and then: memory stays flat, and every datagram that was
sent is written or counted.

usage: soak.py [--seconds 600] [--rate 50000] [--stop-seconds 5] [--seed 1]

Prints a line a second; ends with status 1 where the law or the memory does not hold."""
import argparse
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import threading
import time

import make_corpus
import receiving
from loopback import free_port  # receiving has put it on the path

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HEPCAP_BUILD", SOURCE / "build" / "release"))
LOSSES = ("queue-full", "dropped by the kernel", "write-failed")
ALLOWED_MB = 64


def build_yardstick(folder):
    source, binary = pathlib.Path(__file__).with_name("udp_yardstick.cpp"), folder / "udp_yardstick"
    folder.mkdir(parents=True, exist_ok=True)
    if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["g++", "-O2", "-std=c++20", str(source), "-o", str(binary)], check=True)
    return binary


class Reader(threading.Thread):
    """Counts lines; stops for some seconds at random moments."""

    def __init__(self, pipe, stop_s, rng):
        super().__init__()
        self.pipe, self.stop_s, self.rng, self.lines, self.stops, self.is_ending = pipe, stop_s, rng, 0, 0, False
        self.start()

    def run(self):
        next_stop = time.monotonic() + self.rng.uniform(1, 4 * self.stop_s)
        while piece := os.read(self.pipe.fileno(), 1 << 20):
            self.lines += piece.count(b"\n")
            if time.monotonic() >= next_stop and not self.is_ending:
                self.stops += 1
                time.sleep(self.stop_s)
                next_stop = time.monotonic() + self.rng.uniform(1, 4 * self.stop_s)


def resident_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s*(\d+)", status.read())[1]) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rate", type=int, default=50000)
    parser.add_argument("--stop-seconds", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    words = parser.parse_args()
    work = BUILD / "bench"
    yardstick, capture = build_yardstick(work), work / "soak-hep3.pcap"
    if not capture.exists():
        make_corpus.write(capture, 20000, "soak", "hep3", with_truth=False)
    port = free_port()
    listener = subprocess.Popen([BUILD / "hepcap-listen", "-L", f"udp:127.0.0.1:{port}", "-v"], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    listener.stderr.readline()
    reader = Reader(listener.stdout, words.stop_seconds, random.Random(words.seed))
    sender = subprocess.Popen([yardstick, "send", capture, str(port), str(words.rate), str(int(words.rate * words.seconds))],
                              stdout=subprocess.PIPE, text=True)
    start, levels = time.monotonic(), []
    try:
        while sender.poll() is None:
            time.sleep(1)
            levels.append(resident_mb(listener.pid))
            print(f"{time.monotonic() - start:6.0f} s {levels[-1]:7.1f} MB {reader.lines:12} lines {reader.stops:4} stops",
                  flush=True)
        reader.is_ending = True
        listener.send_signal(signal.SIGTERM)
        said = listener.stderr.read().decode()
        status = listener.wait(60)
        reader.join(60)
    finally:
        for process in (sender, listener):
            if process.poll() is None:
                process.kill()
                process.wait()
    sent = int(sender.stdout.read().split()[0])
    counted = {cause: int(found[1]) if (found := re.search(rf"(\d+) {cause}", said)) else 0 for cause in LOSSES}
    lost = sum(counted.values())
    print(f"sent {sent}, read {reader.lines}, counted as lost {counted}, peak {max(levels):.1f} MB, status {status}")
    faults = []
    if sent != reader.lines + lost:
        faults.append(f"{sent - reader.lines - lost} are neither read nor counted")
    if max(levels) > ALLOWED_MB:
        faults.append(f"memory rose to {max(levels):.1f} MB; {ALLOWED_MB} are allowed")
    if status != 0:
        faults.append(f"it ended with status {status}: {said}")
    print("; ".join(faults) or "every datagram was written or counted, and memory was flat")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
