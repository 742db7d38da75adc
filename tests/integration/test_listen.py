#!/usr/bin/env python3
"""HEP over UDP becomes the records that hepcap-decode makes of the same datagrams, version by version; every malformed
datagram is counted by its cause; switches, keys, networks and filters let through what they should."""
import json
import pathlib
import subprocess
import sys
import tempfile

import listening
from listening import Listener, chunk, hep3, options
from pipeline import Report, TESTDATA, decode, tool

HOP = ("file", "frame", "offset", "hep_peer")
CAPTURES = ["hep1-kamailio-mix", "hep2-kamailio-mix", "hep3-kamailio-mix", "hep2-sngrep-mix", "hep3-sngrep-mix",
            "hep3-kamailio-correlation", "hep3-rtpengine-rtcp", "hep-mixed-versions"]


def bare(record, has_own_time):
    """Without what differs from hop to hop; HEP1 has the time of its arrival, and the uid with it."""
    left_out = HOP if has_own_time else (*HOP, "ts", "micro_ts", "uid")
    return {key: value for key, value in record.items() if key not in left_out}


def check_as_decoded(report):
    for name in CAPTURES:
        capture = TESTDATA / "recorded" / f"{name}.pcap"
        wanted = decode("-r", capture).records()
        with Listener() as listener:
            sender = listener.connect()
            for payload, _ in listening.udp_payloads(capture):
                sender.send(payload)
            report.check(listener.wait_for_records(len(wanted)), f"{name}: {len(wanted)} records are due")
            report.equal(listener.stop(), 0, f"{name}: status")
            found = listener.records()
            report.equal(len(found), len(wanted), f"{name}: records")
            for number, (f, w) in enumerate(zip(found, wanted), 1):
                has_own_time = w.get("hep_version", 0) > 1
                report.equal(bare(f, has_own_time), bare(w, has_own_time), f"{name}: record {number}")
                report.equal(f["hep_peer"], "127.0.0.1:%d" % sender.getsockname()[1], f"{name}: peer {number}")
                report.equal(list(f), [key for key in w if key not in HOP[:3]], f"{name}: keys of record {number}")


MALFORMED = [
    ("short-header", b"HEP3\x00"),
    ("short-header", b""),
    ("unknown-magic", b"HEP2" + bytes(20)),
    ("unknown-magic", b"OPTIONS sip:a@b SIP/2.0\r\n\r\n"),
    ("unknown-magic", b"\x00" * 40),
    ("heplify-protobuf", b"\x08\x02\x10\x11\x1a\x09192.0.2.1\x22\x09192.0.2.2\x28\x01"),
    ("bad-total-length", b"HEP3\x00\x05" + bytes(10)),
    ("length-beyond-datagram", b"HEP3\xff\xff" + chunk(1, b"\x02")),
    ("length-beyond-datagram", hep3(options())[:-1]),
    ("chunk-length-below-header", b"HEP3\x00\x0c" + bytes([0, 0, 0, 1, 0, 0])),
    ("chunk-length-below-header", b"HEP3\x00\x0c" + bytes([0, 0, 0, 1, 0, 5])),
    ("chunk-beyond-message", b"HEP3\x00\x0d" + bytes([0, 0, 0, 1, 0xff, 0xff, 2])),
    ("too-many-chunks", b"HEP3" + (6 + 6 * 1025).to_bytes(2, "big") + bytes([0, 0, 0, 99, 0, 6]) * 1025),
    ("short-fixed-header", b"\x01"),
    ("short-fixed-header", b"\x02\x10\x02\x11\x13\xc4\x13\xc5\x0a\x00\x00\x01\x0a\x00\x00\x02\x00\x00"),
    ("unsupported-family", b"\x01\x10\x07\x11" + bytes(12) + b"OPTIONS"),
    ("missing-payload", b"\x01\x10\x02\x11\x13\xc4\x13\xc5\x0a\x00\x00\x01\x0a\x00\x00\x02"),
    ("corrupt-compressed", b"HEP3\x00\x10" + chunk(16, b"\xff\xff\xff\xff")),
    ("corrupt-compressed", b"\x1f\x8b\x08\x00 no gzip stream"),
]


