#!/usr/bin/env python3
"""PostgreSQL through ODBC: every cell as Kamailio's sipcapture module stored it, loading again adds nothing, hostile texts
stay texts, and a server that is away, refuses or is killed ends with the status that helps, without the password."""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import make_corpus  # noqa: E402
import hostile_rows  # noqa: E402
import odbc  # noqa: E402
import postgres  # noqa: E402
import test_parity_kamailio as parity  # noqa: E402
from pipeline import Report, decode, load, skip, tool  # noqa: E402
from test_odbc_sqlite import ONE, text  # noqa: E402

PACKETS = 6000


def source(server, **more):
    settings = {"Driver": odbc.driver("PostgreSQL"), "Servername": "127.0.0.1", "Port": server.port, "Database": "calls",
                "UID": "hepcap", "PWD": "secret", **more}
    return "odbc:" + ";".join(f"{key}={value}" for key, value in settings.items())


def check_parity(report, server):
    times = parity.packet_times()
    truth = (parity.PARITY / "rows.ndjson").read_text(encoding="utf-8")
    wanted = [parity.corrected(json.loads(line), times) for line in truth.split("\n") if line]
    decoded = decode("-r", parity.PARITY / "hep.pcap")
    for counted in ("1500 rows inserted", "1500 already there"):
        ended = load("--db", source(server), "-v", stdin=decoded.stdout)
        report.check(ended.status == 0 and counted in ended.stderr, f"parity: {ended.status} {ended.stderr!r}")
    stored = server.rows("SELECT * FROM sip_capture ORDER BY micro_ts")
    report.equal(len(stored), 1500, "parity: rows")
    for found, (packet, row) in zip(stored, sorted(wanted, key=lambda w: w[1]["micro_ts"])):
        for column, value in row.items():
            if column in ("hep_version", "id"):
                continue
            value = value.replace(" ", "T") if column == "date" else value
            value = text(value.encode()) if isinstance(value, str) else value
            report.equal(found.get(column), value, f"row of packet {packet} {column}")


def check_hostile(report, server):
    wanted = list(hostile_rows.records())
    server.psql("CREATE SCHEMA other; CREATE TABLE other.hostile (callid varchar(1)); "
                "CREATE TABLE theirs (micro_ts bigint, callid varchar(20), source_port int, msg text)")
    for table in ("hostile", "theirs"):
        for counted in (f"{len(wanted)} rows inserted", f"{len(wanted)} already there"):
            ended = load("--db", source(server), "--table", table, "-v", stdin=hostile_rows.lines(wanted))
            report.check(ended.status == 0 and counted in ended.stderr, f"{table}: {ended.status} {ended.stderr!r}")
    stored = {row["uid"]: row for row in server.rows("SELECT * FROM hostile")}
    report.equal(len(stored), len(wanted), "hostile: rows")
    for record in wanted:
        row = stored.get(record["uid"], {})
        for key in ("from_user", "callid", "ruri", "user_agent"):
            width = {"from_user": 100, "callid": 256, "ruri": 1024, "user_agent": 256}[key]
            report.equal(row.get(key), text(record.get(key, "").encode())[:width], f"hostile row {record['uid']} {key}")
        report.equal(row.get("msg"), text(hostile_rows.payload(record)), f"hostile row {record['uid']} msg")


def check_refusals(report, server):
    def refused(what, status, sentence, url, *arguments):
        ended = load("--db", url, *arguments, stdin=ONE)
        report.check(ended.status == status and sentence in ended.stderr, f"{what}: {ended.status} {ended.stderr!r}")
        report.check("wr0ngpw" not in ended.stderr and "secret" not in ended.stderr, f"{what}: {ended.stderr!r} shows the password")

    refused("wrong password", 2, "authentication failed", source(server, PWD="wr0ngpw"))
    refused("unknown database", 2, "does not exist", source(server, Database="nowhere"))
    refused("nobody there", 75, "try again", source(server, Port=1))
    server.psql("CREATE TABLE not_mine (callid text)", user="postgres")
    refused("no permission", 2, "permission denied", source(server), "--table", "not_mine")


def check_kill(report, server, work):
    capture, lines = work / "k.pcap", work / "k.ndjson"
    make_corpus.write(capture, PACKETS, "kill", "sip", with_truth=False)
    lines.write_bytes(decode("-r", capture).stdout)
    for retries in (0, 50):
        table = f"killed_{retries}"
        with open(lines, "rb") as records:
            loader = subprocess.Popen([tool("hepcap-load"), "--db", source(server), "--batch", "200", "--table", table, "--retries",
                                       str(retries)], stdin=records, stderr=subprocess.PIPE)
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                if server.run_psql(f"SELECT 1 FROM {table} OFFSET 500 LIMIT 1").stdout.strip() == "1":
                    break
            server.kill()
            if retries:
                server.start()
            _, said = loader.communicate(timeout=120)
        report.equal(loader.returncode, 0 if retries else 75, f"{table}: status of the load ({said})")
        if not retries:
            server.start()
            ended = load("--db", source(server), "--table", table, stdin=lines.read_bytes())
            report.equal((ended.status, ended.stderr), (0, ""), f"{table}: loading again")
        report.equal(server.value(f"SELECT count(*) FROM {table}"), PACKETS, f"{table}: rows in the end")


def main():
    if odbc.missing("PostgreSQL"):
        skip(odbc.missing("PostgreSQL"))
    report = Report()
    with tempfile.TemporaryDirectory() as directory, postgres.Postgres() as server:
        check_parity(report, server)
        check_hostile(report, server)
        check_refusals(report, server)
        check_kill(report, server, pathlib.Path(directory))
    report.finish()


if __name__ == "__main__":
    main()
