#!/usr/bin/env python3
"""Nothing is lost in silence: sent = written + counted, with a reader that stops, with SIGTERM and SIGHUP under load,
and when the reader is waited for; memory stays bounded by the queue."""
import os
import pathlib
import random
import signal
import sys
import tempfile
import threading
import time

from listening import Listener, hep3, options
from loopback import wait_until
from pipeline import Report, SANITIZED, tool

MESSAGE_SIZE = 1200
LOSSES = ("queue-full", "dropped by the kernel", "write-failed")


def numbers(octets):
    return [int(line.split(b'"cseq":"')[1].split(b" ")[0]) for line in octets.splitlines()]


def send_many(sender, first, count, pause_every=0):
    for number in range(first, first + count):
        sender.send(hep3(options(number, MESSAGE_SIZE)))
        if pause_every and number % pause_every == 0:
            time.sleep(0.001)


class SlowReader(threading.Thread):
    """Reads a pipe; stops reading while told to."""

    def __init__(self, fd):
        super().__init__()
        self.fd, self.go, self.octets = fd, threading.Event(), bytearray()
        self.start()

    def run(self):
        while True:
            self.go.wait()
            piece = os.read(self.fd, 1 << 20)
            if not piece:
                return
            self.octets += piece


def pipe_with_reader():
    fd, end = os.pipe()
    return SlowReader(fd), os.fdopen(end, "wb")


def check_slow_reader(report):
    """The reader stops; the queue fills; records are dropped and counted; what comes out is whole and in order."""
    count, queue_mb = 30000, 4
    reader, end = pipe_with_reader()
    with Listener("--queue", f"{queue_mb}M", stdout=end) as listener:
        end.close()
        sender = listener.connect()
        reader.go.set()
        send_many(sender, 0, 1000, 50)
        report.check(wait_until(lambda: reader.octets.count(b"\n") == 1000), "all come out while the reader reads")
        reader.go.clear()
        before_mb = listener.resident_mb()
        send_many(sender, 1000, count, 20)
        time.sleep(0.5)
        grown_mb = listener.resident_mb() - before_mb
        report.check(SANITIZED or grown_mb < queue_mb + 8, f"memory grew by {grown_mb:.1f} MB with a queue of {queue_mb}")
        report.check(listener.process.poll() is None, "it lives on")
        reader.go.set()
        report.equal(listener.stop(), 0, "slow reader: status")
        reader.join(20)
        counted = listener.counted()
        found = numbers(bytes(reader.octets))
        lost = sum(counted.get(loss, 0) for loss in LOSSES)
        report.equal(found, sorted(set(found)), "slow reader: records in order, none twice")
        report.equal(len(found) + lost, 1000 + count, f"slow reader: written and counted, of those sent; {counted}")
        report.check(counted.get("queue-full", 0) > 0, f"slow reader: nothing was dropped: {counted}")
        report.equal(counted.get("written"), len(found), "slow reader: written")


def check_stopped_for_good(report):
    """A reader that never reads again does not keep the tool from ending, not even where it is waited for (--block);
    what it did not take is counted."""
    for options_of_queue in ((), ("--block",)):
        reader, end = pipe_with_reader()
        with Listener("--queue", "1M", *options_of_queue, stdout=end) as listener:
            what = f"stopped reader {options_of_queue}"
            end.close()
            send_many(listener.connect(), 0, 3000, 20)
            report.equal(listener.stop(limit_s=40), 1, f"{what}: status")
            report.check("takes nothing" in listener.stderr(), f"{what}: it is told: {listener.stderr()}")
            counted = listener.counted()
            lost = sum(counted.get(loss, 0) for loss in LOSSES)
            report.equal(counted.get("written", 0) + lost, 3000, f"{what}: written and counted: {counted}")
            reader.go.set()
            reader.join(20)


