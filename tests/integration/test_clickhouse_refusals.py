#!/usr/bin/env python3
"""A ClickHouse that is away, does not let in, is killed in the middle of a load, or has tables that do not fit: the
exit status says what helps, no message shows the password, and what was lost comes with loading again."""
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import make_corpus  # noqa: E402
import clickhouse  # noqa: E402
from pipeline import Report, decode, load, skip, tool  # noqa: E402

PACKETS = 8000
ONE = b'{"v":1,"kind":"sip","micro_ts":1770000000000000,"uid":"0000000000000001","callid":"a@b","msg":"m"}\n'
SECRETS = (clickhouse.PASSWORD, clickhouse.PASSWORD_IN_URL, "wr0ngpw")


def refused(report, what, status, sentence, *arguments):
    ended = load(*arguments, stdin=ONE)
    report.equal(ended.status, status, f"{what}: status ({ended.stderr})")
    report.check(sentence in ended.stderr, f"{what}: {ended.stderr!r} does not say '{sentence}'")
    report.check(not any(secret in ended.stderr for secret in SECRETS), f"{what}: {ended.stderr!r} shows the password")


def check_refusals(report, server):
    url = server.url()
    refused(report, "wrong password", 2, "does not take the password", "--db", server.url(user="default:wr0ngpw"))
    refused(report, "no password", 2, "password", "--db", server.url(user="default"))
    refused(report, "unknown user", 2, "does not know the user", "--db", server.url(user="nobody:wr0ngpw"))
    refused(report, "unknown database", 2, "has no such database", "--db", server.url("nowhere"))
    refused(report, "reader", 2, "only read", "--db", server.url(user="reader"))
    refused(report, "no such table", 2, "let it be made with --create", "--db", url, "--no-create", "--table", "missing")
    refused(report, "parameter", 2, "secure=0|1", "--db", server.url(sucure=1))
    refused(report, "no https", 75, "is away", "--db", server.url(secure=1))
    refused(report, "native port", 2, "127.0.0.1", "--db", url.replace(str(server.port), str(server.tcp_port)))
    refused(report, "nobody there", 75, "is away", "--db", "clickhouse://127.0.0.1:1/default")
    refused(report, "dry run, nobody there", 75, "is away", "--dry-run", "--db", "clickhouse://127.0.0.1:1/default")
    refused(report, "type", 2, "make it String", "--db", url, "--table", "odd")
    refused(report, "cluster without ZooKeeper", 2, "refuses", "--db", url, "--cluster", "pair", "--table", "clustered")
    ended = load("--db", url, "--dry-run", "--table", "dry", stdin=ONE)
    report.equal((ended.status, ended.stderr), (0, ""), "dry run")
    report.equal(server.number("EXISTS TABLE dry"), 0, "dry run: tables made")
    ended = load("--db", server.url(compress=1), "--table", "gzipped", stdin=ONE)
    report.equal((ended.status, ended.stderr, server.number("SELECT count() FROM gzipped")), (0, "", 1), "compressed")


def check_distributed(report, server):
    """A Distributed table over one server's, as --cluster makes it; rows are there when the load ends."""
    ended = load("--db", server.url(), "--table", "shard_local", stdin=ONE)
    report.equal(ended.status, 0, f"table of the shard: {ended.stderr}")
    server.ask("CREATE TABLE shard AS shard_local ENGINE = Distributed('pair', 'default', 'shard_local', cityHash64(callid))")
    for more in (b"", ONE.replace(b"0000001", b"0000002")):
        ended = load("--db", server.url(), "--table", "shard", "-v", stdin=ONE + more)
        report.equal(ended.status, 0, f"Distributed: {ended.stderr}")
        report.check("1 already there" in ended.stderr, f"Distributed: {ended.stderr!r}")
    report.equal(server.number("SELECT count() FROM shard_local"), 2, "Distributed: rows")


def check_kill(report, server, work):
    capture, lines = work / "k.pcap", work / "k.ndjson"
    make_corpus.write(capture, PACKETS, "kill", "sip", with_truth=False)
    lines.write_bytes(decode("-r", capture).stdout)
    for mode, retries in (("sync", 0), ("async", 0), ("sync", 50)):
        table = f"killed_{mode}_{retries}"
        with open(lines, "rb") as records:
            loader = subprocess.Popen([tool("hepcap-load"), "--db", server.url(), "--batch", "100", "--insert-mode", mode,
                                       "--table", table, "--retries", str(retries)], stdin=records, stderr=subprocess.PIPE)
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline and not (server.number(f"EXISTS TABLE {table}") and
                                                       server.number(f"SELECT count() FROM {table}") >= 1000):
                time.sleep(0.005)
            was_running = loader.poll() is None
            server.stop(signal.SIGKILL)
            if retries:
                server.start()
            _, said = loader.communicate(timeout=120)
        report.check(was_running, f"{table}: the load had ended before the server was killed")
        report.equal(loader.returncode, 0 if retries else 75, f"{table}: status of the load ({said})")
        if not retries:
            report.check(b"try again" in said, f"{table}: {said!r}")
            server.start()
            stored = server.number(f"SELECT count() FROM {table}")
            report.check(0 < stored < PACKETS, f"{table}: {stored} rows after the kill")
            ended = load("--db", server.url(), "--insert-mode", mode, "--table", table, stdin=lines.read_bytes())
            report.equal((ended.status, ended.stderr), (0, ""), f"{table}: loading again")
        report.equal(server.number(f"SELECT count() FROM {table}"), PACKETS, f"{table}: rows in the end")
        report.equal(server.number(f"SELECT uniqExact(uid) FROM {table}"), PACKETS, f"{table}: uids in the end")


def main():
    if clickhouse.missing():
        skip(clickhouse.missing())
    report = Report()
    with tempfile.TemporaryDirectory() as directory, clickhouse.ClickHouse(pathlib.Path(directory)) as server:
        server.ask("CREATE TABLE odd (callid Array(String), micro_ts Int64) ENGINE = MergeTree ORDER BY micro_ts")
        check_refusals(report, server)
        check_distributed(report, server)
        check_kill(report, server, pathlib.Path(directory))
    report.finish()


if __name__ == "__main__":
    main()
