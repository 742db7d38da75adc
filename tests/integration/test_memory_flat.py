#!/usr/bin/env python3
"""Memory does not grow with the input: the peak of decode and of load stays under 64 MB, and ten times the packets
take hardly more than the packets."""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import make_corpus  # noqa: E402
from pipeline import Report, tool  # noqa: E402

PACKETS, LIMIT_MB, GROWTH_MB = 15000, 64, 8

# Peak memory of a child is read by a child of its own: RUSAGE_CHILDREN keeps the largest of all.
MEASURE = """import resource, subprocess, sys
status = subprocess.run(sys.argv[3:], stdin=open(sys.argv[1], 'rb'), stdout=open(sys.argv[2], 'wb')).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"""


def peak_mb(report, arguments, source="/dev/null", sink="/dev/null"):
    done = subprocess.run([sys.executable, "-c", MEASURE, source, sink, *arguments], capture_output=True, text=True)
    status, peak = done.stdout.split()
    report.equal((status, done.stderr), ("0", ""), f"{arguments[0]}: status and stderr")
    return float(peak)


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as directory:
        work, peaks = pathlib.Path(directory), {}
        for form in ("sip", "hep3"):
            for factor in (1, 10):
                capture, lines = work / f"{form}{factor}.pcap", work / f"{form}{factor}.ndjson"
                make_corpus.write(capture, PACKETS * factor, "memory", form, with_truth=False)
                peaks[f"decode {form}", factor] = peak_mb(report, [tool("hepcap-decode"), "-r", str(capture)], sink=str(lines))
                capture.unlink()
                peaks[f"load {form}", factor] = peak_mb(
                    report, [tool("hepcap-load"), "--db", f"sqlite:{work}/{form}{factor}.db"], source=str(lines))
                lines.unlink()
        for what in sorted({name for name, _ in peaks}):
            small, large = peaks[what, 1], peaks[what, 10]
            print(f"{what}: {small:.1f} MB for {PACKETS} packets, {large:.1f} MB for {PACKETS * 10}")
            report.check(large < LIMIT_MB, f"{what}: {large:.1f} MB, more than {LIMIT_MB}")
            report.check(large < small + GROWTH_MB, f"{what}: grows from {small:.1f} to {large:.1f} MB")
    report.finish()


if __name__ == "__main__":
    main()
