#!/usr/bin/env python3
"""HEP over TCP and TLS: messages cut anywhere, recorded streams, clients without a certificate, strangers who hold
connections open; the others are served all the while, each end of a connection is counted by its cause."""
import json
import pathlib
import random
import resource
import signal
import socket
import ssl
import sys
import tempfile
import time

import listening
from listening import Listener, hep3, options
from loopback import wait_until
from pipeline import Report, SANITIZED, TESTDATA, decode, payload, tool

STRANGERS = 1000
TCP = ("tcp:127.0.0.1:0",)


def numbers(listener):
    return [int(r["cseq"].split()[0]) for r in listener.records()]


def check_pieces(report):
    """One stream of many messages in pieces of any size, and octet by octet."""
    rng = random.Random(3)
    stream = b"".join(hep3(options(n, rng.choice([0, 10, 900, 20000]))) for n in range(200))
    with Listener(listen=TCP) as listener:
        sender = listener.connect()
        at = 0
        while at < len(stream):
            size = rng.choice([1, 2, 5, 7, 100, 1500, 70000])
            sender.sendall(stream[at:at + size])
            at += size
        report.check(listener.wait_for_records(200), "all messages of the stream in pieces")
        sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in hep3(options(200)):
            sender.send(bytes([octet]))
        report.check(listener.wait_for_records(201), "the message that came octet by octet")
        sender.close()
        report.equal(listener.stop(), 0, "pieces: status")
        report.equal(numbers(listener), list(range(201)), "pieces: messages in their order")
        report.equal({r["hep_peer"].split(":")[0] for r in listener.records()}, {"127.0.0.1"}, "pieces: peer")


def check_like_udp(report):
    """The messages of a recording, sent as a stream, are the records of that recording."""
    capture = TESTDATA / "recorded" / "hep3-kamailio-mix.pcap"
    wanted = decode("-r", capture).records()
    with Listener(listen=TCP) as listener:
        sender = listener.connect()
        sender.sendall(b"".join(payload for payload, _ in listening.udp_payloads(capture)))
        report.check(listener.wait_for_records(len(wanted)), "records of the recording")
        listener.stop()
        for found, want in zip(listener.records(), wanted, strict=True):
            for record in (found, want):
                for key in ("file", "frame", "offset", "hep_peer"):
                    record.pop(key, None)
            report.equal(found, want, f"record {want['uid']} over TCP")


def check_faults(report):
    """What is no HEP3 ends the connection, the messages before it come out."""
    faults = [("unknown-magic", b"OPTIONS sip:a@b SIP/2.0\r\n"), ("datagram-version", b"\x02\x10\x02\x11"),
              ("bad-total-length", b"HEP3\x00\x00"), ("unknown-magic", b"\x16\x03\x01\x00\xa5")]
    with Listener(listen=TCP) as listener:
        for number, (_, octets) in enumerate(faults):
            sender = listener.connect()
            sender.sendall(hep3(options(number)) + octets + hep3(options(99)))
            try:
                report.equal(sender.recv(1), b"", f"the connection after {octets!r}")
            except ConnectionResetError:
                pass
        cut = listener.connect()
        cut.sendall(hep3(options(len(faults))) + hep3(options(98))[:-1])
        cut.close()
        broken = listener.connect()
        broken.sendall(b"HEP3\x00\x0c" + bytes([0, 0, 0, 1, 0, 0]) + hep3(options(len(faults) + 1)))
        report.check(listener.wait_for_records(len(faults) + 2), "messages around the faults")
        listener.stop()
        report.equal(numbers(listener), list(range(len(faults) + 2)), "faults: messages")
        counted = listener.counted()
        for cause in {cause for cause, _ in faults}:
            report.equal(counted.get(f"stream {cause}"), sum(c == cause for c, _ in faults), f"stream {cause}")
        report.equal(counted.get("chunk-length-below-header"), 1, "a frame with a broken chunk does not end its stream")
        report.equal(counted.get("connections"), len(faults) + 2, "connections")
        report.check("cut-frame" in listener.stderr(), "the message cut by the end of its connection is told")


