#!/usr/bin/env python3
"""A real Kamailio hides a call by its topoh module, and hepcap-decode shows it plain: what stands in the records of
the hidden side is what the caller and the callee wrote themselves.

The proxy runs on loopback between two scripted ends, which note every datagram they send and receive; those notes
become a capture.  Each way through the module is taken: the request that opens the dialog, replies, and requests
inside the dialog from either end."""
import pathlib
import re
import socket
import struct
import tempfile
import time

from kamailio import Kamailio, missing
from pipeline import Report, decode, skip

KEY = "hepcap's own key"
PREFIX = "!!:"
LIMIT_S = 10

CONFIGURATION = """
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "topoh.so"
modparam("topoh", "mask_key", "{key}")
modparam("topoh", "mask_callid", 1)
modparam("topoh", "callid_prefix", "{prefix}")
modparam("topoh", "sanity_checks", 0)
request_route {{
    if ($tt != $null) {{
        loose_route();
        t_relay();
        exit;
    }}
    record_route();
    $ru = "sip:bob@127.0.0.1:{callee}";
    t_relay();
}}
"""


class End:
    """A user agent: a socket, and the datagrams that went through it."""

    def __init__(self, notes):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.5)
        self.port = self.socket.getsockname()[1]
        self.notes = notes

    def send(self, text, port):
        octets = text.encode()
        self.notes.append((self.port, port, octets))
        self.socket.sendto(octets, ("127.0.0.1", port))

    def receive(self, word):
        """The next message whose first line holds `word`; others, such as 100, are noted and passed over."""
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until:
            try:
                octets, (_, port) = self.socket.recvfrom(65535)
            except TimeoutError:
                continue
            self.notes.append((port, self.port, octets))
            text = octets.decode()
            if word in text.split("\r\n", 1)[0]:
                return text
        raise AssertionError(f"no message with '{word}' came within {LIMIT_S} s")


def headers(text, name):
    return re.findall(rf"(?mi)^{name}: *(.*?)\r$", text)


def header(text, name):
    return (headers(text, name) or [""])[0]


def uri(value):
    return re.search(r"<([^>]*)>", value)[1]


def reply(request, status, tag, contact):
    lines = [f"SIP/2.0 {status}"]
    lines += [f"Via: {via}" for via in headers(request, "Via")]
    lines += [f"Record-Route: {route}" for route in headers(request, "Record-Route")]
    to = header(request, "To")
    lines += [f"From: {header(request, 'From')}", f"To: {to}" + ("" if ";tag=" in to else f";tag={tag}"),
              f"Call-ID: {header(request, 'Call-ID')}", f"CSeq: {header(request, 'CSeq')}", f"Contact: <{contact}>",
              "Content-Length: 0", "", ""]
    return "\r\n".join(lines)


def request(method, target, end, number, **fields):
    branch = f"z9hG4bK-{end.port}-{number}-{method}"
    lines = [f"{method} {target} SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{end.port};branch={branch}",
             "Max-Forwards: 70", *(f"Route: {route}" for route in fields["routes"]), f"From: {fields['from_']}",
             f"To: {fields['to']}", f"Call-ID: {fields['call_id']}", f"CSeq: {number} {method}",
             f"Contact: <{fields['contact']}>", "Content-Length: 0", "", ""]
    return "\r\n".join(lines)


def call(caller, callee, proxy):
    """A call through the proxy, with a request inside the dialog from either end."""
    alice, bob = f"sip:alice@127.0.0.1:{caller.port};transport=udp", f"sip:bob@127.0.0.1:{callee.port}"
    hidden, opened = "<sip:alice@hidden.example>;tag=a1", "<sip:bob@open.example>"
    caller.send(request("INVITE", f"sip:bob@127.0.0.1:{proxy.port}", caller, 1, routes=[], from_=hidden, to=opened,
                        call_id="the-call@caller.example", contact=alice), proxy.port)
    invite = callee.receive("INVITE")
    for status in ("180 Ringing", "200 OK"):
        callee.send(reply(invite, status, "b1", bob), proxy.port)
    answer = caller.receive("200")
    inside = {"routes": headers(answer, "Record-Route")[::-1], "from_": hidden, "to": header(answer, "To"),
              "call_id": header(answer, "Call-ID"), "contact": alice}
    for method, number in (("ACK", 1), ("INFO", 2)):
        caller.send(request(method, uri(header(answer, "Contact")), caller, number, **inside), proxy.port)
        received = callee.receive(method)
    callee.send(reply(received, "200 OK", "b1", bob), proxy.port)
    caller.receive("200")
    callee.send(request("BYE", uri(header(invite, "Contact")), callee, 7, routes=headers(invite, "Record-Route"),
                        from_=opened + ";tag=b1", to=hidden, call_id=header(invite, "Call-ID"), contact=bob), proxy.port)
    caller.send(reply(caller.receive("BYE"), "200 OK", "a1", alice), proxy.port)
    callee.receive("200")


