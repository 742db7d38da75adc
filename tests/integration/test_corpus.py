#!/usr/bin/env python3
"""Invented traffic of every form: each line of the truth is a record with the same frame, time, addresses, ports,
method, Call-ID and CSeq, and no SIP record is without a line.  HEPCAP_CORPUS_SEED chooses another world."""
import collections
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import make_corpus  # noqa: E402
from pipeline import Report, SANITIZED, SUITE, decode, load, rows, table  # noqa: E402

PACKETS = 3000 if SANITIZED else 15000
KEYS = ("frame", "micro_ts", "source_ip", "source_port", "destination_ip", "destination_port", "method", "callid", "cseq")


def check_form(report, form, seed, work):
    capture = work / f"{form}.pcap"
    make_corpus.write(capture, PACKETS, seed, form)
    ended = decode("-r", capture)
    report.equal((ended.status, ended.stderr), (0, ""), f"{form} seed {seed}: status and stderr")
    records = ended.records()
    sip = [tuple(str(record.get(key, "")) for key in KEYS) for record in records if record["kind"] == "sip"]
    wanted = [tuple(row[key] for key in KEYS) for row in table(pathlib.Path(f"{capture}.truth.tsv"))]
    report.equal(len(sip), len(wanted), f"{form} seed {seed}: number of SIP records")
    for found, row in zip(sip, wanted):
        report.equal(found, row, f"{form} seed {seed} frame {row[0]}")
    rtcp = [record for record in records if record["kind"] == "rtcp"]
    report.equal(len(rtcp), PACKETS - len(wanted), f"{form} seed {seed}: number of RTCP records")
    report.equal(len(records), PACKETS, f"{form} seed {seed}: number of all records")
    report.equal(len({record["uid"] for record in records}), len(records), f"{form} seed {seed}: distinct uids")

    database = work / f"{form}.db"
    loaded = load("--db", f"sqlite:{database}", stdin=ended.stdout)
    report.equal((loaded.status, loaded.stderr), (0, ""), f"{form} seed {seed}: hepcap-load")
    stored = rows(database, "SELECT micro_ts, source_ip, source_port, destination_ip, destination_port, method, callid,"
                            " cseq FROM sip_capture ORDER BY id")
    in_table = [tuple(v.decode() if isinstance(v, bytes) else str(v) for v in row.values()) for row in stored]
    report.equal(len(in_table), len(wanted), f"{form} seed {seed}: rows")
    missing = collections.Counter(row[1:] for row in wanted)
    missing.subtract(in_table)
    for row, times in missing.items():
        report.check(times == 0, f"{form} seed {seed}: row {row} is stored {-times:+d} times too often")


def main():
    report = Report()
    seed = SUITE.get("HEPCAP_CORPUS_SEED", "1861")
    with tempfile.TemporaryDirectory() as directory:
        for form in make_corpus.FORMS:
            check_form(report, form, seed, pathlib.Path(directory))
    report.finish()


if __name__ == "__main__":
    main()
