#!/usr/bin/env python3
"""Captures of other projects, some broken on purpose: each is read, or refused with a reason, and none crashes, hangs
or takes more memory than the contract allows.  They are not part of the tree; where they are absent the test says so."""
import json
import re
import resource
import sys

from pipeline import Report, SANITIZED, escaped, run, shared, table, tool

LIMIT_S = 60
REPORTED = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|Assertion|terminate called")
# Where rows of the truth beside a capture need not be met, and why.
NOT_DUE = {
    "gre-erspan/": "GRE is not decoded yet",
    "vxlan-geneve/": "VXLAN is not decoded yet",
    "ip-fragments/": "fragments are not put together yet",
    "linktype/arkime__sll-gtp-sip-iphone.pcap": "GTP is not decoded yet",
    "malformed-sip/": "fuzzed on purpose: what a Call-ID is there is a matter of opinion",
}


def limit_memory():
    if not SANITIZED:  # a sanitizer reserves terabytes of addresses
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))


def check_truth(report, name, capture, records):
    """Each UDP row that TShark found has a record of the same frame."""
    found = {}
    for record in records:
        found.setdefault(record["frame"], []).append(record)
    for row in table(capture.with_name(f"{capture.name}.sip.tsv")):
        if row["transport"] != "udp":
            continue
        same = [r for r in found.get(int(row["frame"]), ()) if r.get("method", "") == row["method_or_status"]]
        report.check(same, f"{name} frame {row['frame']}: no record of {row['method_or_status']}")
        if same and row["call_id"]:
            report.check(any(escaped(r.get("callid", "")) == row["call_id"] for r in same),
                         f"{name} frame {row['frame']}: Call-ID {row['call_id']} is not in {[r.get('callid') for r in same]}")


def main():
    report, public = Report(), shared() / "captures" / "public"
    decoder = tool("hepcap-decode")
    for capture in sorted(p for p in public.rglob("*") if p.is_file() and p.suffix not in (".tsv", ".md", ".txt")):
        name = str(capture.relative_to(public))
        ended = run([decoder, "-r", capture], limit_s=LIMIT_S, preexec_fn=limit_memory)
        report.check(ended.status in (0, 1, 2), f"{name}: ended with {ended.status}: {ended.stderr[-2000:]}")
        report.check(not REPORTED.search(ended.stderr), f"{name}: {ended.stderr[-3000:]}")
        if ended.status in (1, 2):
            lines = ended.stderr.splitlines()
            report.check(any(line.startswith("hepcap-decode: ") for line in lines), f"{name}: no reason given: {lines}")
        records = []
        for number, line in enumerate(ended.stdout.splitlines(), 1):
            try:
                records.append(json.loads(line))
            except ValueError as problem:
                report.check(False, f"{name}: line {number} is no JSON: {problem}")
        if capture.with_name(f"{capture.name}.sip.tsv").exists():
            reason = next((why for start, why in NOT_DUE.items() if name.startswith(start)), None)
            if reason:
                print(f"left out: the truth of {name}: {reason}")
            else:
                check_truth(report, name, capture, records)
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
