#!/usr/bin/env python3
"""The real kamctl of Kamailio switches a running collector and asks it."""
import json
import os
import shutil
import sys

from listening import Listener
from pipeline import Report, run, skip

if not shutil.which("kamctl"):
    skip("kamctl is not installed (Debian package kamailio)")

report = Report()

with Listener(controlled=True) as listener:
    def kamctl(*words):
        """What it prints, as JSON where it is."""
        done = run(["kamctl", *words], limit_s=20, env={**os.environ, "RPCFIFOPATH": str(listener.rpc)})
        report.equal(done.status, 0, f"status of kamctl {' '.join(words)}")
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout

    def status(word):
        answer = kamctl("rpc", "sipcapture.status", word)
        return answer.get("result", answer.get("error")) if isinstance(answer, dict) else answer

    report.equal(status("check"), "Enabled", "check")
    report.check(listener.passes_on(), "a collector passes on what comes")
    report.equal(status("off"), "Disabled", "off")
    report.equal(status("check"), "Disabled", "check, switched off")
    report.check(not listener.passes_on(), "switched off, nothing is passed on")
    report.equal(status("on"), "Enabled", "on")
    report.check(listener.passes_on(), "switched on again, it is")
    report.equal(status("maybe"), {"code": 500, "message": "Bad parameter (on, off or check)"}, "a wrong word")
    report.check(kamctl("rpc", "core.version")["result"].startswith("hepcap-listen "), "the version names the tool")
    report.check("sipcapture:capture_on = 1" in kamctl("stats")["result"], "kamctl stats shows the switch")
    report.check(kamctl("uptime")["result"]["uptime"] >= 0, "kamctl uptime")
    report.check(kamctl("ps")["result"][0]["PID"] == listener.process.pid, "kamctl ps shows the process")
    report.equal(kamctl("rpc", "no.such")["error"]["code"], -32601, "an unknown method")

sys.exit(report.finish())
