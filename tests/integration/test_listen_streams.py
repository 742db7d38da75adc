#!/usr/bin/env python3
"""HEP over TCP and TLS: messages cut anywhere, recorded streams, clients without a certificate, strangers who hold
connections open; the others are served all the while, each end of a connection is counted by its cause."""
import pathlib
import random
import socket
import ssl
import sys
import tempfile
import time

import listening
from listening import Listener, hep3, options
from loopback import wait_until
from pipeline import Report, SANITIZED, TESTDATA, decode, tool

STRANGERS = 300
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


def check_strangers(report):
    """Some hundred connections that send nothing, or a message octet by octet, while an agent works on."""
    with Listener("--max-connections", "200", "--frame-timeout", "2", listen=TCP) as listener:
        agent = listener.connect()
        agent.sendall(hep3(options(0)))
        report.check(listener.wait_for_records(1), "the agent before the strangers")
        before_mb = listener.resident_mb()
        strangers, number = [], 1
        for index in range(STRANGERS):
            stranger = listener.connect()
            if index % 2:
                stranger.sendall(b"HEP3\xff\xff" + b"\x00" * 1000)
            strangers.append(stranger)
            if index % 10 == 0:
                agent.sendall(hep3(options(number)))
                number += 1
        newcomer = listener.connect()
        newcomer.sendall(hep3(options(number)))
        report.check(listener.wait_for_records(number + 1), "agents are served beside the strangers")
        time.sleep(3.5)  # longer than a message may take
        agent.sendall(hep3(options(number + 1)))
        report.check(listener.wait_for_records(number + 2), "the agent after the strangers")
        grown_mb = listener.resident_mb() - before_mb
        report.check(SANITIZED or grown_mb < 8, f"memory grew by {grown_mb:.1f} MB")
        report.equal(listener.stop(), 0, "strangers: status")
        text = listener.stderr()
        for cause in ("evicted", "slow-frame"):
            report.check(cause in text, f"{cause} is told")
        report.equal(sorted(numbers(listener)), list(range(number + 2)), "messages of the agents")


def main():
    tool("hepcap-listen")
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        check_pieces(report)
        check_like_udp(report)
        check_faults(report)
        check_tls(report, folder)
        check_reload(report, folder)
        check_strangers(report)
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
