"""A running hepcap-listen, and what is sent to it."""
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import struct
import subprocess
import tempfile

from loopback import free_port, wait_until
from pipeline import run, tool

LINK_HEADERS = {1: 14, 113: 16, 276: 20, 0: 4, 101: 0}


def udp_payloads(capture):
    """The payloads of the UDP packets of a savefile, each with the time of its packet in microseconds."""
    octets = capture.read_bytes()
    order = "<" if octets[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link_type, at, payloads = struct.unpack(order + "I", octets[20:24])[0], 24, []
    while at + 16 <= len(octets):
        seconds, fraction, size = struct.unpack(order + "III", octets[at:at + 12])
        packet = octets[at + 16 + LINK_HEADERS[link_type]:at + 16 + size]
        at += 16 + size
        transport = packet[(packet[0] & 15) * 4:] if packet[0] >> 4 == 4 else packet[40:]
        payloads.append((transport[8:struct.unpack(">H", transport[4:6])[0]], seconds * 1000000 + fraction))
    return payloads


def chunk(type_id, value, vendor=0):
    return struct.pack(">HHH", vendor, type_id, 6 + len(value)) + value


def hep3(payload, *more, seconds=1750000000, micros=0):
    """A HEP3 message over UDP from 192.0.2.1:5060 to 192.0.2.2:5060, with more chunks before the payload."""
    chunks = b"".join([chunk(1, b"\x02"), chunk(2, b"\x11"), chunk(3, bytes([192, 0, 2, 1])), chunk(4, bytes([192, 0, 2, 2])),
                       chunk(7, struct.pack(">H", 5060)), chunk(8, struct.pack(">H", 5060)),
                       chunk(9, struct.pack(">I", seconds)), chunk(10, struct.pack(">I", micros)),
                       chunk(11, b"\x01"), chunk(12, struct.pack(">I", 2001)), *more, chunk(15, payload)])
    return b"HEP3" + struct.pack(">H", 6 + len(chunks)) + chunks


def options(number=0, size=0):
    """A SIP request whose CSeq is the number, made longer by a body of some size."""
    return (f"OPTIONS sip:b@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{number}\r\n"
            f"From: <sip:a@192.0.2.1>;tag=1\r\nTo: <sip:b@192.0.2.2>\r\nCall-ID: {number}@192.0.2.1\r\n"
            f"CSeq: {number} OPTIONS\r\nContent-Length: {size}\r\n\r\n").encode() + b"x" * size


class Listener:
    """hepcap-listen on free ports of loopback; `stop()` ends it by SIGTERM and keeps what it said.  A controlled one has
    every way by which it can be asked and told: `control`, `rpc`, `mi`, `metrics_port` and `metrics_file`."""

    def __init__(self, *arguments, listen=("udp:127.0.0.1:0",), stdout=None, controlled=False, **more):
        self.folder = tempfile.TemporaryDirectory(prefix="hepcap-listen-")
        self.output = open(f"{self.folder.name}/stdout", "w+b") if stdout is None else stdout
        self.errors = open(f"{self.folder.name}/stderr", "w+b")
        if controlled:
            arguments = (*self._ways_to_control(), *arguments)
        places = [word for place in listen for word in ("-L", place)]
        self.process = subprocess.Popen([tool("hepcap-listen"), "-v", *places, *map(str, arguments)],
                                        stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.errors, **more)
        self.addresses = self._wait_for_addresses()

    def _ways_to_control(self):
        folder = pathlib.Path(self.folder.name)
        self.control, self.rpc, self.mi, self.metrics_file = (folder / n for n in ("control", "rpc", "mi", "metrics.prom"))
        self.metrics_port = free_port()
        return ("--control", self.control, "--rpc-fifo", self.rpc, "--mi-fifo", self.mi, "--metrics",
                f"127.0.0.1:{self.metrics_port}", "--metrics-file", self.metrics_file, "--metrics-interval", "1")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.errors.close()
        self.folder.cleanup()

    def _wait_for_addresses(self):
        def announced():
            return re.search(r"listening on (.*)\n", self.stderr())
        if not wait_until(lambda: announced() or self.process.poll() is not None, 20) or not announced():
            raise SystemExit(f"hepcap-listen does not listen: {self.stderr()}")
        return [(text.split(":")[0], text.split(":", 1)[1].rsplit(":", 1)[0].strip("[]"), int(text.rsplit(":", 1)[1]))
                for text in announced()[1].split(", ")]

    def stderr(self):
        with open(self.errors.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stdout(self):
        with open(f"{self.folder.name}/stdout", "rb") as file:
            return file.read()

    def records(self):
        return [json.loads(line) for line in self.stdout().splitlines()]

    def connect(self, index=0, context=None):
        protocol, host, port = self.addresses[index]
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sender = socket.socket(family, socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM)
        sender.settimeout(10)
        sender.connect((host, port))
        if protocol == "tls":
            return context.wrap_socket(sender, server_hostname="localhost")
        return sender

    def wait_for_records(self, count, limit_s=20):
        return wait_until(lambda: self.stdout().count(b"\n") >= count, limit_s)

    def ctl(self, *words):
        return run([tool("hepcap-ctl"), "--control", self.control, *words])

    def counters(self):
        """What hepcap-ctl says: names of the metrics, with their labels, and numbers."""
        return json.loads(self.ctl("-T", "ndjson", "counters").stdout)

    def passes_on(self):
        """Whether what is sent comes out; what does not is given half a second."""
        before = self.stdout().count(b"\n")
        with self.connect() as sender:
            sender.send(hep3(options()))
        return self.wait_for_records(before + 1, 0.5)

    def peak_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmHWM:\s*(\d+)", status.read())[1]) / 1024

    def resident_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s*(\d+)", status.read())[1]) / 1024

    def stop(self, number=signal.SIGTERM, limit_s=30):
        """The exit status; None where it did not end in time."""
        self.process.send_signal(number)
        try:
            return self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None

    def counted(self):
        """The closing line as numbers: {"received": 5, "written": 4, "short-header": 1 …}."""
        lines = [line for line in self.stderr().splitlines() if " received, " in line]
        if not lines:
            return {}
        return {name: int(count) for count, name in re.findall(r"(\d+) ([a-zA-Z0-9 -]+?)(?=[,;]|$)", lines[-1])}


def make_certificate(folder, name, authority=None):
    """A key and a certificate for localhost, signed by an authority made here before, or by itself."""
    base, key, certificate = f"{folder}/{name}", f"{folder}/{name}.key", f"{folder}/{name}.crt"
    subject = ["-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key]
    signer = ["-CA", authority[0], "-CAkey", authority[1]] if authority else []
    command = ["openssl", "req", "-x509", "-days", "2", *new_key, *subject, *signer, "-out", certificate]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"openssl cannot make {base}: {done.stderr}")
    return certificate, key


def client_context(authority, own=None):
    context = ssl.create_default_context(cafile=authority)
    if own:
        context.load_cert_chain(*own)
    return context


def pid_exists(pid):
    return os.path.exists(f"/proc/{pid}")
