#!/usr/bin/env python3
"""hepcap-raw on an interface: what was sent is what is captured, through fragments, tags and tunnels; files change
without a loss; privileges are gone before the first packet; what is lost is counted."""
import json
import os
import pathlib
import pwd
import re
import signal
import socket
import subprocess
import tempfile
import time

from namespaces import Capture, Network, ip
from pipeline import Report, decode, run, tool

FRAMES = """import socket, struct, sys
def checksum(octets):
    words = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while words >> 16: words = (words & 0xffff) + (words >> 16)
    return ~words & 0xffff
def packet(payload, source, destination, ports, protocol=17):
    inner = struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload if protocol == 17 else payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(inner), 7, 0, 64, protocol, 0, socket.inet_aton(source),
                       socket.inet_aton(destination))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + inner
def message(name): return b"OPTIONS sip:b@example.org SIP/2.0\\r\\nCall-ID: %s\\r\\nCSeq: 1 OPTIONS\\r\\n\\r\\n" % name.encode()
"""

TAGGED = FRAMES + """
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(("eth0", 0))
mac = b"\\xff" * 6 + b"\\x02\\0\\0\\0\\0\\x01"
def frame(name, tags, ports=(5060, 5061)):
    body = packet(message(name), "192.0.2.1", "192.0.2.2", ports)
    return mac + b"".join(struct.pack("!HH", kind, tag) for kind, tag in tags) + b"\\x08\\0" + body
s.send(frame("one", [(0x8100, 100)]))
s.send(frame("two", [(0x88a8, 7), (0x8100, 100)]))
s.send(frame("none", []))
s.send(frame("other", [(0x8100, 100)], (7000, 7001)))
inner = packet(message("gre"), "192.0.2.1", "192.0.2.2", (5060, 5061))
s.send(mac + b"\\x08\\0" + packet(inner, "198.51.100.1", "198.51.100.2", None, 4))
"""

TUNNEL6 = FRAMES + """
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 4)
for i in range(20):
    s.sendto(packet(message(f"s-{i}"), "192.0.2.1", "192.0.2.2", (5060, 40000)), (sys.argv[1], 0))
"""

TUNNEL = FRAMES + """
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 4)
for i in range(200):
    s.sendto(packet(message(f"t-{i}"), "192.0.2.1", "192.0.2.2", (5060, 40000)), (sys.argv[1], 0))
s.sendto(packet(message("far"), "192.0.2.1", "192.0.2.2", (6060, 40000)), (sys.argv[1], 0))
s.sendto(packet(message("elsewhere"), "192.0.2.1", "192.0.2.2", (5060, 40000)), (sys.argv[2], 0))
long = message("long")[:-2] + b"Content-Length: 3000\\r\\n\\r\\n" + b"x" * 3000
s.sendto(packet(long, "192.0.2.1", "192.0.2.2", (5060, 40000)), (sys.argv[1], 0))
"""


def call_ids(records):
    return sorted(r["callid"] for r in records)


def names(name, count):
    return sorted(f"{name}-{i}" for i in range(count))


def records_of(octets):
    return [json.loads(line) for line in octets.splitlines()]


def mirror(report, network, work):
    """Everything that was sent before SIGTERM is in the file, and nothing from other ports."""
    file = work / "mirror.pcap"
    capture = Capture(network, "mirror", "-i", "eth0", "--promiscuous", "--port", "5060-5090", "-Z", "nobody", "-w", file)
    nobody = pwd.getpwnam("nobody")
    report.equal(capture.status("Uid"), "\t".join([str(nobody.pw_uid)] * 4), "user")
    report.equal(capture.status("Gid"), "\t".join([str(nobody.pw_gid)] * 4), "group")
    for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        report.equal(capture.status(capabilities), "0" * 16, capabilities)
    report.equal(capture.status("NoNewPrivs"), "1", "no_new_privs")
    threads = pathlib.Path(f"/proc/{capture.process.pid}/task").iterdir()
    report.check(all("Seccomp:\t2" in (t / "status").read_text() for t in threads), "a thread without the filter")
    network.send("a", "10.77.0.2", 300, "four")
    network.send("a", "fd77::2", 300, "six", port=5090)
    network.send("a", "10.77.0.2", 50, "noise", port=40000, source_port=40001)
    network.send("a", "10.77.0.2", 20, "long", size=4000)  # three fragments each
    status, _, said = capture.end(signal.SIGTERM)
    report.equal(status, 0, f"status on SIGTERM; {said}")
    report.check("stopped; " in said and " 0 dropped by the kernel" in said, f"closing line: {said}")
    report.equal(file.stat().st_uid, nobody.pw_uid, "owner of the file")
    found = decode("-r", file)
    report.equal(call_ids(found.records()), sorted(names("four", 300) + names("six", 300)), "Call-IDs")
    report.check("60 ip-fragment" in found.stderr, f"all fragments are in the file: {found.stderr}")


