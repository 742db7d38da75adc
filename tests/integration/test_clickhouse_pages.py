#!/usr/bin/env python3
"""The examples of hepcap-tables(5) for ClickHouse run as they stand there, but for the address, and each prints
something; --ledger and --retention know ClickHouse."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import clickhouse
import hostile_rows
from pipeline import BUILD, Report, SOURCE, TESTDATA, load, skip


def examples():
    page = (SOURCE / "man" / "hepcap-tables.5").read_text(encoding="utf-8")
    shown = re.findall(r"^\$ (.*\n(?: .*\n)*)", page, re.MULTILINE)
    return [command for command in shown if "clickhouse" in command]


def check_page(report, server, directory):
    if not shutil.which("clickhouse-client"):
        print("clickhouse-client is not installed: the examples were not run")
        return
    (directory / "testdata").symlink_to(TESTDATA)
    client = f"clickhouse-client --host 127.0.0.1 --port {server.tcp_port} --password 'p@ss'\\''w\"ord'"
    for example in examples():
        command = example.replace("clickhouse://127.0.0.1/default", f"'{server.url()}'").replace("clickhouse-client", client)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=directory, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}", "HOME": str(directory)})
        report.check(done.returncode == 0 and (done.stdout or "hepcap-load" in example),
                     f"the example {example!r} ends with {done.returncode}: {done.stdout[:200]!r} {done.stderr[:500]!r}")
    report.check(len(examples()) >= 5, f"only {len(examples())} examples were found")


def check_ledger(report, server, directory):
    server.ask("CREATE DATABASE other")
    server.ask("CREATE TABLE other.day_1 (callid String, uid String) ENGINE = MergeTree ORDER BY uid")
    file = directory / "records.ndjson"
    file.write_bytes(hostile_rows.lines([hostile_rows.record(1, msg="m"), hostile_rows.record(86400000, msg="m")]))
    ended = load("--db", server.url(), "--ledger", "-v", "-r", file, "--table", "day_%Y%m%d")
    report.equal(ended.status, 0, f"ledger: {ended.stderr}")
    refused = load("--db", server.url("other"), "--ledger", "--no-create", "-r", file, "--table", "day_1")
    report.check(refused.status == 2 and "'hepcap_ledger'" in refused.stderr, f"ledger, --no-create: {refused.stderr!r}")
    report.equal(server.number("SELECT count() FROM hepcap_ledger"), 1, "ledger: entries")
    server.ask("TRUNCATE TABLE hepcap_ledger")
    for entries in (1, 1):
        ended = load("--db", server.url(), "--ledger", "-v", "-r", file, "--table", "day_%Y%m%d")
        report.equal((ended.status, server.number("SELECT count() FROM hepcap_ledger FINAL")), (0, entries), f"ledger: {ended.stderr}")
    report.check(" 0 rows inserted" in ended.stderr, f"ledger: {ended.stderr!r}")
    tables = server.number("SELECT count() FROM system.tables WHERE name LIKE 'day_2%'")
    report.equal(tables, 2, "retention: tables for days")
    ended = load("--db", server.url(), "--retention", "1d", "--table", "day_%Y%m%d", stdin=b"")
    report.equal(ended.status, 0, f"retention: {ended.stderr}")
    report.equal(server.ask("SELECT name FROM system.tables WHERE name LIKE 'day_2%'").decode(), "", "retention: tables left")


def main():
    if clickhouse.missing():
        skip(clickhouse.missing())
    report = Report()
    with tempfile.TemporaryDirectory() as name, clickhouse.ClickHouse(name) as server:
        check_page(report, server, pathlib.Path(name))
        check_ledger(report, server, pathlib.Path(name))
    report.finish()


if __name__ == "__main__":
    main()
