#!/usr/bin/env python3
"""hepcap-send over TCP and TLS, and when the other side is slow, away, or goes: nothing is lost but what is said to be,
a message that was cut is sent again as a whole, and the exit status tells."""
import json
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time

from collectors import StreamCollector, UdpCollector, frames
from pipeline import Report, run, skip, tool


def records(count, size=400):
    """Lines of records that can be told apart by their Call-ID."""
    lines = []
    for number in range(count):
        message = (f"OPTIONS sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{number}\r\n"
                   f"From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: call-{number:06}\r\n"
                   f"CSeq: 1 OPTIONS\r\nX-Filler: {'x' * size}\r\nContent-Length: 0\r\n\r\n")
        lines.append(json.dumps({"v": 1, "kind": "sip", "micro_ts": 1764950400000000 + number, "source_ip": "192.0.2.1",
                                 "source_port": 5060, "destination_ip": "192.0.2.2", "destination_port": 5060,
                                 "transport": "udp", "callid": f"call-{number:06}", "msg": message}))
    return ("\n".join(lines) + "\n").encode()


def numbers(messages):
    return [int(message.split(b"Call-ID: call-", 1)[1][:6]) for message in messages]


def sent(*arguments, **options):
    return run([tool("hepcap-send"), *arguments], limit_s=60, **options)


def over_tcp(report):
    for host in ("127.0.0.1", "::1"):
        with StreamCollector(host) as collector:
            ended = sent("-H", collector.address, stdin=records(3000))
            report.equal((ended.status, ended.stderr), (0, ""), f"over TCP to {host}")
            collector.wait(3000)
            report.equal(numbers(collector.messages()), list(range(3000)), f"messages over TCP to {host}")
            report.equal(frames(bytes(collector.streams[0]))[1], b"", f"rest of the stream from {host}")


def slow_reader_is_waited_for(report):
    with StreamCollector(read_delay_s=0.002) as collector:
        ended = sent("-H", collector.address, "--buffer", "140000", stdin=records(4000, 1000))
        report.equal((ended.status, ended.stderr), (0, ""), "to a slow reader")
        collector.wait(4000)
        report.equal(numbers(collector.messages()), list(range(4000)), "messages to a slow reader")


def cut_message_is_sent_whole(report):
    """The collector resets the first connection in the middle of things; the next begins with a whole message."""
    with StreamCollector(cut_after=20_000) as collector:
        ended = sent("-v", "-H", collector.address, "--rate", "4000", stdin=records(4000, 1000))
        collector.wait(len(collector.messages()))
        report.equal(ended.status, 1, f"status after a lost connection ({ended.stderr})")
        report.check("1 connections lost" in ended.stderr, f"the loss is said: {ended.stderr}")
        report.check(len(collector.streams) == 2, f"{len(collector.streams)} connections")
        found = [numbers(frames(bytes(stream))[0]) for stream in collector.streams]
        report.equal(frames(bytes(collector.streams[1]))[1], b"", "the second stream ends with a whole message")
        # What came is in order, each message once, and the second connection goes on to the end.
        report.equal(found[1], list(range(found[1][0], 4000)), "messages of the second connection")
        report.equal(found[0], list(range(len(found[0]))), "messages of the first connection")


