"""What receives HEP over UDP, and how much of it without a loss: hepcap-listen against the bare loop that only counts,
in the same run, with the same sender beside them."""
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
from loopback import free_port  # noqa: E402


class Trial:
    def __init__(self, rate, sent, received, peak_mb):
        self.rate, self.sent, self.received, self.peak_mb = rate, sent, received, peak_mb

    def is_lossless(self):
        return self.received == self.sent


def peak_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s*(\d+)", status.read())[1]) / 1024


class Contest:
    """`yardstick` is the built udp_yardstick, `listen` hepcap-listen, `capture` a savefile of HEP."""

    def __init__(self, yardstick, listen, capture, seconds):
        self.yardstick, self.listen, self.capture, self.seconds = str(yardstick), str(listen), str(capture), seconds

    def commands(self, who, port):
        if who == "sink":
            return [self.yardstick, "sink", str(port)]
        return [self.listen, "-L", f"udp:127.0.0.1:{port}", "-v"]

    def run(self, who, rate, count):
        """Sends `count` at a rate (0: as fast as it goes) to one of the two; what came of it."""
        port = free_port()
        receiver = subprocess.Popen(self.commands(who, port), stdin=subprocess.DEVNULL, text=True, stderr=subprocess.PIPE,
                                    stdout=subprocess.PIPE if who == "sink" else subprocess.DEVNULL)
        try:
            if who == "sink":
                time.sleep(0.3)
            else:
                receiver.stderr.readline()  # listening on …
            sent, seconds = subprocess.run([self.yardstick, "send", self.capture, str(port), str(rate), str(count)], check=True,
                                           capture_output=True, text=True).stdout.split()
            peak = peak_mb(receiver.pid)
            receiver.send_signal(signal.SIGTERM)
            said, complaints = receiver.communicate(timeout=60)
        finally:
            if receiver.poll() is None:
                receiver.kill()
                receiver.wait()
        received = int(said) if who == "sink" else int(re.search(r"(\d+) written", complaints)[1])
        return Trial(int(sent) / float(seconds), int(sent), received, peak)

    def highest(self, who, start=100_000, steps=5):
        """The highest rate that was taken whole: as fast as the sender goes, or by halving the interval."""
        full = self.run(who, 0, int(start * self.seconds))
        if full.is_lossless():
            return full
        low, high, best = 0.0, full.rate, None
        for _ in range(steps):
            rate = (low + high) / 2
            trial = self.run(who, rate, int(rate * self.seconds))
            if trial.is_lossless():
                low, best = rate, trial
            else:
                high = rate
        return best or Trial(0, 0, 0, 0)
