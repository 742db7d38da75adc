#!/usr/bin/env python3
"""Invents SIP traffic and writes it as a capture, with the truth beside it.

A seed decides every octet.  The scene is an exchange with a few thousand subscribers behind a proxy: phones register
(with and without a challenge), are probed, send messages and subscribe; they call each other, are answered, busy,
redirected, cancelled or not found; some requests are sent twice; calls report their media.  Dialogs overlap, and the
packets stand in the order of their times.

    sip    Ethernet / IPv4 / UDP / SIP
    ipip   the same inside another IPv4 header, protocol 4
    hep1, hep2, hep3    each message as HEP of that version, to port 9060; hep3 has RTCP as JSON (type 5) as well

OUT.truth.tsv has a row for each SIP message: frame, micro_ts, source_ip, source_port, destination_ip,
destination_port, method (status of a reply), callid, cseq.

usage: make_corpus.py --packets 20000 --seed 3 --form hep3 OUT
"""
import argparse
import heapq
import json
import random
import socket
import struct

FORMS = ("sip", "ipip", "hep1", "hep2", "hep3")
PHONES = ("Deskphone 4.2/linux", "softphone-9.1.0 (x86_64)", "Gateway/7.20A.258", "ATA-2 fw 1.0.34", "mobile/22.3 (arm64)")
DOMAINS = ("pbx.example.com", "voice.example.net", "sip.example.org")
REFUSALS = ((486, "Busy Here"), (404, "Not Found"), (480, "Temporarily Unavailable"), (302, "Moved Temporarily"),
            (603, "Decline"), (503, "Service Unavailable"))
CAPTURE_AGENT, COLLECTOR, AGENT_ID = "198.51.100.20", "198.51.100.30", 3100


class Phone:
    def __init__(self, rng, number):
        self.user = f"+{rng.choice((1, 33, 44, 49, 61))}{rng.randrange(10**8, 10**9)}{number:04d}"
        self.address = f"10.{number % 200}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        self.port = 5060 if rng.random() < 0.6 else rng.randrange(1024, 65000)
        self.agent = rng.choice(PHONES)


class Proxy:
    def __init__(self, number):
        self.address, self.port, self.agent = f"192.0.2.{number}", 5060, "proxy/5.7 (x86_64/linux)"