def check_unfinished(report, folder):
    """What had begun to arrive and was not whole at the end is counted by the cause of the end, and kept."""
    authority = listening.make_certificate(folder, "authority3")
    server = listening.make_certificate(folder, "localhost3", authority)
    rejects = pathlib.Path(folder, "rejects")
    message = hep3(options(7))
    with Listener("--tls-cert", server[0], "--tls-key", server[1], "--frame-timeout", "1", "--eof-record", "--rejects",
                  rejects, listen=(*TCP, "tls:127.0.0.1:0"), controlled=True) as listener:
        slow = listener.connect()
        slow.sendall(b"HEP")
        report.check(wait_until(lambda: "slow-frame" in listener.stderr()), "a slow message is told")
        cut = listener.connect(1, listening.client_context(authority[0]))
        cut.sendall(message[:100])
        cut.unwrap()
        cut.close()
        metric = 'hepcap_unfinished_total{cause="%s"}'
        report.check(wait_until(lambda: listener.counters().get(metric % "cut-frame") == 1), "cut-frame among the metrics")
        report.equal(listener.counters().get(metric % "slow-frame"), 1, "slow-frame among the metrics")
        report.equal(listener.counters().get("hepcap_unfinished_octets_total"), 103, "octets among the metrics")
        at_the_end = [listener.connect() for _ in range(2)]
        secure = listener.connect(1, listening.client_context(authority[0]))
        for sender in (*at_the_end, secure):
            sender.sendall(message + message[:-1])
        at_the_end[0].sendall(message[-1:])  # and so there is one that is whole
        report.check(listener.wait_for_records(4), "messages before the unfinished ones")
        report.equal(listener.stop(), 0, "unfinished: status")
        counted = listener.counted()
        for name, count in (("unfinished slow-frame", 1), ("unfinished cut-frame", 1), ("unfinished stopped", 2),
                            ("unfinished octets", 103 + 2 * (len(message) - 1)), ("received", 4), ("connections", 5)):
            report.equal(counted.get(name), count, f"closing line: {name}")
        report.equal(listener.records()[-1]["damaged"], 4, "damaged, of the record of the end")
        kept = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
        report.equal([r["parse"] for r in kept], [["unfinished"]] * 4, "rejects: causes")
        report.equal(sorted(len(payload(r)) for r in kept), sorted([3, 100] + [len(message) - 1] * 2), "rejects: octets")


def check_tls(report, folder):
    authority = listening.make_certificate(folder, "authority")
    server = listening.make_certificate(folder, "localhost", authority)
    client = listening.make_certificate(folder, "client", authority)
    alien = listening.make_certificate(folder, "alien")
    arguments = ["--tls-cert", server[0], "--tls-key", server[1]]
    with Listener(*arguments, listen=("tls:127.0.0.1:0",)) as listener:
        sender = listener.connect(context=listening.client_context(authority[0]))
        sender.sendall(b"".join(hep3(options(n, 3000)) for n in range(100)))
        report.check(listener.wait_for_records(100), "messages over TLS")
        plain = socket.create_connection(listener.addresses[0][1:])
        plain.sendall(hep3(options(1)))
        plain.settimeout(10)
        try:
            while plain.recv(100):
                pass
        except ConnectionResetError:
            pass
        sender.sendall(hep3(options(100)))
        report.check(listener.wait_for_records(101), "TLS goes on beside a plain connection to its port")
        sender.unwrap()
        report.equal(listener.stop(), 0, "TLS: status")
        report.equal(numbers(listener), list(range(101)), "TLS: messages")
        report.check("tls-failed" in listener.stderr(), "what is no TLS is told")

    with Listener(*arguments, "--tls-client-ca", authority[0], listen=("tls:127.0.0.1:0",)) as listener:
        good = listener.connect(context=listening.client_context(authority[0], client))
        for own in (None, alien):
            try:
                stranger = listener.connect(context=listening.client_context(authority[0], own))
                stranger.sendall(hep3(options(50)))
                report.equal(stranger.recv(1), b"", "a client without our certificate is not served")
            except (ssl.SSLError, ConnectionError):
                pass
        good.sendall(hep3(options(1)))
        report.check(listener.wait_for_records(1), "a client with our certificate is served")
        listener.stop()
        report.equal(numbers(listener), [1], "client certificates: messages")
        report.check("peer did not return a certificate" in listener.stderr() or "certificate" in listener.stderr(),
                     f"why is told: {listener.stderr()}")


def check_reload(report, folder):
    """SIGHUP takes the new certificate and keys, and a connection that stands stays."""
    authority = listening.make_certificate(folder, "authority2")
    first = listening.make_certificate(folder, "first", authority)
    second = listening.make_certificate(folder, "second", authority)
    certificate, key, keys = (pathlib.Path(folder, name) for name in ("now.crt", "now.key", "now.keys"))
    certificate.write_bytes(pathlib.Path(first[0]).read_bytes())
    key.write_bytes(pathlib.Path(first[1]).read_bytes())
    keys.write_text("old\n")
    old, new = listening.chunk(14, b"old"), listening.chunk(14, b"new")
    with Listener("--tls-cert", certificate, "--tls-key", key, "--auth-key-file", keys,
                  listen=("tls:127.0.0.1:0",)) as listener:
        context = listening.client_context(authority[0])
        standing = listener.connect(context=context)
        standing.sendall(hep3(options(1), old))
        report.check(listener.wait_for_records(1), "a message before the reload")
        certificate.write_bytes(pathlib.Path(second[0]).read_bytes())
        key.write_bytes(pathlib.Path(second[1]).read_bytes())
        keys.write_text("new\n")
        listener.process.send_signal(1)

        def name_of_server():
            return dict(pair[0] for pair in listener.connect(context=context).getpeercert()["subject"])["commonName"]
        report.check(wait_until(lambda: name_of_server() == "second"), "the new certificate is used")
        standing.sendall(hep3(options(2), old) + hep3(options(3), new))
        report.check(listener.wait_for_records(2), "a message after the reload")
        keys.write_text("")
        listener.process.send_signal(1)
        report.check(wait_until(lambda: "nothing was reloaded: there is no key" in listener.stderr()),
                     "what cannot be reloaded is told")
        standing.sendall(hep3(options(4), new))
        report.check(listener.wait_for_records(3), "the old keys stay in force where there are no new ones")
        listener.stop()
        report.equal(numbers(listener), [1, 3, 4], "messages around the reloads")