def savefile(notes):
    """The notes as a capture of raw IP."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)]
    for number, (source, destination, octets) in enumerate(notes):
        udp = struct.pack("!HHHH", source, destination, 8 + len(octets), 0) + octets
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1") + udp
        out.append(struct.pack("<IIII", 1_764_000_000 + number, 0, len(ip), len(ip)) + ip)
    return b"".join(out)


def records(work, notes, *options):
    (work / "call.pcap").write_bytes(savefile(notes))
    ended = decode("-r", work / "call.pcap", "--headers", *options)
    if ended.status != 0 or ended.stderr:
        raise AssertionError(f"hepcap-decode ended with {ended.status}: {ended.stderr}")
    return ended.records()


def same_message(record):
    """What a proxy leaves as it is, so that both sides of it can be laid beside each other."""
    return record["cseq"], record["method"], record["from_tag"]


def compare(report, work, notes, caller, callee, proxy):
    key = work / "key"
    key.write_text(KEY + "\n")
    masked = records(work, notes)
    plain = records(work, notes, "--topoh-key-file", key, "--topoh-prefix", PREFIX)
    report.equal(len(plain), len(notes), "records of the call")
    hidden = [r for r in masked if r["callid"].startswith(PREFIX) or r.get("contact_ip") == "127.0.0.8"]
    report.check(len(hidden) >= 8, f"the module hides something at all: {len(hidden)} of {len(masked)} messages")

    # What each end wrote itself, by the message.
    own = {same_message(r): r for r in plain if r["destination_port"] == proxy.port and r["source_port"] != proxy.port}
    for record in plain:
        where = f"{record['method']} {record['cseq']} from {record['source_port']} to {record['destination_port']}"
        report.equal(record["callid"], "the-call@caller.example", f"{where}: callid")
        report.check("still-masked" not in record.get("parse", []), f"{where}: {record.get('parse')}")
        writer = own.get(same_message(record))
        if not writer or record is writer:
            continue
        for name in ("contact_user", "contact_ip", "contact_port"):
            report.equal(record.get(name), writer.get(name), f"{where}: {name}")
        if record["source_port"] == proxy.port and "status" not in record and record["cseq"] != "1 INVITE":
            report.equal(record["ruri"], writer["ruri"], f"{where}: ruri")

    # The contact is where the peer answers, so requests inside the dialog ask for it.
    for record in plain:
        if record["cseq_method"] in ("ACK", "INFO", "BYE") and "status" not in record:
            name, end = ("alice", caller) if record["cseq_method"] == "BYE" else ("bob", callee)
            for found, wanted in ((record["ruri_user"], name), (record["ruri_domain"], "127.0.0.1"),
                                  (record["ruri"].split(";")[0], f"sip:{name}@127.0.0.1:{end.port}")):
                report.equal(found, wanted, f"{record['cseq']} to {record['destination_port']}: Request-URI")

    # The proxy's own Via stands above the hidden one; without it the message is what a hop behind would see.
    below = [(source, destination, re.sub(rb"(?m)^Via: .*\r\n", b"", octets, count=1)) for source, destination, octets
             in notes if source == proxy.port and octets.count(b"\r\nVia:") == 2]
    report.check(len(below) >= 4, f"requests with a hidden Via: {len(below)}")
    for record in records(work, below, "--topoh-key-file", key):
        writer = own[same_message(record)]
        where = f"{record['cseq']} to {record['destination_port']} without the proxy's Via"
        for name in ("via_1", "via_1_branch"):
            report.equal(record[name], writer[name], f"{where}: {name}")

    wrong = work / "wrong"
    wrong.write_text("another key")
    for record in records(work, notes, "--topoh-key-file", wrong):
        if record["callid"].startswith(PREFIX):
            report.check("still-masked" in record.get("parse", []), f"{record['cseq']}: with another key nothing is said")


def main():
    report = Report()
    if reason := missing("topoh"):
        skip(reason)
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        notes = []
        caller, callee = End(notes), End(notes)
        with Kamailio(work, "topoh", CONFIGURATION, callee=callee.port, key=KEY, prefix=PREFIX) as proxy:
            call(caller, callee, proxy)
        compare(report, work, notes, caller, callee, proxy)
    report.finish()


if __name__ == "__main__":
    main()