def check_waiting(report):
    """With --block a reader who is slow costs time: over TCP nothing is lost at all."""
    count = 20000
    reader, end = pipe_with_reader()
    with Listener("--queue", "1M", "--block", listen=("tcp:127.0.0.1:0",), stdout=end) as listener:
        end.close()
        sender = listener.connect()
        sender.settimeout(60)
        feeder = threading.Thread(target=lambda: [sender.sendall(hep3(options(n, MESSAGE_SIZE))) for n in range(count)])
        feeder.start()
        time.sleep(1)
        report.check(feeder.is_alive(), "the sender is slowed down")
        reader.go.set()
        feeder.join(60)
        sender.close()
        report.check(wait_until(lambda: reader.octets.count(b"\n") == count, 60), "all come out in the end")
        report.equal(listener.stop(), 0, "--block: status")
        reader.join(20)
        report.equal(numbers(bytes(reader.octets)), list(range(count)), "--block: records")
        report.equal(sum(listener.counted().get(loss, 0) for loss in LOSSES), 0, "--block: lost")


def check_term_under_load(report):
    """What the kernel had taken when SIGTERM came is written; what came after it is counted by the kernel."""
    rng = random.Random(5)
    for attempt in range(3):
        with Listener() as listener:
            sender, sent, stop = listener.connect(), [0], threading.Event()

            def feed():
                while not stop.is_set():
                    try:
                        sender.send(hep3(options(sent[0], MESSAGE_SIZE)))
                    except ConnectionRefusedError:
                        return  # the door is closed, and an earlier datagram has found that out
                    sent[0] += 1
            feeder = threading.Thread(target=feed)
            feeder.start()
            time.sleep(rng.uniform(0.1, 0.6))
            certain = sent[0]  # sent before the signal
            report.equal(listener.stop(), 0, f"SIGTERM {attempt}: status")
            stop.set()
            feeder.join()
            found = numbers(listener.stdout())
            report.check(len(found) >= certain, f"SIGTERM {attempt}: {len(found)} written of {certain} sent before it")
            report.equal(found, list(range(len(found))), f"SIGTERM {attempt}: records without a gap")
            report.equal(listener.counted().get("written"), len(found), f"SIGTERM {attempt}: written")


def check_hup_under_load(report):
    """The output is moved away and made anew, many times, under load: together the files have every packet once."""
    count = 8000
    with tempfile.TemporaryDirectory() as folder:
        with Listener("-w", f"{folder}/now.pcap") as listener:
            sender = listener.connect()
            feeder = threading.Thread(target=send_many, args=(sender, 0, count, 10))
            feeder.start()
            turns = 0
            while feeder.is_alive():
                time.sleep(0.05)
                if not pathlib.Path(f"{folder}/now.pcap").exists():
                    continue
                os.rename(f"{folder}/now.pcap", f"{folder}/{turns:04}.pcap")
                listener.process.send_signal(signal.SIGHUP)
                turns += 1
            feeder.join()
            report.equal(listener.stop(), 0, "SIGHUP: status")
            report.equal(listener.counted().get("written"), count, f"SIGHUP: written; {listener.stderr()}")
        found = []
        for capture in sorted(pathlib.Path(folder).glob("*.pcap")):
            octets = capture.read_bytes()
            report.equal(octets[:4], b"\xd4\xc3\xb2\xa1", f"{capture.name} begins as a savefile")
            at = 24
            while at < len(octets):
                size = int.from_bytes(octets[at + 8:at + 12], "little")
                packet = octets[at + 16:at + 16 + size]
                found.append(int(packet.split(b"CSeq: ")[1].split(b" ")[0]))
                at += 16 + size
        report.equal(found, list(range(count)), f"SIGHUP: packets of {turns} files")
        report.check(turns > 3, f"SIGHUP: only {turns} turns")


def main():
    tool("hepcap-listen")
    report = Report()
    for check in (check_slow_reader, check_waiting, check_term_under_load, check_hup_under_load, check_stopped_for_good):
        check(report)
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
