#!/usr/bin/env python3
"""hepcap-listen takes what real programs send: Kamailio's siptrace as HEP 1, 2 and 3, and sngrep as HEP 2 and 3."""
import re
import shutil
import socket
import subprocess
import sys
import tempfile

from kamailio import Kamailio, missing
from listening import Listener, options
from pipeline import Report, TESTDATA, decode, payload, tool

CONFIGURATION = """
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "siptrace.so"
modparam("siptrace", "duplicate_uri", "sip:127.0.0.1:{collector}")
modparam("siptrace", "hep_mode_on", 1)
modparam("siptrace", "hep_version", {version})
modparam("siptrace", "hep_capture_id", 2001)
modparam("siptrace", "trace_to_database", 0)
modparam("siptrace", "trace_on", 1)
modparam("siptrace", "trace_flag", 22)
request_route {{
    setflag(22);
    sip_trace();
    sl_send_reply("200", "Traced");
    exit;
}}
"""
REQUESTS = 20


def check_kamailio(report, version):
    if reason := missing("siptrace"):
        print(f"left out: {reason}")
        return
    with Listener() as listener, tempfile.TemporaryDirectory() as folder:
        with Kamailio(folder, "siptrace", CONFIGURATION, version=version, collector=listener.addresses[0][2]) as kamailio:
            port = kamailio.port
            agent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            agent.bind(("127.0.0.1", 0))
            agent.settimeout(10)
            said = []
            for number in range(REQUESTS):
                request = options(number).replace(b"UDP 192.0.2.1;", b"UDP 127.0.0.1:%d;" % agent.getsockname()[1])
                agent.sendto(request, ("127.0.0.1", port))
                said += [request, agent.recv(65535)]
            report.check(listener.wait_for_records(len(said), 10), f"HEP{version}: a record of each request and reply")
        report.equal(listener.stop(), 0, f"HEP{version}: status")
        records = listener.records()
        here, there = ("127.0.0.1", agent.getsockname()[1]), ("127.0.0.1", port)
        # It numbers and pads nothing anew: what was traced is what was on the wire.
        report.equal(sorted(payload(r) for r in records), sorted(said), f"HEP{version}: the messages")
        for record in records:
            ends = ((record["source_ip"], record["source_port"]), (record["destination_ip"], record["destination_port"]))
            report.equal(ends, (there, here) if "status" in record else (here, there), f"HEP{version}: ends of {record['cseq']}")
            report.equal((record["hep_version"], record["transport"], record["kind"]), (version, "udp", "sip"), f"HEP{version}")
            report.equal(record.get("hep_agent_id"), None if version == 1 else 2001, f"HEP{version}: agent")
        received = [line for line in listener.stderr().splitlines() if "malformed" in line]
        report.equal(received, [], f"HEP{version}: refused")


def check_sngrep(report, version):
    sngrep = shutil.which("sngrep")
    if not sngrep:
        print("left out: sngrep is not installed; ./dev deps --test installs it")
        return
    capture = TESTDATA / "recorded" / "sip-rtp-sipp.pcap"
    wanted = sorted((r["source_port"], r["destination_port"], payload(r)) for r in decode("-r", capture).records())
    with Listener() as listener, tempfile.NamedTemporaryFile("w") as configuration:
        configuration.write(f"set eep.send.version {version}\n")
        configuration.flush()
        host, port = listener.addresses[0][1:]
        sender = subprocess.Popen([sngrep, "-F", "-f", configuration.name, "-N", "-q", "-I", str(capture), "-H",
                                   f"udp:{host}:{port}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            report.check(listener.wait_for_records(len(wanted)), f"sngrep, HEP{version}: {len(wanted)} records")
        finally:
            sender.terminate()
            sender.wait()
        report.equal(listener.stop(), 0, f"sngrep, HEP{version}: status")
        found = listener.records()
        report.equal(sorted((r["source_port"], r["destination_port"], payload(r)) for r in found), wanted,
                     f"sngrep, HEP{version}: messages")
        report.equal({r["hep_version"] for r in found}, {version}, f"sngrep, HEP{version}: version")
        report.check(not re.search("malformed", listener.stderr()), f"sngrep, HEP{version}: {listener.stderr()}")


def main():
    tool("hepcap-listen")
    report = Report()
    for version in (1, 2, 3):
        check_kamailio(report, version)
    for version in (2, 3):
        check_sngrep(report, version)
    if not report.compared:
        sys.exit(77)
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
