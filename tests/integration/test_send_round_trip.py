#!/usr/bin/env python3
"""Records are lossless: decode, send, receive, decode gives equal records, the fields of the hop aside.

Each recording is decoded, its records are sent over UDP, TCP and as HEP2, what arrives is decoded again.  What HEP
cannot say, and what the hop adds, is put away on both sides, and nothing else."""
import json
import pathlib
import re
import tempfile

from collectors import StreamCollector, UdpCollector, savefile
from pipeline import TESTDATA, Report, decode, run, tool

HOP = ("hep_peer", "file", "frame", "offset", "node")
# Words of `parse` about the HEP message that brought the record in: the one that is sent is made anew.
ABOUT_HEP = {"trailing-bytes", "stray-chunk-bytes", "chunk-type-zero", "chunk-wrong-size", "duplicate-chunk", "no-family",
             "family-mismatch", "both-families", "no-ip-protocol", "unknown-ip-protocol", "no-protocol-type", "no-time",
             "microseconds-carried", "compressed-ignored", "no-padding", "big-endian-time", "odd-header-length"}
BELOW = {"ws": "tcp", "wss": "tls"}
# Of a message that the snaplen cut: how much of its SIP is believed depends on that, and HEP cannot say so.
OF_A_CUT_ONE = ("kind", "ts", "uid", "source_ip", "source_port", "destination_ip", "destination_port", "transport",
                "method", "msg", "msg_b64")


def comparable(record, version, is_cut):
    """The record without what belongs to the hop, as HEP of that version says it."""
    kept = {key: value for key, value in record.items() if key not in HOP}
    vlans = [layer for layer in kept.pop("encap", []) if layer.startswith("vlan:")]
    if vlans and version == 3:
        kept.setdefault("hep_vlan", int(vlans[-1].removeprefix("vlan:")))
    kept["ts"] = re.sub(r"(\.\d{6})\d*Z", r"\1Z", kept["ts"])
    if "transport" in kept:
        kept["transport"] = BELOW.get(kept["transport"], kept["transport"])
    kept["hep_version"] = version
    kept["hep_proto"] = kept.get("hep_proto", 1)
    if version == 2:
        kept.pop("hep_proto")
        kept["hep_agent_id"] = kept.get("hep_agent_id", 0)
        kept["correlation_id"] = kept.get("callid", "")
        for key in ("hep_node", "hep_vlan", "hep_extra"):
            kept.pop(key, None)
    if is_cut:
        return {key: kept[key] for key in OF_A_CUT_ONE if key in kept}
    words = [word for word in kept.pop("parse", []) if word not in ABOUT_HEP]
    return {**kept, **({"parse": words} if words else {})}


def fits_hep2(record):
    return (record["kind"] == "sip" and record.get("hep_agent_id", 0) < 65536 and "transport" in record and
            "source_ip" in record and "destination_ip" in record)


def received(collector, count):
    collector.wait(count)
    with tempfile.TemporaryDirectory() as work:
        path = pathlib.Path(work) / "received.pcap"
        savefile(path, [(1_800_000_000 * 10**9, octets) for octets in collector.messages()])
        return decode("-r", path).records()


def compare(report, where, sent, back, version):
    report.equal(len(back), len(sent), f"{where}: number of records")
    for number, (a, b) in enumerate(zip(sent, back), 1):
        is_cut = "truncated" in a.get("parse", [])
        found, wanted = comparable(b, version, is_cut), comparable(a, version, is_cut)
        other = sorted(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
        report.check(not other, f"{where}: record {number}: " +
                     "; ".join(f"{key} is {found.get(key)!r}, was {wanted.get(key)!r}" for key in other))


def main():
    report = Report()
    send = tool("hepcap-send")
    captures = sorted(path for path in (TESTDATA / "recorded").glob("*.pcap*")
                      if path.suffix in (".pcap", ".pcapng") and not path.name.startswith("bad-"))
    all_lines, all_records = b"", []
    for path in captures:
        lines = decode("-r", path).stdout
        records = [json.loads(line) for line in lines.splitlines()]
        all_lines, all_records = all_lines + lines, all_records + records
        if not records:
            continue
        with StreamCollector() as collector:
            ended = run([send, "-q", "--compress", "-r", path, "-H", collector.address])
            report.equal((ended.status, ended.stderr), (0, ""), f"{path.name}: capture over TCP")
            compare(report, f"{path.name} as capture over TCP", records, received(collector, len(records)), 3)
    with UdpCollector() as collector:
        ended = run([send, "-H", collector.address, "--rate", "5000"], stdin=all_lines)
        report.equal((ended.status, ended.stderr), (0, ""), "records over UDP")
        compare(report, "records over UDP", all_records, received(collector, len(all_records)), 3)
    with UdpCollector() as collector:
        fitting = [record for record in all_records if fits_hep2(record)]
        ended = run([send, "-q", "--hep-version", "2", "--rate", "5000", "-H", collector.address], stdin=all_lines)
        report.equal(ended.status, 1, "as HEP2, which cannot say all of them")
        compare(report, "as HEP2", fitting, received(collector, len(fitting)), 2)
    report.finish()


main()