def check_malformed(report):
    """Each malformed datagram is counted under its name, kept by --rejects, and the good one after it comes out."""
    with tempfile.TemporaryDirectory() as folder, Listener("--rejects", f"{folder}/rejects") as listener:
        sender = listener.connect()
        for number, (_, datagram) in enumerate(MALFORMED, 1):
            sender.send(datagram)
            sender.send(hep3(options(number)))
            report.check(listener.wait_for_records(number), f"the good datagram after {datagram[:16]!r} does not come out")
        report.equal(listener.stop(), 0, "status after malformed HEP")
        counted = listener.counted()
        for cause in sorted({cause for cause, _ in MALFORMED}):
            report.equal(counted.get(cause), sum(c == cause for c, _ in MALFORMED), f"counted as {cause}")
            report.equal(listener.stderr().count(f"malformed HEP from 127.0.0.1:{sender.getsockname()[1]}: {cause} "), 1,
                         f"lines that say {cause}")
        report.equal(counted.get("received"), 2 * len(MALFORMED), "received")
        kept = [json.loads(line) for line in pathlib.Path(f"{folder}/rejects").read_text().splitlines()]
        report.equal([(r["kind"], r["parse"]) for r in kept], [("packet", [cause]) for cause, _ in MALFORMED], "rejects")


def check_several_in_a_datagram(report):
    with Listener() as listener:
        listener.connect().send(hep3(options(1)) + hep3(options(2)) + b"HEP3\x00\x05")
        report.check(listener.wait_for_records(2), "two messages of one datagram")
        listener.stop()
        counted = listener.counted()
        report.equal((counted.get("received"), counted.get("written"), counted.get("bad-total-length")), (1, 2, 1),
                     "a datagram with two messages and a broken one")


def letting_through(report, what, arguments, datagrams, wanted, cause, **more):
    """Of the datagrams (CSeq number and octets) those wanted come out, the others are counted by the cause."""
    with Listener(*arguments, **more) as listener:
        sender = listener.connect()
        for datagram in datagrams:
            sender.send(datagram)
        listener.wait_for_records(len(wanted))
        report.equal(listener.stop(), 0, f"{what}: status")
        found = [int(r["cseq"].split()[0]) for r in listener.records()]
        report.equal(found, wanted, f"{what}: what came out")
        if cause:
            report.equal(listener.counted().get(cause, 0), len(datagrams) - len(wanted), f"{what}: counted as {cause}")
        return listener.records()


def check_gates(report):
    one, two = hep3(options(1)), hep3(options(2))
    keyed, wrong = hep3(options(1), chunk(14, b"myhep")), hep3(options(2), chunk(14, b"myhe"))
    letting_through(report, "off", ["--capture", "off"], [one, two], [], "off")
    letting_through(report, "HEP off", ["--hep", "off"], [one, two], [], "hep-off")
    letting_through(report, "another network", ["--allow", "192.0.2.0/24"], [one, two], [], "not-allowed")
    letting_through(report, "one of two networks", ["--allow", "192.0.2.0/24", "--allow", "127.0.0.0/8"], [one, two], [1, 2], "")
    letting_through(report, "-Y", ["-Y", 'cseq == "2 OPTIONS"'], [one, two], [2], "filtered")
    no_callid = hep3(options(3).replace(b"Call-ID: 3@192.0.2.1\r\n", b""))
    letting_through(report, "bad messages kept", [], [no_callid, one], [3, 1], "")
    letting_through(report, "bad messages dropped", ["--bad-messages", "drop"], [no_callid, one, hep3(b"\x00\x01STUN")],
                    [1], "bad-message")
    with tempfile.NamedTemporaryFile("w") as keys:
        keys.write("other\nmyhep\n")
        keys.flush()
        found = letting_through(report, "keys", ["--auth-key-file", keys.name], [keyed, wrong], [1], "wrong-key")
        report.equal([r.get("hep_auth_ok") for r in found], [True], "hep_auth_ok")
        report.check(all("myhep" not in json.dumps(r) for r in found), "the key is in the record")
        letting_through(report, "no key", ["--auth-key-file", keys.name], [one, keyed], [1], "no-key")


