"""Networks that a test makes for itself: network namespaces joined by a bridge that learns nothing, so that every port
sees every frame, as the mirror port of a switch does.  All of it goes when the test ends."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

from pipeline import skip, tool

SEND = """import socket, sys, time
address, port, count, size, pause_every = sys.argv[1], *map(int, sys.argv[2:6])
s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", int(sys.argv[6])))
for i in range(count):
    body = b"x" * size
    s.sendto(b"MESSAGE sip:b@example.org SIP/2.0\\r\\nCall-ID: %s-%d\\r\\nCSeq: 1 MESSAGE\\r\\nContent-Length: %d\\r\\n\\r\\n%s"
             % (sys.argv[7].encode(), i, size, body), (address, port))
    if pause_every and i % pause_every == pause_every - 1:
        time.sleep(0.002)
"""


def ip(*words):
    done = subprocess.run(["ip", *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"ip {' '.join(map(str, words))}: {done.stderr.strip()}")


class Network:
    """Namespaces `names`, each with an interface eth0 at the same bridge: 10.77.0.N and fd77::N, N from 1.  Not for two
    networks at a time in one process."""

    def __init__(self, *names):
        if os.geteuid() != 0 or not shutil.which("ip"):
            skip("network namespaces take root and the program ip (iproute2)")
        self.prefix, self.names, self.stack = f"hcap{os.getpid()}", names, contextlib.ExitStack()

    def name(self, namespace):
        return f"{self.prefix}-{namespace}"

    def __enter__(self):
        try:
            self.make("hub")
            ip("-n", self.name("hub"), "link", "add", "br0", "type", "bridge", "ageing_time", 0, "mcast_snooping", 0)
            ip("-n", self.name("hub"), "link", "set", "br0", "up")
            for number, namespace in enumerate(self.names, 1):
                self.make(namespace)
                ip("-n", self.name(namespace), "link", "add", "eth0", "type", "veth", "peer", "name", f"port{number}",
                   "netns", self.name("hub"))
                ip("-n", self.name("hub"), "link", "set", f"port{number}", "master", "br0", "up")
                ip("-n", self.name(namespace), "addr", "add", f"10.77.0.{number}/24", "dev", "eth0")
                ip("-n", self.name(namespace), "addr", "add", f"fd77::{number}/64", "dev", "eth0", "nodad")
                ip("-n", self.name(namespace), "link", "set", "lo", "up")
                ip("-n", self.name(namespace), "link", "set", "eth0", "up")
        except OSError as error:
            self.stack.close()
            skip(f"no network namespaces here: {error}")
        return self

    def make(self, namespace):
        ip("netns", "add", self.name(namespace))
        self.stack.callback(subprocess.run, ["ip", "netns", "del", self.name(namespace)], capture_output=True)

    def __exit__(self, *_):
        self.stack.close()

    def command(self, namespace, *words):
        return ["ip", "netns", "exec", self.name(namespace), *map(str, words)]

    def run(self, namespace, *words, limit_s=60, **options):
        return subprocess.run(self.command(namespace, *words), capture_output=True, timeout=limit_s, **options)

    def python(self, namespace, code, *words):
        done = self.run(namespace, sys.executable, "-c", code, *words)
        if done.returncode:
            raise OSError(done.stderr.decode())

    def send(self, namespace, address, count, name="m", port=5060, size=0, pause_every=100, source_port=5062):
        """Sends messages with the Call-IDs NAME-0, NAME-1 …"""
        self.python(namespace, SEND, address, port, count, size, pause_every, source_port, name)


class Capture:
    """hepcap-raw in a namespace, ready to capture when the constructor returns."""

    def __init__(self, network, namespace, *words, stdout=subprocess.PIPE):
        self.process = subprocess.Popen(network.command(namespace, tool("hepcap-raw"), *words), stdout=stdout,
                                        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        end = time.monotonic() + 20
        # ip becomes hepcap-raw; the filter for system calls is the last thing before it begins.
        while self.status("Seccomp") != "2" and self.process.poll() is None:
            if time.monotonic() > end:
                self.process.kill()
                raise OSError(f"hepcap-raw was not ready in time: {self.process.communicate()[1].decode()}")
            time.sleep(0.01)

    def status(self, key):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith(key + ":"):
                    return line.split(":", 1)[1].strip()
        return None

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, number=None, limit_s=20):
        """Its status, what it wrote, and what it said."""
        if number:
            self.signal(number)
        try:
            out, said = self.process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, said = self.process.communicate()
            return None, out or b"", f"did not end within {limit_s} seconds; {said.decode()}"
        return self.process.returncode, out or b"", said.decode()