def records(report, network):
    """Records as they come, with several workers, whole datagrams where there were fragments, and -c exactly."""
    capture = Capture(network, "b", "-i", "eth0", "--port", "5060", "--workers", "2", "-T", "ndjson")
    for source_port in range(6000, 6008):
        network.send("a", "10.77.0.2", 50, f"p{source_port}", source_port=source_port)
    network.send("a", "10.77.0.2", 5, "long", size=4000)
    status, out, said = capture.end(signal.SIGINT)
    report.equal(status, 0, f"status on SIGINT; {said}")
    wanted = sorted(sum((names(f"p{p}", 50) for p in range(6000, 6008)), names("long", 5)))
    report.equal(call_ids(records_of(out)), wanted, f"Call-IDs with two workers; {said}")
    longs = [r for r in records_of(out) if r["callid"].startswith("long")]
    report.check(all(r["body_len"] == 4000 for r in longs), "fragments put together by the kernel")

    capture = Capture(network, "b", "-i", "eth0", "-T", "ndjson", "-c", "3", "-Y", 'callid ~ "[13579]$"', "--nanoseconds")
    network.send("a", "10.77.0.2", 50, "n")
    status, out, said = capture.end()
    report.equal((status, said), (0, ""), "-c ends by itself")
    report.equal([r["callid"] for r in records_of(out)], ["n-1", "n-3", "n-5"], "-Y and -c")
    report.check(all(re.search(r"\.\d{9}Z$", r["ts"]) for r in records_of(out)), "nanoseconds")

    capture = Capture(network, "b", "-i", "eth0", "-T", "ndjson", "--port", "5060")
    network.send("a", "10.77.0.2", 1, "live")
    line = capture.process.stdout.readline()  # while the capture goes on
    report.equal(json.loads(line)["callid"], "live-0", "a record is not held back")
    capture.end(signal.SIGTERM)


def files(report, network, work):
    """Changes of files under load lose nothing; the command is run for each file."""
    capture = Capture(network, "b", "-i", "eth0", "--port", "5060", "-w", work / "r-%H%M%S.pcap.zst", "-C", "50K",
                      "-G", "1", "--on-close", "printf %s\\n")
    sent = 0
    for round_ in range(6):
        network.send("a", "10.77.0.2", 1000, f"r{round_}", pause_every=50)
        sent += 1000
        capture.signal(signal.SIGHUP)
    status, _, said = capture.end(signal.SIGTERM)
    report.equal(status, 0, f"status; {said}")
    written = sorted(str(path) for path in work.glob("r-*"))
    report.check(len(written) > 10, f"many files: {len(written)}")
    report.equal(sorted(line for line in said.splitlines() if line.startswith(str(work))), written, "--on-close")
    found = decode(*written)
    report.equal(found.stderr, "", "every file is whole")
    report.equal(call_ids(found.records()), sorted(sum((names(f"r{i}", 1000) for i in range(6)), [])), "all of them")


def tags(report, network):
    """VLAN tags, which the kernel takes off and libpcap puts back, and IP in IP, with a filter of ports."""
    capture = Capture(network, "b", "-i", "eth0", "--promiscuous", "--port", "5060")
    network.python("a", TAGGED)
    time.sleep(0.2)
    status, out, said = capture.end(signal.SIGTERM)
    report.equal(status, 0, f"status; {said}")
    found = {r["callid"]: r.get("encap") for r in decode("-r", "-", stdin=out).records()}
    report.equal(found, {"one": ["vlan:100"], "two": ["vlan:7", "vlan:100"], "none": None, "gre": ["ipip"]}, "encap")


def tunnel(report, network):
    """The end of a tunnel: the outer header is gone, other ports and other addresses are not captured."""
    ip("-n", network.name("b"), "addr", "add", "10.77.0.99/24", "dev", "eth0")
    for workers in (1, 2):
        capture = Capture(network, "b", "--mode", "ipip", "--listen", "10.77.0.2:5060-5061", "-T", "pcap",
                          "--workers", workers)
        network.python("a", TUNNEL, "10.77.0.2", "10.77.0.99")
        status, out, said = capture.end(signal.SIGTERM)
        report.equal(status, 0, f"status; {said}")
        report.equal(int.from_bytes(out[20:24], "little"), 101, "link type: raw IP")
        found = decode("-r", "-", stdin=out).records()
        report.equal(call_ids(found), sorted([*names("t", 200), "long"]), f"Call-IDs, {workers} workers")
        report.check(all("encap" not in r and r["source_ip"] == "192.0.2.1" for r in found), "the outer header is off")
    capture = Capture(network, "b", "--mode", "ipip", "--port", "5060", "-T", "ndjson")
    network.python("a", TUNNEL6, "fd77::2")
    network.python("a", TUNNEL, "10.77.0.2", "10.77.0.99")
    status, out, said = capture.end(signal.SIGTERM)
    report.equal(status, 0, f"status; {said}")
    report.equal(call_ids(records_of(out)), sorted([*names("s", 20), *names("t", 200), "elsewhere", "long"]),
                 "every address, over IPv6 too")
    absent = run(network.command("b", tool("hepcap-raw"), "--mode", "ipip", "--listen", "192.0.2.1", "-T", "text"))
    report.check(absent.status == 1 and "this machine's end" in absent.stderr, f"a foreign address: {absent.stderr}")