def collector_that_comes_late(report):
    with StreamCollector() as probe:
        port = probe.port
    process = subprocess.Popen([tool("hepcap-send"), "-H", f"tcp:127.0.0.1:{port}"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(records(100))
    process.stdin.flush()
    time.sleep(0.5)
    with StreamCollector(port=port) as collector:
        _, stderr = process.communicate(timeout=30)
        report.equal(process.returncode, 0, f"status with a late collector ({stderr.decode()})")
        report.check(b"trying again" in stderr and b"is there again" in stderr, f"said: {stderr.decode()}")
        collector.wait(100)
        report.equal(numbers(collector.messages()), list(range(100)), "messages to a late collector")


def late_udp_collector(report):
    with UdpCollector() as probe:
        port = probe.port
    process = subprocess.Popen([tool("hepcap-send"), "-H", f"udp:127.0.0.1:{port}"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(records(200))
    process.stdin.close()
    time.sleep(0.5)
    with UdpCollector(port=port) as collector:
        process.stdin = None
        _, stderr = process.communicate(timeout=30)
        report.equal(process.returncode, 0, f"status with a late UDP collector ({stderr.decode()})")
        collector.wait(200)
        report.equal(numbers(collector.messages()), list(range(200)), "messages to a late UDP collector")


def drops_are_counted(report):
    """A reader that takes nothing: sent and dropped are what was read."""
    with StreamCollector(read_delay_s=1) as collector:
        ended = sent("-v", "--drop", "--buffer", "140000", "-H", collector.address, stdin=records(8000, 1000))
        counted = {word: int(number) for number, word in
                   re.findall(r"(\d+) (messages dropped|messages not sent|sent,)", ended.stderr)}
        dropped, done = counted.get("messages dropped", 0), counted.get("sent,", 0)
        unsent = counted.get("messages not sent", 0)
        report.check(dropped > 0, f"something is dropped: {ended.stderr}")
        report.equal(dropped + done + unsent, 8000, f"sent, dropped and unsent together ({ended.stderr})")


def nothing_is_held_back(report):
    """A record goes out while the input waits for the next, and SIGTERM ends the work in good order."""
    with StreamCollector() as stream, UdpCollector() as datagrams:
        process = subprocess.Popen([tool("hepcap-send"), "-H", stream.address, "-H", datagrams.address],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(records(1))
        process.stdin.flush()
        report.check(stream.wait(1) and datagrams.wait(1), "a record arrives while the input waits")
        process.send_signal(signal.SIGUSR1)
        time.sleep(0.7)
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=10)
        report.equal(process.returncode, 0, "status after SIGTERM")
        report.check(stderr.decode().count("1 records, 1 messages") == 2, f"counters: {stderr.decode()}")


def pace_of_the_capture(report):
    """Three messages, half a second apart, at double pace: a quarter of a second between them."""
    lines = [json.loads(line) for line in records(3).splitlines()]
    for number, line in enumerate(lines):
        line["micro_ts"] = 1764950400000000 + number * 500_000
    stdin = "\n".join(json.dumps(line) for line in lines).encode()
    with UdpCollector() as collector:
        ended = sent("--pace", "2x", "--time", "now", "-H", collector.address, stdin=stdin)
        report.equal((ended.status, ended.stderr), (0, ""), "at double pace")
        collector.wait(3)
        times = [time_ns for time_ns, _ in collector.datagrams]
        gaps = [(b - a) / 1e9 for a, b in zip(times, times[1:])]
        report.check(len(gaps) == 2 and all(0.15 < gap < 1.5 for gap in gaps) and 0.4 < sum(gaps) < 2,
                     f"pauses at double pace: {gaps}")


def over_tls(report, work):
    made = run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                work / "key.pem", "-out", work / "cert.pem"])
    if made.status != 0:
        skip("openssl is not installed; ./dev deps --test installs it")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(work / "cert.pem", work / "key.pem")
    for options, host in ((["--tls-ca", work / "cert.pem"], "127.0.0.1"), (["--no-tls-verify"], "127.0.0.1")):
        with StreamCollector(host, context=context) as collector:
            ended = sent("-H", collector.address, *options, stdin=records(3000))
            report.equal((ended.status, ended.stderr), (0, ""), f"over TLS with {options[0]}")
            collector.wait(3000)
            report.equal(numbers(collector.messages()), list(range(3000)), f"messages over TLS with {options[0]}")
    with StreamCollector(context=context) as collector:
        ended = sent("-H", collector.address, stdin=records(10))
        report.equal(ended.status, 2, f"a certificate of nobody's ({ended.stderr})")
        report.check("self-signed certificate" in ended.stderr, f"a certificate of nobody's: {ended.stderr}")
        report.equal(collector.messages(), [], "messages to one that is not trusted")
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other.load_cert_chain(work / "cert.pem", work / "key.pem")
    other.load_verify_locations(work / "cert.pem")
    other.verify_mode = ssl.CERT_REQUIRED
    with StreamCollector(context=other) as collector:
        ended = sent("-H", collector.address, "--tls-ca", work / "cert.pem", "--retry-timeout", "1", stdin=records(10))
        report.check(ended.status in (1, 75), f"without the certificate that is asked for: {ended.status}, {ended.stderr}")
        report.equal(collector.messages(), [], "messages without the certificate that is asked for")
    with StreamCollector(context=other) as collector:
        ended = sent("-H", collector.address, "--tls-ca", work / "cert.pem", "--tls-cert", work / "cert.pem", "--tls-key",
                     work / "key.pem", stdin=records(10))
        report.equal((ended.status, ended.stderr), (0, ""), "with the certificate that is asked for")
        collector.wait(10)
        report.equal(numbers(collector.messages()), list(range(10)), "messages with a client's certificate")


def one_that_never_answers(report):
    """Who accepts and does not shake hands is given up when the time that was given for it is over."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        begun = time.monotonic()
        ended = sent("-H", f"tls:127.0.0.1:{silent.getsockname()[1]}", "--retry-timeout", "1", stdin=records(3))
        report.equal(ended.status, 75, f"a collector that never shakes hands: {ended.stderr}")
        report.check(time.monotonic() - begun < 6, f"it was given up after {time.monotonic() - begun:.1f} s")


def main():
    report = Report()
    for part in (over_tcp, slow_reader_is_waited_for, cut_message_is_sent_whole, collector_that_comes_late,
                 late_udp_collector, drops_are_counted, nothing_is_held_back, pace_of_the_capture,
                 one_that_never_answers):
        begun = time.monotonic()
        part(report)
        print(f"{part.__name__}: {time.monotonic() - begun:.1f} s")
    with tempfile.TemporaryDirectory() as work:
        over_tls(report, pathlib.Path(work))
    report.finish()


main()