class Dialog:
    """One exchange of messages; `steps` gathers (microsecond, sender, receiver, payload, protocol, facts)."""

    def __init__(self, rng, start, caller, callee, proxy):
        self.rng, self.now, self.caller, self.callee, self.proxy = rng, start, caller, callee, proxy
        self.domain = rng.choice(DOMAINS)
        self.callid = f"{rng.getrandbits(80):020x}" + (f"@{caller.address}" if rng.random() < 0.7 else "")
        self.tags = (f"{rng.getrandbits(40):x}", f"{rng.getrandbits(40):x}")
        self.sequence = rng.randrange(1, 60000)
        self.steps = []

    def wait(self, least, most):
        self.now += self.rng.randrange(least, most)

    def emit(self, sender, receiver, text, protocol=1, facts=None):
        self.steps.append((self.now, sender, receiver, text.encode(), protocol, facts))

    def common(self, method, to_tag, via):
        name = f'"Subscriber {self.rng.randrange(900)}" ' if self.rng.random() < 0.4 else ""
        return [f"Via: SIP/2.0/UDP {via.address}:{via.port};branch=z9hG4bK{self.rng.getrandbits(56):x};rport",
                f"From: {name}<sip:{self.caller.user}@{self.domain}>;tag={self.tags[0]}",
                f"To: <sip:{self.callee.user}@{self.domain}>" + (f";tag={self.tags[1]}" if to_tag else ""),
                f"Call-ID: {self.callid}", f"CSeq: {self.sequence} {method}"]

    def send(self, first, what, method, sender, receiver, headers, body, to_tag):
        via = sender if what == method else receiver
        lines = [first, *self.common(method, to_tag, via), *headers]
        if body:
            lines.append("Content-Type: application/sdp")
        lines += [f"Content-Length: {len(body)}", "", body]
        self.emit(sender, receiver, "\r\n".join(lines), 1, (what, self.callid, f"{self.sequence} {method}"))

    def request(self, method, sender, receiver, *headers, body="", to_tag=False):
        uri = f"sip:{self.domain}" if method == "REGISTER" else f"sip:{self.callee.user}@{self.domain}"
        self.send(f"{method} {uri} SIP/2.0", method, method, sender, receiver,
                  ["Max-Forwards: 70", f"Contact: <sip:{self.caller.user}@{self.caller.address}:{self.caller.port}>",
                   f"User-Agent: {sender.agent}", "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, REFER", *headers],
                  body, to_tag)
        if self.rng.random() < 0.02:  # nobody answered in time: the same octets once more
            _, *same = self.steps[-1]
            self.wait(500000, 501000)
            self.steps.append((self.now, *same))

    def reply(self, status, reason, method, sender, receiver, *headers, body="", to_tag=True):
        self.send(f"SIP/2.0 {status} {reason}", str(status), method, sender, receiver,
                  [f"Contact: <sip:{self.callee.user}@{self.callee.address}:{self.callee.port}>",
                   f"Server: {sender.agent}", *headers], body, to_tag)

    def challenge(self, method, header):
        self.reply(401 if header == "WWW" else 407, "Unauthorized" if header == "WWW" else "Proxy Authentication Required",
                   method, self.proxy, self.caller,
                   f'{header}-Authenticate: Digest realm="{self.domain}", nonce="{self.rng.getrandbits(120):030x}", qop="auth"')

    def credentials(self, header):
        return (f'{header}Authorization: Digest username="{self.caller.user}", realm="{self.domain}", '
                f'nonce="{self.rng.getrandbits(120):030x}", uri="sip:{self.domain}", qop=auth, nc=00000001, '
                f'cnonce="{self.rng.getrandbits(40):010x}", response="{self.rng.getrandbits(128):032x}"')

    def offer(self, phone):
        port = self.rng.randrange(8000, 48000, 2)
        return "\r\n".join(["v=0", f"o=- {self.rng.getrandbits(31)} 1 IN IP4 {phone.address}", "s=-",
                            f"c=IN IP4 {phone.address}", "t=0 0", f"m=audio {port} RTP/AVP 8 0 9 101",
                            "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:9 G722/8000",
                            "a=rtpmap:101 telephone-event/8000", "a=sendrecv", ""])

    def short_exchange(self, method, *headers, challenged=False):
        self.request(method, self.caller, self.proxy, *headers)
        self.wait(400, 20000)
        if challenged:
            self.challenge(method, "WWW")
            self.wait(400, 60000)
            self.sequence += 1
            self.request(method, self.caller, self.proxy, *headers, self.credentials(""))
            self.wait(400, 20000)
        self.reply(200, "OK", method, self.proxy, self.caller, *headers)

    def media_report(self):
        block = {"source_ssrc": self.rng.getrandbits(32), "fraction_lost": self.rng.randrange(9),
                 "packets_lost": self.rng.randrange(60), "highest_seq_no": self.rng.getrandbits(16),
                 "ia_jitter": self.rng.randrange(200), "lsr": self.rng.getrandbits(32), "dlsr": self.rng.getrandbits(20)}
        self.emit(self.caller, self.callee, json.dumps({"type": 201, "ssrc": self.rng.getrandbits(32), "report_count": 1,
                                                        "report_blocks": [block]}), 5, (None, self.callid, None))

    def call(self):
        offer = self.offer(self.caller)
        self.request("INVITE", self.caller, self.proxy, body=offer)
        self.wait(300, 5000)
        self.challenge("INVITE", "Proxy")
        self.wait(300, 5000)
        self.request("ACK", self.caller, self.proxy, to_tag=True)
        self.sequence += 1
        self.wait(300, 40000)
        self.request("INVITE", self.caller, self.proxy, self.credentials("Proxy-"), body=offer)
        self.wait(200, 3000)
        self.reply(100, "Trying", "INVITE", self.proxy, self.caller, to_tag=False)
        self.wait(200, 3000)
        self.request("INVITE", self.proxy, self.callee, f"X-CID: {self.callid}",
                     f"P-Asserted-Identity: <sip:{self.caller.user}@{self.domain}>", body=offer)
        outcome = self.rng.random()
        if outcome < 0.2:
            status, reason = self.rng.choice(REFUSALS)
            self.wait(20000, 3000000)
            self.reply(status, reason, "INVITE", self.callee, self.proxy)
            self.wait(200, 3000)
            self.reply(status, reason, "INVITE", self.proxy, self.caller, 'Reason: Q.850;cause=17;text="user busy"')
            self.wait(200, 30000)
            self.request("ACK", self.caller, self.proxy, to_tag=True)
            return
        self.wait(20000, 2000000)
        self.reply(180, "Ringing", "INVITE", self.callee, self.proxy)
        self.wait(200, 3000)
        self.reply(180, "Ringing", "INVITE", self.proxy, self.caller)
        self.wait(300000, 3000000)
        if outcome < 0.3:
            self.request("CANCEL", self.caller, self.proxy)
            self.wait(200, 3000)
            self.reply(200, "OK", "CANCEL", self.proxy, self.caller)
            self.wait(200, 3000)
            self.reply(487, "Request Terminated", "INVITE", self.proxy, self.caller)
            self.wait(200, 30000)
            self.request("ACK", self.caller, self.proxy, to_tag=True)
            return
        answer = self.offer(self.callee)
        self.reply(200, "OK", "INVITE", self.callee, self.proxy, body=answer)
        self.wait(200, 3000)
        self.reply(200, "OK", "INVITE", self.proxy, self.caller, body=answer)
        self.wait(200, 60000)
        self.request("ACK", self.caller, self.callee, to_tag=True)
        for _ in range(self.rng.randrange(4)):
            self.wait(300000, 900000)
            self.media_report()
        self.wait(1000000, 9000000)
        self.sequence += 1
        self.request("BYE", self.caller, self.callee, to_tag=True)
        self.wait(200, 60000)
        self.reply(200, "OK", "BYE", self.callee, self.caller)

    def play(self):
        kind = self.rng.random()
        if kind < 0.2:
            self.short_exchange("REGISTER", "Expires: 1800", challenged=kind < 0.15)
        elif kind < 0.3:
            self.short_exchange("OPTIONS")
        elif kind < 0.35:
            self.short_exchange("SUBSCRIBE", "Event: presence", "Expires: 600")
        else:
            self.call()
        return self.steps


