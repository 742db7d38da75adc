#!/usr/bin/env python3
"""What hepcap-listen -w writes: the HEP as it came is decoded to the same records again, and with --unwrap TShark shows
the calls themselves, with their own addresses, ports, transport and microseconds."""
import shutil
import subprocess
import sys
import tempfile

import listening
from listening import Listener, chunk, hep3, options
from pipeline import Report, TESTDATA, decode, tool

RECORDED = TESTDATA / "recorded"
HOP = ("file", "frame", "offset")
FIELDS = ("frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "udp.srcport", "udp.dstport", "tcp.srcport",
          "tcp.dstport", "sip.Method", "sip.Status-Code", "sip.Call-ID", "sip.CSeq")


def without_hop(records):
    return [{key: value for key, value in record.items() if key not in HOP} for record in records]


def collect(report, what, capture, arguments, count, folder, listen="udp:127.0.0.1:0"):
    """The savefile that comes of the HEP of a recording, and who sent it."""
    path = f"{folder}/{what}.pcap"
    with Listener("-w", path, *arguments, listen=(listen,)) as listener:
        sender = listener.connect()
        for payload, _ in listening.udp_payloads(capture):
            sender.sendall(payload)
        peer = "%s:%d" % sender.getsockname()[:2]
        report.equal(listener.stop(), 0, f"{what}: status")
        report.equal(listener.counted().get("written"), count, f"{what}: packets; {listener.stderr()}")
    return path, peer


def check_whole(report, folder):
    for name in ("hep1-kamailio-mix", "hep2-kamailio-mix", "hep3-kamailio-mix"):
        capture = RECORDED / f"{name}.pcap"
        sent = decode("-r", capture).records()
        for listen in ("udp:127.0.0.1:0", "udp:0.0.0.0:0", *(["tcp:127.0.0.1:0"] if name.startswith("hep3") else [])):
            what = f"{name}-{listen.split(':')[0]}-{len(listen)}"
            path, peer = collect(report, what, capture, [], len(sent), folder, listen)
            found = decode("-r", path).records()
            report.equal({r["hep_peer"] for r in found}, {peer}, f"{what}: who sent it")
            if name.startswith("hep1"):
                sent = [{k: v for k, v in r.items() if k not in ("ts", "micro_ts", "uid")} for r in sent]
                found = [{k: v for k, v in r.items() if k not in ("ts", "micro_ts", "uid")} for r in found]
            for record in (*sent, *found):
                record.pop("hep_peer", None)
            report.equal(without_hop(found), without_hop(sent), f"{what}: records of the savefile")


def shown(path, *arguments):
    """What TShark says of the SIP in a savefile, a row a message."""
    command = ["tshark", "-r", path, "-Y", "sip", "-T", "fields", "-E", "occurrence=f", *arguments]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [dict(zip(FIELDS, line.split("\t"))) for line in done.stdout.splitlines()]


def row_of(record):
    """The same of a record."""
    v6 = ":" in record["source_ip"]
    stream = record["transport"] in ("tcp", "tls")
    seconds, micros = divmod(record["micro_ts"], 1000000)
    row = dict.fromkeys(FIELDS, "")
    row.update({"frame.time_epoch": f"{seconds}.{micros:06}000", "sip.Call-ID": record["callid"], "sip.CSeq": record["cseq"],
                f"ip{'v6' if v6 else ''}.src": record["source_ip"], f"ip{'v6' if v6 else ''}.dst": record["destination_ip"],
                f"{'tcp' if stream else 'udp'}.srcport": str(record["source_port"]),
                f"{'tcp' if stream else 'udp'}.dstport": str(record["destination_port"]),
                "sip.Status-Code" if "status" in record else "sip.Method": record["method"]})
    return row


def check_unwrapped(report, folder):
    for name in ("hep2-kamailio-mix", "hep3-kamailio-mix", "hep3-kamailio-tcp", "hep3-kamailio-tcp-tls-ws"):
        capture = RECORDED / f"{name}.pcap"
        sent = [r for r in decode("-r", capture).records() if r["kind"] == "sip"]
        path, _ = collect(report, name, capture, ["--unwrap"], len(sent), folder)
        stated = {str(r[port]) for r in sent if r["transport"] in ("tcp", "tls") for port in ("source_port", "destination_port")}
        decode_as = [word for port in sorted(stated) for word in ("-d", f"tcp.port=={port},sip")]
        found, wanted = shown(path, *decode_as), [row_of(r) for r in sent]
        report.equal(len(found), len(wanted), f"{name}: messages that TShark shows")
        for number, (f, w) in enumerate(zip(found, wanted), 1):
            report.equal(f, w, f"{name}: message {number} as TShark shows it")
        bad = subprocess.run(["tshark", "-r", path, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
                              "-o", "tcp.check_checksum:TRUE", "-Y", "ip.checksum.status==0 || udp.checksum.status==0 || "
                              "tcp.checksum.status==0 || tcp.analysis.lost_segment || tcp.analysis.retransmission || "
                              "_ws.malformed"], capture_output=True, text=True, check=True)
        report.equal(bad.stdout, "", f"{name}: TShark finds faults")


def check_others(report, folder):
    """IPv6, a VLAN, a message longer than a datagram, and what has no packet."""
    v6 = hep3(options(1)).replace(chunk(1, b"\x02"), chunk(1, b"\x0a"))
    for type_id, last in ((3, 1), (4, 2)):
        v6 = v6.replace(chunk(type_id, bytes([192, 0, 2, last])), chunk(type_id + 2, bytes.fromhex("20010db8") + bytes(11) + bytes([last])))
    v6 = v6[:4] + len(v6).to_bytes(2, "big") + v6[6:]
    tcp = hep3(options(3, 64000)).replace(chunk(2, b"\x11"), chunk(2, b"\x06"))
    report_chunk = hep3(b"{}").replace(chunk(11, b"\x01"), chunk(11, b"\x05"))
    path = f"{folder}/others.pcap"
    with Listener("-w", path, "--unwrap", listen=("tcp:127.0.0.1:0",)) as listener:
        sender = listener.connect()
        sender.sendall(v6 + hep3(options(2), chunk(18, b"\x00\x64")) + tcp + report_chunk)
        sender.close()
        report.equal(listener.stop(), 0, "others: status")
        report.equal((listener.counted().get("written"), listener.counted().get("no-packet")), (3, 1), "others: counted")
    found = decode("-r", path, "-Y", 'transport == "udp"').records()
    report.equal([r["source_ip"] for r in found], ["2001:db8::1", "192.0.2.1"], "others: addresses")
    report.equal([r.get("encap") for r in found], [None, ["vlan:100"]], "others: VLAN")
    report.equal([row["sip.CSeq"] for row in shown(path)], ["1 OPTIONS", "2 OPTIONS", "3 OPTIONS"], "others: TShark")


def main():
    tool("hepcap-listen")
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        check_whole(report, folder)
        if shutil.which("tshark"):
            check_unwrapped(report, folder)
            check_others(report, folder)
        else:
            print("left out: tshark is not installed, so nobody else has looked at what --unwrap writes")
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
