#!/usr/bin/env python3
"""hepcap-decode over testdata/recorded: what it writes equals the truth beside each capture, field by field.

Two laws: every row of the truth that is due has its record, and no record is without a row.  Not due are rows whose
carrier is not decoded yet: TCP (and what stands on it), IP fragments, and the tunnels of NOT_DUE.  Should one of them
be decoded all the same, its records are held to the truth like all others."""
import hashlib
import re
import sys

import frames
from pipeline import Report, TESTDATA, decode, escaped, payload, table

RECORDED = TESTDATA / "recorded"
NOT_DUE = {
    "gre-sip.pcap": "GRE",
    "gre-key-seq-sip.pcap": "GRE",
    "erspan1-sip.pcap": "ERSPAN",
    "erspan2-sip.pcap": "ERSPAN",
    "vxlan-sip-veth.pcap": "VXLAN",
}
IP_PROTOCOLS = {"17": "udp", "6": "tcp", "22": "tls", "132": "sctp"}


def sip_row(row):
    wanted = {"source_ip": row["src"], "source_port": row["sport"], "destination_ip": row["dst"],
              "destination_port": row["dport"], "transport": row["transport"], "method": row["method_or_status"],
              "micro_ts": str(int(row["epoch_ns"]) // 1000), "length": row["msg_bytes"]}
    # Where a message is cut by the snaplen the truth has no Call-ID, though some of it may be there.
    wanted.update({key: row[column] for key, column in (("callid", "call_id"), ("cseq", "cseq")) if row[column]})
    return wanted


def hep_row(row):
    peer = f"[{row['outer_src']}]" if ":" in row["outer_src"] else row["outer_src"]
    if row["ts_sec"]:
        micros = int(row["ts_sec"]) * 1000000 + int(row["ts_usec"] or 0)
    else:
        micros = int(row["outer_epoch_ns"]) // 1000
    return {"source_ip": row["src"], "source_port": row["sport"], "destination_ip": row["dst"],
            "destination_port": row["dport"], "transport": IP_PROTOCOLS[row["ip_proto"]], "micro_ts": str(micros),
            "hep_version": row["hep_version"], "hep_peer": f"{peer}:{row['outer_sport']}",
            "hep_agent_id": row["capture_id"], "hep_proto": row["proto_type"] or "1",
            "correlation_id": row["correlation_id"] or row["sip_call_id"], "method": row["sip_method_or_status"],
            "callid": row["sip_call_id"], "cseq": row["sip_cseq"], "length": row["payload_len"],
            "md5": row["payload_md5"]}


def found_of(record, wanted):
    """What the record says of each thing that the truth names, as the truth would write it."""
    octets = payload(record)
    derived = {"length": str(len(octets)), "md5": hashlib.md5(octets).hexdigest()}
    return {key: derived[key] if key in derived else escaped(str(record.get(key, ""))) for key in wanted}


def compare(report, name, records, truth, make_wanted, is_due):
    """Each truth row takes the first record of its frame that is left; both are in file order."""
    waiting = {}
    for record in records:
        waiting.setdefault(record["frame"], []).append(record)
    for row in truth:
        frame = int(row["frame"])
        candidates = waiting.get(frame, [])
        if not candidates:
            report.check(not is_due(row), f"{name} frame {frame}: no record of {list(row.values())}")
            continue
        wanted, record = make_wanted(row), candidates.pop(0)
        found = found_of(record, wanted)
        for key, value in wanted.items():
            if key == "hep_proto" and row.get("hep_version") in ("1", "2") and key not in record:
                continue  # versions 1 and 2 say nothing of the payload's type
            report.equal(found[key], value, f"{name} frame {frame} {key}")
        report.equal(record.get("file"), str(RECORDED / name), f"{name} frame {frame} file")
    for frame, rest in waiting.items():
        report.check(not rest, f"{name} frame {frame}: {len(rest)} more records than in the truth: {rest[:1]}")


def main():
    report, notes = Report(), []
    for capture in sorted(path for path in RECORDED.iterdir() if path.suffix != ".tsv" and path.suffix != ".xz"):
        name = capture.name
        truths = {kind: RECORDED / f"{name}.{kind}.tsv" for kind in ("truth", "sip", "hep")}
        sip = next((truths[kind] for kind in ("truth", "sip") if truths[kind].exists()), None)
        hep = truths["hep"] if truths["hep"].exists() else None
        ended = decode("-r", capture)
        if name.startswith("bad-") or name == "hep-odd-datagrams.pcap":
            report.check(ended.status in (0, 1), f"{name}: status {ended.status}: {ended.stderr}")
            continue
        report.equal(ended.status, 0, f"{name}: status; stderr {ended.stderr!r}")
        report.check(re.fullmatch(r"(hepcap-decode: not decoded: [^\n]+\n)?", ended.stderr), f"{name}: stderr {ended.stderr!r}")
        records, fragments = ended.records(), frames.fragments(capture)
        if name in NOT_DUE:
            notes.append(f"{name}: rows may be absent: {NOT_DUE[name]}")

        def is_due(row):
            carrier = row.get("outer_transport") or row["transport"]
            return name not in NOT_DUE and carrier == "udp" and int(row["frame"]) not in fragments

        by_hep = [r for r in records if "hep_version" in r]
        plain = [r for r in records if "hep_version" not in r and r["kind"] == "sip"]
        compare(report, name, by_hep, table(hep) if hep else [], hep_row, is_due)
        compare(report, name, plain, table(sip) if sip else [], sip_row, is_due)
    print("\n".join(notes))
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