def check_count(report):
    with Listener("-c", "3") as listener:
        sender = listener.connect()
        for number in range(10):
            sender.send(hep3(options(number)))
        report.equal(listener.process.wait(20), 0, "-c: status")
        report.equal([r["cseq"] for r in listener.records()], ["0 OPTIONS", "1 OPTIONS", "2 OPTIONS"], "-c 3")


def check_forward(report):
    with Listener() as far:
        host, port = far.addresses[0][1:]
        with Listener("--forward", f"udp:{host}:{port}", "--forward-if", 'cseq in {"1 OPTIONS", "3 OPTIONS"}',
                      "-Y", 'cseq == "2 OPTIONS"') as near:
            sender = near.connect()
            for number in range(4):
                sender.send(hep3(options(number)))
            report.check(far.wait_for_records(2), "two were to be forwarded")
            report.equal(near.stop(), 0, "--forward: status")
            report.equal([r["cseq"] for r in near.records()], ["2 OPTIONS"], "--forward: what stays")
            report.equal(near.counted().get("forwarded"), 2, "--forward: counted")
        far.stop()
        report.equal([r["cseq"] for r in far.records()], ["1 OPTIONS", "3 OPTIONS"], "--forward: what arrives")


def check_ipv6(report):
    with Listener(listen=("udp:[::1]:0",)) as listener:
        sender = listener.connect()
        sender.send(hep3(options(7)))
        report.check(listener.wait_for_records(1), "IPv6: a record")
        listener.stop()
        report.equal([r["hep_peer"] for r in listener.records()], [f"[::1]:{sender.getsockname()[1]}"], "IPv6: peer")


def check_forms(report):
    with Listener("-T", "csv", "--fields", "cseq,callid", "--workers", "3") as listener:
        for number in range(6):
            listener.connect().send(hep3(options(number)))  # a sender each, dealt out to the workers
        report.check(listener.wait_for_records(7), "csv: a head and six lines")
        listener.stop()
        lines = listener.stdout().decode().splitlines()
        report.equal(lines[0], "cseq,callid", "csv: head")
        report.equal(sorted(lines[1:]), [f"{n} OPTIONS,{n}@192.0.2.1" for n in range(6)], "csv: lines")
    with Listener("--eof-record") as listener:
        listener.connect().send(hep3(options(1)))
        listener.connect().send(b"garbage")
        listener.wait_for_records(1)
        listener.stop()
        eof = listener.records()[-1]
        report.equal([eof[k] for k in ("kind", "records", "damaged", "dropped", "gaps")], ["eof", 1, 1, 0, 0], "eof record")


def check_closed_pipe(report):
    """A reader that goes ends the tool quietly, and by the signal that ends the others."""
    reader = subprocess.Popen(["head", "-n", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with Listener(stdout=reader.stdin) as listener:
        reader.stdin.close()
        sender = listener.connect()
        sender.send(hep3(options(1)))
        report.check(b"1 OPTIONS" in reader.stdout.read(), "the first record reaches the reader")
        reader.wait(20)
        sender.send(hep3(options(2)))
        report.equal(listener.process.wait(20), -13, "closed pipe: status")
        report.equal([line for line in listener.stderr().splitlines() if "listening on" not in line], [], "closed pipe: stderr")


def main():
    tool("hepcap-listen")
    report = Report()
    for check in (check_as_decoded, check_malformed, check_several_in_a_datagram, check_gates, check_count, check_forward,
                  check_ipv6, check_forms, check_closed_pipe):
        check(report)
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
