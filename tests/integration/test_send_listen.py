#!/usr/bin/env python3
"""hepcap-send and hepcap-listen, end to end: what is decoded, sent over UDP, TCP or TLS and received gives the records
that were sent; and what the collector keeps as a savefile decodes to them."""
import json
import pathlib
import re
import signal
import subprocess
import tempfile
import time

from pipeline import TESTDATA, Report, decode, run, skip, tool

NAMES = ("hep3-kamailio-mix", "hep3-kamailio-correlation", "hep3-rtpengine-rtcp", "hep3-sngrep-mix", "hep3-kamailio-to-ipv6")
HOP = ("hep_peer", "file", "frame", "offset", "node", "hep_auth_ok")
LIMIT_S = 20


class Listener:
    """A hepcap-listen on a port that the kernel chose."""

    def __init__(self, work, protocol, *options):
        self.out, self.log = work / "records.ndjson", work / "listen.log"
        with self.out.open("wb") as out, self.log.open("wb") as log:
            self.process = subprocess.Popen([tool("hepcap-listen"), "-v", "-L", f"{protocol}:127.0.0.1:0", *options],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=log)
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until and self.process.poll() is None:
            found = re.search(rf"{protocol}:127\.0\.0\.1:([1-9]\d*)", self.log.read_text())
            if found:
                self.address = found[0]
                return
            time.sleep(0.02)
        self.close()
        raise AssertionError(f"hepcap-listen did not start: {self.log.read_text()}")

    def wait(self, count):
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until and self.out.read_bytes().count(b"\n") < count:
            time.sleep(0.02)
        return [json.loads(line) for line in self.out.read_text().splitlines()]

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def comparable(record):
    return {key: value for key, value in record.items() if key not in HOP}


def equal_records(report, where, found, wanted):
    report.equal(len(found), len(wanted), f"{where}: number of records")
    for number, (a, b) in enumerate(zip(found, wanted), 1):
        a, b = comparable(a), comparable(b)
        other = sorted(key for key in a.keys() | b.keys() if a.get(key) != b.get(key))
        report.check(not other, f"{where}: record {number}: " +
                     "; ".join(f"{key} is {a.get(key)!r}, was {b.get(key)!r}" for key in other))


def through(report, where, work, protocol, lines, listen_options=(), send_options=()):
    wanted = [json.loads(line) for line in lines.splitlines()]
    listener = Listener(work, protocol, *listen_options)
    try:
        ended = run([tool("hepcap-send"), "-H", listener.address, "--rate", "20000", *send_options], stdin=lines)
        report.equal((ended.status, ended.stderr), (0, ""), f"{where}: hepcap-send")
        found = listener.wait(len(wanted))
    finally:
        status = listener.close()
    report.equal(status, 0, f"{where}: hepcap-listen")
    equal_records(report, where, found, wanted)
    return found


def kept_as_a_savefile(report, work, lines):
    wanted = [json.loads(line) for line in lines.splitlines()]
    kept = work / "kept.pcap"
    listener = Listener(work, "udp", "-w", kept)
    try:
        ended = run([tool("hepcap-send"), "-H", listener.address, "--rate", "20000"], stdin=lines)
        report.equal((ended.status, ended.stderr), (0, ""), "hepcap-send to a savefile")
        until = time.monotonic() + LIMIT_S
        found = []
        while len(found) < len(wanted) and time.monotonic() < until:
            time.sleep(0.1)
            found = decode("-q", "-r", kept).records() if kept.exists() and kept.stat().st_size else []
    finally:
        listener.close()
    equal_records(report, "the collector's savefile", decode("-r", kept).records(), wanted)


def main():
    report = Report()
    lines = b"".join(decode("-r", TESTDATA / "recorded" / f"{name}.pcap").stdout for name in NAMES)
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        through(report, "over UDP", work, "udp", lines)
        found = through(report, "over TCP, compressed", work, "tcp", lines, send_options=["--compress"])
        report.check(any(record["kind"] == "rtcp" for record in found), "RTCP is among them")
        key = work / "key"
        key.write_text("open sesame\n")
        found = through(report, "with a key", work, "tcp", lines, ["--auth-key-file", key], ["--auth-key-file", key])
        report.check(found and all(record.get("hep_auth_ok") for record in found), "the key is the expected one")
        made = run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", work / "key.pem", "-out", work / "cert.pem"])
        if made.status != 0:
            skip("openssl is not installed; ./dev deps --test installs it")
        through(report, "over TLS", work, "tls", lines, ["--tls-cert", work / "cert.pem", "--tls-key", work / "key.pem"],
                ["--tls-ca", work / "cert.pem"])
        kept_as_a_savefile(report, work, lines)
        captures = sorted(path for path in (TESTDATA / "recorded").glob("*.pcap*")
                          if path.suffix in (".pcap", ".pcapng") and not path.name.startswith("bad-"))
        lines = b"".join(decode("-q", "-r", path).stdout for path in captures)
        found = through(report, "all that was ever recorded", work, "tcp", lines)
        report.check({record.get("hep_version") for record in found} == {None, 1, 2, 3}, "sniffed, and all versions of HEP")
    report.finish()


main()