def check_storm(report, folder):
    """Reloads one after the other while messages come, over a connection and in datagrams: each message comes out."""
    certificate, key = listening.make_certificate(folder, "localhost4")
    with Listener("--tls-cert", certificate, "--tls-key", key, listen=("udp:127.0.0.1:0", "tls:127.0.0.1:0")) as listener:
        datagrams, stream = listener.connect(), listener.connect(1, listening.client_context(certificate))
        for number in range(0, 4000, 40):
            for index in range(number, number + 38):
                datagrams.send(hep3(options(index)))
            stream.sendall(hep3(options(number + 38)) + hep3(options(number + 39)))
            listener.process.send_signal(signal.SIGHUP if number % 80 else signal.SIGUSR1)
            time.sleep(0.005)
        report.check(listener.wait_for_records(4000), "messages in a storm of signals")
        report.equal(listener.stop(), 0, "a storm of signals: status")
        report.equal(sorted(numbers(listener)), list(range(4000)), "a storm of signals: messages")


def check_strangers(report):
    """A thousand connections that send nothing, or the beginning of a message, while an agent works on: once where all of
    them fit, and once where most have to make room."""
    for most, soft_limit in ((2 * STRANGERS, 256), (STRANGERS // 5, None)):
        with Listener("--max-connections", most, "--frame-timeout", "2", listen=TCP, controlled=True,
                      preexec_fn=lambda limit=soft_limit: limit_files(limit)) as listener:
            agent = listener.connect()
            strangers = Strangers(report, listener, agent)
            strangers.come()
            if soft_limit:
                report.equal(listener.counters().get("hepcap_connections"), STRANGERS + 1, "connections at the same time")
            strangers.newcomer()
            report.check(wait_until(lambda: "slow-frame" in listener.stderr()), "messages that take too long")
            if not SANITIZED:
                report.check(wait_until(lambda: strangers.ended("slow-frame") + strangers.ended("evicted") == STRANGERS // 2
                                        or not soft_limit), "all that began a message are cut off")
            strangers.agent_sends()
            grown_mb = listener.peak_mb() - strangers.before_mb
            report.check(SANITIZED or grown_mb < 8, f"memory grew by {grown_mb:.1f} MB")
            report.equal(listener.stop(), 0, "strangers: status")
            strangers.check_counts(fits=bool(soft_limit))


def limit_files(soft):
    """As most shells and services begin: with far fewer descriptors than they may have."""
    if soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


class Strangers:
    def __init__(self, report, listener, agent):
        self.report, self.listener, self.agent, self.sent, self.held = report, listener, agent, 0, []
        self.slowest_s = 0.0
        self.agent_sends()
        self.before_mb = listener.peak_mb()

    def agent_sends(self, sender=None):
        """A message of somebody honest comes out, and at once."""
        begun = time.monotonic()
        (sender or self.agent).sendall(hep3(options(self.sent)))
        self.sent += 1
        self.report.check(self.listener.wait_for_records(self.sent), f"message {self.sent} of an agent beside strangers")
        self.slowest_s = max(self.slowest_s, time.monotonic() - begun)

    def come(self):
        for index in range(STRANGERS):
            stranger = self.listener.connect()
            if index % 2:
                stranger.sendall(b"HEP3\xff\xff" + b"\x00" * 1000)
            self.held.append(stranger)
            if index % 100 == 0:
                self.agent_sends()

    def newcomer(self):
        with self.listener.connect() as sender:
            self.agent_sends(sender)

    def ended(self, cause):
        return self.listener.counters().get(f'hepcap_connections_closed_total{{cause="{cause}"}}', 0)

    def check_counts(self, fits):
        counted, report = self.listener.counted(), self.report
        unfinished = {name: count for name, count in counted.items() if name.startswith("unfinished ")}
        octets = unfinished.pop("unfinished octets", 0)
        report.equal((sum(unfinished.values()), octets), (STRANGERS // 2, STRANGERS // 2 * 1006), f"counted: {unfinished}")
        report.equal("unfinished evicted" in unfinished, not fits, f"who made room: {unfinished}")
        report.equal((counted.get("connections"), counted.get("written")), (STRANGERS + 2, self.sent), "connections, written")
        report.equal(sorted(numbers(self.listener)), list(range(self.sent)), "messages of the agents")
        report.check(SANITIZED or self.slowest_s < 1, f"an honest message took {self.slowest_s:.2f} s")


def main():
    tool("hepcap-listen")
    report = Report()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # this process has an end of each connection
    with tempfile.TemporaryDirectory() as folder:
        check_pieces(report)
        check_like_udp(report)
        check_faults(report)
        check_unfinished(report, folder)
        check_tls(report, folder)
        check_reload(report, folder)
        check_storm(report, folder)
        check_strangers(report)
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
