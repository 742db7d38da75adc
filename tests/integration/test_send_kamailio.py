#!/usr/bin/env python3
"""A real Kamailio with its sipcapture module understands what hepcap-send says, in each version of HEP: the rows that
it stores have the values of the records that were sent."""
import pathlib
import subprocess
import tempfile
import time

from kamailio import LIMIT_S, Kamailio, missing
from pipeline import SOURCE, TESTDATA, Report, decode, payload, rows, run, skip, tool

CONFIGURATION = """
loadmodule "db_sqlite.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "sqlite:///{database}")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "table_name", "sip_capture")
request_route {{ sip_capture(); drop; }}
onreply_route {{ sip_capture(); drop; }}
"""


class Capturing(Kamailio):
    """One that stores what it gets in a table of SQLite."""

    def __init__(self, directory):
        # The columns are the module's; it stores NULL for what a message lacks.
        schema = (SOURCE / "sql/sqlite/sip_capture.sql").read_text(encoding="utf-8")
        self.database = directory / "kamailio.db"
        # With a write-ahead log it is not kept from storing by our looking.
        schema = "PRAGMA journal_mode=WAL;" + schema.replace("{table}", "sip_capture").replace(" NOT NULL", "")
        subprocess.run(["sqlite3", str(self.database)], input=schema, text=True, check=True, capture_output=True)
        super().__init__(directory, "sipcapture", CONFIGURATION, database=self.database)

    def stored(self, count):
        """Its rows, once there are as many or nothing more comes."""
        until = time.monotonic() + LIMIT_S
        found = []
        while time.monotonic() < until and len(found) < count:
            time.sleep(0.2)
            found = rows(self.database, "SELECT * FROM sip_capture ORDER BY id")
        return found


def text(value):
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def compare(report, where, record, row, version, capture_id):
    for key in ("method", "callid", "from_user", "to_user", "ruri_user", "cseq", "source_ip", "destination_ip",
                "correlation_id"):
        wanted = record.get(key, "")
        if key == "correlation_id" and version < 3:
            wanted = record["callid"]
        report.equal(text(row[key]) or "", wanted, f"{where}: {key}")
    for key in ("source_port", "destination_port"):
        report.equal(row[key], record[key], f"{where}: {key}")
    if version > 1:
        report.equal(row["micro_ts"], record["micro_ts"], f"{where}: micro_ts")
        report.equal(text(row["node"]), f"homer01:{capture_id or record.get('hep_agent_id', 0)}", f"{where}: node")
    report.equal(text(row["msg"]).encode("utf-8", "surrogateescape"), payload(record), f"{where}: msg")


def main():
    report = Report()
    send = tool("hepcap-send")
    if reason := missing("sipcapture", "db_sqlite"):
        skip(reason)
    runs = [("hep3-kamailio-mix.pcap", 1, None), ("hep3-kamailio-mix.pcap", 2, None), ("hep3-kamailio-mix.pcap", 3, None),
            ("sip-rtp-sipp.pcap", 3, 2002), ("hep3-kamailio-correlation.pcap", 3, None)]
    for name, version, capture_id in runs:
        path = TESTDATA / "recorded" / name
        # Kamailio refuses SIP without a Via before it comes to the capture.
        chosen = ["-Y", "kind == \"sip\" and via_1"]
        records = decode("-r", path, *chosen).records()
        options = ["--capture-id", capture_id] if capture_id else []
        with tempfile.TemporaryDirectory() as work, Capturing(pathlib.Path(work)) as kamailio:
            ended = run([send, "-r", path, *chosen, "--hep-version", version, "-H", f"udp:127.0.0.1:{kamailio.port}",
                         "--rate", "500", *options])
            report.equal((ended.status, ended.stderr), (0, ""), f"{name} as HEP{version}: hepcap-send")
            stored = kamailio.stored(len(records))
        if report.equal(len(stored), len(records), f"{name} as HEP{version}: number of rows"):
            for number, (record, row) in enumerate(zip(records, stored), 1):
                compare(report, f"{name} as HEP{version}: row {number}", record, row, version, capture_id)
    report.finish()


main()
