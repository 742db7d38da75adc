#!/usr/bin/env python3
"""Calls of sipp, seen at a mirror port: every message that either end sent or received is captured, in order."""
import collections
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

from namespaces import Capture, Network
from pipeline import Report, decode, skip

CALLS, RATE = 60, 60


def messages_of(log):
    """The SIP messages in a sipp message log: (sent or received, first line, Call-ID)."""
    found = []
    for part in re.split(r"^-{20,}.*$", log.read_text(errors="replace"), flags=re.MULTILINE)[1:]:
        head = re.search(r"message (sent|received) \(?.*?:\n\n", part, re.DOTALL)
        if head:
            text = part[head.end():]
            call_id = re.search(r"^Call-ID:\s*(\S+)", text, re.MULTILINE | re.IGNORECASE)
            found.append((head[1], text.splitlines()[0].strip(), call_id[1] if call_id else ""))
    return found


def first_line(record):
    return record["msg"].split("\r\n", 1)[0]


def main():
    if not shutil.which("sipp"):
        skip("sipp (sip-tester) is not installed")
    report = Report()
    with Network("a", "b", "mirror") as network, tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        file = work / "calls.pcap"
        capture = Capture(network, "mirror", "-i", "eth0", "--promiscuous", "--listen", "10.0.0.0:5060-5090", "-w", file)
        uas = subprocess.Popen(network.command("b", "sipp", "-sn", "uas", "-i", "10.77.0.2", "-p", 5060, "-nostdin"),
                               cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            uac = network.run("a", "sipp", "-sn", "uac", "-i", "10.77.0.1", "-p", 5080, "-m", CALLS, "-r", RATE, "-d", 50,
                              "-nostdin", "-trace_msg", "-message_file", work / "uac.log", "10.77.0.2:5060", cwd=work)
            report.equal(uac.returncode, 0, "sipp made its calls")
        finally:
            uas.kill()
            uas.wait()
        status, _, said = capture.end(signal.SIGTERM)
        report.equal(status, 0, f"status; {said}")

        records = decode("-r", file).records()
        logged = messages_of(work / "uac.log")
        report.check(len(logged) == 6 * CALLS, f"messages in sipp's log: {len(logged)}")
        seen = collections.Counter((first_line(r), r["callid"]) for r in records)
        wanted = collections.Counter((line, call_id) for _, line, call_id in logged)
        report.equal(sum((seen - wanted).values()), 0, f"captured and not logged: {list((seen - wanted))[:3]}")
        report.equal(sum((wanted - seen).values()), 0, f"logged and not captured: {list((wanted - seen))[:3]}")
        by_call = collections.defaultdict(list)
        for r in records:
            by_call[r["callid"]].append(r["method"])
        wanted_call = ["INVITE", "180", "200", "ACK", "BYE", "200"]
        orders = collections.Counter(tuple(methods) for methods in by_call.values())
        report.check(all([m for i, m in enumerate(order) if i == 0 or m != order[i - 1]] == wanted_call for order in orders),
                     f"order of messages in the calls: {orders}")
        report.check(all({r["source_ip"], r["destination_ip"]} == {"10.77.0.1", "10.77.0.2"} for r in records), "addresses")
    report.finish()


main()