def switch(report, network, work):
    """Off: read and counted, and not passed on."""
    path = work / "control"
    capture = Capture(network, "b", "-i", "eth0", "--port", "5060", "-T", "ndjson", "--control", path, "-Z", "nobody")

    def ask(word):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(5)
            s.connect(str(path))
            s.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "sipcapture.status", "params": [word]}).encode())
            return s.recv(4096)

    report.check(b"Disabled" in ask("off"), "off")
    network.send("a", "10.77.0.2", 100, "off")
    time.sleep(0.3)
    report.check(b"Enabled" in ask("on"), "on")
    network.send("a", "10.77.0.2", 100, "on")
    status, out, said = capture.end(signal.SIGTERM)
    report.equal(status, 0, f"status; {said}")
    report.equal(call_ids(records_of(out)), names("on", 100), "only what came while it was on")
    report.check("100 while switched off" in said, f"counted: {said}")


def slow_reader(report, network):
    """A reader that reads nothing: what is lost is counted, and nothing else is."""
    reader, writer = os.pipe()
    capture = Capture(network, "b", "-i", "eth0", "--port", "5060", "--rcvbuf", "1M", stdout=writer)
    os.close(writer)
    network.send("a", "10.77.0.2", 6000, "s", size=1000, pause_every=20)
    capture.signal(signal.SIGUSR1)
    counters = capture.process.stderr.readline().decode()  # although nobody reads what it wants to write
    report.check("packets, " in counters, f"SIGUSR1 asks for the counters: {counters}")
    drain = subprocess.Popen([tool("hepcap-decode"), "--no-msg"], stdin=reader, stdout=subprocess.PIPE)
    os.close(reader)
    time.sleep(0.3)
    capture.signal(signal.SIGTERM)
    out, _ = drain.communicate(timeout=20)
    status, _, said = capture.end()
    dropped = re.search(r"stopped; .* (\d+) dropped by the kernel", said)
    report.equal(status, 0, f"status; {said}")
    report.check(dropped and int(dropped[1]) > 1000, f"drops are counted: {said}")
    report.equal(len(out.splitlines()) + int(dropped[1] if dropped else 0), 6000, "read and dropped")

    reader, writer = os.pipe()
    capture = Capture(network, "b", "-i", "eth0", "--port", "5060", stdout=writer)
    os.close(writer)
    network.send("a", "10.77.0.2", 2000, "s", size=1000, pause_every=50)
    for _ in range(10):  # timeout(1) sends it twice, one after the other
        capture.signal(signal.SIGTERM)
        time.sleep(0.05)
    report.equal(capture.process.poll(), None, "the first SIGTERM waits for the reader, and so do those close to it")
    time.sleep(0.7)
    status, _, _ = capture.end(signal.SIGTERM)
    os.close(reader)
    report.equal(status, -signal.SIGTERM, "one that comes later does not")


def troubles(report, network, work):
    """Sentences with the way out, and whole files whatever happens."""
    as_nobody = run(network.command("b", "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                                    tool("hepcap-raw"), "-i", "eth0", "-T", "text"))
    report.check(as_nobody.status == 1 and "setcap cap_net_raw" in as_nobody.stderr, f"permission: {as_nobody.stderr}")
    absent = run(network.command("b", tool("hepcap-raw"), "-i", "eth1", "-T", "text"))
    report.check(absent.status == 2 and "did you mean 'eth0'" in absent.stderr, f"no interface: {absent.stderr}")
    stranger = run(network.command("b", tool("hepcap-raw"), "-i", "eth0", "-T", "text", "-Z", "no-such-user"))
    report.check(stranger.status == 2 and "no-such-user" in stranger.stderr, f"no user: {stranger.stderr}")
    denied = run(network.command("b", tool("hepcap-raw"), "-i", "eth0", "-w", "/root/x.pcap", "-Z", "nobody"))
    report.check(denied.status == 1 and "privileges were dropped" in denied.stderr, f"directory: {denied.stderr}")

    capture = Capture(network, "b", "-i", "eth0", "--port", "5060", "-w", work / "gone.pcap")
    network.send("a", "10.77.0.2", 50, "g")
    time.sleep(0.2)
    ip("-n", network.name("b"), "link", "del", "eth0")
    status, _, said = capture.end()
    report.check(status == 1 and "capturing on 'eth0' ended" in said, f"an interface that goes: {status} {said}")
    report.equal(call_ids(decode("-r", work / "gone.pcap").records()), names("g", 50), "what came before is in the file")


def main():
    report = Report()
    with Network("a", "b", "mirror") as network, tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        work.chmod(0o777)
        mirror(report, network, work)
        records(report, network)
        files(report, network, work)
        tags(report, network)
        tunnel(report, network)
        switch(report, network, work)
        slow_reader(report, network)
        troubles(report, network, work)
    report.finish()


main()