def messages(rng):
    """Messages of overlapping dialogs in time order, without end."""
    phones, proxies = [Phone(rng, n) for n in range(2000)], [Proxy(n) for n in (10, 11, 12)]
    start, number, waiting = 1_770_000_000_000_000 + rng.randrange(10**9), 0, []
    while True:
        caller, callee = rng.sample(phones, 2)
        for step in Dialog(rng, start, caller, callee, rng.choice(proxies)).play():
            heapq.heappush(waiting, (step[0], number, step))
            number += 1
        start += rng.randrange(400, 3000)
        while waiting and waiting[0][0] < start:
            yield heapq.heappop(waiting)[2]


def ones_complement(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ipv4(source, destination, protocol, identification, data):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), identification & 0xFFFF, 0x4000, 63, protocol, 0,
                         socket.inet_aton(source), socket.inet_aton(destination))
    return header[:10] + struct.pack("!H", ones_complement(header)) + header[12:] + data


def udp(source, destination, identification, data):
    datagram = struct.pack("!HHHH", source[1], destination[1], 8 + len(data), 0) + data
    return ipv4(source[0], destination[0], 17, identification, datagram)


def hep(version, micros, sender, receiver, data, protocol, callid):
    seconds, fraction = divmod(micros, 1000000)
    addresses = socket.inet_aton(sender.address), socket.inet_aton(receiver.address)
    if version < 3:
        header = struct.pack("!BBBBHH", version, 16, socket.AF_INET, 17, sender.port, receiver.port) + b"".join(addresses)
        stamp = struct.pack("<IIHxx", seconds, fraction, AGENT_ID) if version == 2 else b""
        return header + stamp + data
    values = [(1, b"\2"), (2, b"\x11"), (3, addresses[0]), (4, addresses[1]), (7, struct.pack("!H", sender.port)),
              (8, struct.pack("!H", receiver.port)), (9, struct.pack("!I", seconds)), (10, struct.pack("!I", fraction)),
              (11, bytes((protocol,))), (12, struct.pack("!I", AGENT_ID))]
    if protocol != 1:
        values.append((17, callid.encode()))
    values.append((15, data))
    chunks = b"".join(struct.pack("!HHH", 0, kind, 6 + len(value)) + value for kind, value in values)
    return b"HEP3" + struct.pack("!H", 6 + len(chunks)) + chunks


def frame(form, number, micros, sender, receiver, data, protocol, callid):
    if form in ("sip", "ipip"):
        packet = udp((sender.address, sender.port), (receiver.address, receiver.port), number, data)
        if form == "ipip":
            packet = ipv4(CAPTURE_AGENT, COLLECTOR, 4, number, packet)
    else:
        message = hep(int(form[3]), micros, sender, receiver, data, protocol, callid)
        packet = udp((CAPTURE_AGENT, 40000), (COLLECTOR, 9060), number, message)
    return b"\x02\0\0\0\0\x0b\x02\0\0\0\0\x0a\x08\0" + packet


def write(path, packets, seed, form, with_truth=True):
    rng, number = random.Random(f"{seed}"), 0
    truth = open(f"{path}.truth.tsv", "w", encoding="utf-8") if with_truth else None
    if truth:
        truth.write("frame\tmicro_ts\tsource_ip\tsource_port\tdestination_ip\tdestination_port\tmethod\tcallid\tcseq\n")
    with open(path, "wb", buffering=1 << 20) as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for micros, sender, receiver, data, protocol, (what, callid, cseq) in messages(rng):
            if protocol != 1 and form != "hep3":
                continue
            number += 1
            octets = frame(form, number, micros, sender, receiver, data, protocol, callid)
            out.write(struct.pack("<IIII", *divmod(micros, 1000000), len(octets), len(octets)))
            out.write(octets)
            if truth and protocol == 1:
                truth.write(f"{number}\t{micros}\t{sender.address}\t{sender.port}\t{receiver.address}\t{receiver.port}"
                            f"\t{what}\t{callid}\t{cseq}\n")
            if number == packets:
                break
    if truth:
        truth.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=100000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--form", choices=FORMS, default="hep3")
    parser.add_argument("--no-truth", action="store_true")
    parser.add_argument("out")
    words = parser.parse_args()
    write(words.out, words.packets, words.seed, words.form, not words.no_truth)


if __name__ == "__main__":
    main()
