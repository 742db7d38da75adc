#!/usr/bin/env python3
"""The schema homer7: tables, partitions and indexes as heplify-server makes them, and right answers to what homer-app
asks: the search by fields of the headers, the transaction by sid and by correlation, the QoS tab by sid.  Loading again
adds nothing, also into tables that heplify-server has made."""
import json
import os
import re
import tempfile

from pipeline import BUILD, SOURCE, TESTDATA, Report, decode, load, run
from postgres import Postgres

TABLES = ["hep_proto_100_default", "hep_proto_1_call", "hep_proto_1_default", "hep_proto_1_registration", "hep_proto_35_default",
          "hep_proto_53_default", "hep_proto_54_default", "hep_proto_5_default"]
SIP_KEYS = ("ruri_domain", "ruri_user", "from_user", "to_user", "pid_user", "auth_user", "callid", "method")
NUMBERS = ("protocolFamily", "protocol", "srcPort", "dstPort", "timeSeconds", "timeUseconds", "payloadType")
CALL = {"INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "REFER", "INFO", "NOTIFY"}
# heplify-server's own table, and one of its partitions, of a day that begins at another hour than ours.
HEPLIFYS = """
CREATE TABLE hep_proto_1_call (id BIGSERIAL NOT NULL, sid VARCHAR NOT NULL, create_date TIMESTAMP WITH TIME ZONE DEFAULT
    CURRENT_TIMESTAMP NOT NULL, protocol_header JSONB NOT NULL, data_header JSONB NOT NULL, raw VARCHAR NOT NULL)
    PARTITION BY RANGE (create_date);
CREATE TABLE hep_proto_1_call_20250615_1500 PARTITION OF hep_proto_1_call
    FOR VALUES FROM ('2025-06-15T15:00:00Z') TO ('2025-06-15T17:00:00Z');
CREATE INDEX ON hep_proto_1_call_20250615_1500 (create_date);
"""


def record(micro_ts, **more):
    return json.dumps({"v": 1, "kind": "sip", "micro_ts": micro_ts, "source_ip": "192.0.2.1", "source_port": 5060,
                       "destination_ip": "192.0.2.2", "destination_port": 5060, "transport": "udp", "method": "INVITE",
                       "cseq": "1 INVITE", "cseq_method": "INVITE", "callid": "a@example.com", **more, "msg": "INVITE"}).encode() + b"\n"


def fill(report, server, names, total):
    lines = b"".join(decode("-r", TESTDATA / "recorded" / name).stdout for name in names)
    for attempt, added in (("first", total), ("second", 0)):
        ended = load("-v", "--db", server.url(), "--schema", "homer7", stdin=lines)
        report.equal(ended.status, 0, f"{attempt} load: {ended.stderr}")
        report.check(f" {added} rows inserted" in ended.stderr, f"{attempt} load: {ended.stderr}")
    return [json.loads(line) for line in lines.splitlines()]


def check_tables(report, server):
    found = server.rows("SELECT relname FROM pg_class WHERE relkind = 'p' ORDER BY relname COLLATE \"C\"")
    report.equal([row["relname"] for row in found], TABLES, "tables")
    partitions = server.rows("SELECT inhparent::regclass::text AS of, inhrelid::regclass::text AS name, to_char(lower, 'YYYYMMDD_HH24MI') AS"
                             " starts, extract(epoch FROM upper - lower) / 3600 AS hours FROM (SELECT inhparent, inhrelid, m[1]::timestamptz"
                             " AS lower, m[2]::timestamptz AS upper FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid, regexp_match("
                             "pg_get_expr(c.relpartbound, c.oid), '\\(''(.+)''\\) TO \\(''(.+)''\\)') m WHERE c.relkind = 'r') q")
    report.check(partitions, "there are no partitions")
    for row in partitions:
        report.equal(row["name"], f"{row['of']}_{row['starts']}", "name of a partition")
        report.equal(row["hours"], 2 if "_1_" in row["of"] or "_100_" in row["of"] else 6, f"hours of {row['name']}")
        keys = ["create_date", "sid", "srcip", "dstip", "correlation_id", *(SIP_KEYS if "_proto_1_" in row["of"] else ())]
        indexes = {r["indexname"] for r in server.rows(f"SELECT indexname FROM pg_indexes WHERE tablename = '{row['name']}'")}
        for key in keys:
            report.check(f"{row['name']}_{key}" in indexes, f"index over {key} of {row['name']} is missing")


def check_rows(report, server, records):
    report.equal(server.value("SELECT count(*) FROM hep_proto_1_call WHERE (protocol_header->>'srcPort')::int > 0"),
                 sum(r["kind"] == "sip" and r["cseq_method"] in CALL for r in records), "rows of calls")
    for table in TABLES:
        for row in server.rows(f"SELECT protocol_header AS p, data_header AS d, create_date, sid FROM {table}"):
            types = {key: type(value) for key, value in row["p"].items()}
            report.equal(types, {**dict.fromkeys(NUMBERS, int), **dict.fromkeys(("srcIp", "dstIp", "captureId", "correlation_id"), str)},
                         f"{table}: types in protocol_header")
            report.check(all(isinstance(value, str) for value in row["d"].values()), f"{table}: types in data_header: {row['d']}")
    stored = {row["uid"]: row for table in TABLES for row in server.rows(f"SELECT * FROM {table}")}
    for r in records:
        row = stored.get(r["uid"])
        if not report.check(row is not None, f"record {r['uid']} is in no table"):
            continue
        report.equal(row["raw"], r.get("msg") or json.dumps(r["data"]), f"{r['uid']}: raw")
        report.equal((row["protocol_header"]["timeSeconds"], row["protocol_header"]["timeUseconds"]),
                     divmod(r["micro_ts"], 1000000), f"{r['uid']}: time")
        if r["kind"] == "sip":
            report.equal(row["sid"], r.get("callid", ""), f"{r['uid']}: sid")
            for key in ("method", "from_user", "to_user", "cseq", "user_agent", "ruri_user"):
                report.equal(row["data_header"][key], r.get(key, ""), f"{r['uid']}: {key}")


def check_questions(report, server, records):
    """As homer-app words them."""
    sip = [r for r in records if r["kind"] == "sip"]
    times = "create_date BETWEEN '2020-01-01T00:00:00Z' AND '2036-01-01T00:00:00Z'"
    user = next(r["from_user"] for r in sip if r["method"] == "INVITE")
    found = server.value(f"SELECT count(*) FROM hep_proto_1_call WHERE {times} AND data_header->>'from_user' = '{user}' AND"
                         " data_header->>'method' IN ('INVITE', '200') AND (protocol_header->>'dstPort')::int > 0 AND raw ILIKE '%sip%'")
    report.equal(found, sum(r.get("from_user") == user and r["method"] in ("INVITE", "200") and r["cseq_method"] in CALL for r in sip),
                 "search by fields")
    callid = next(r["callid"] for r in sip if r["method"] == "INVITE")
    ladder = server.rows(f"SELECT data_header->>'method' AS method FROM hep_proto_1_call WHERE {times} AND sid = ANY ('{{{callid}}}')"
                         " ORDER BY create_date, id")
    wanted = sorted((r for r in sip if r["callid"] == callid and r["cseq_method"] in CALL), key=lambda r: r["micro_ts"])
    report.equal([row["method"] for row in ladder], [r["method"] for r in wanted], "transaction by sid")
    for r in records:
        if r["kind"] == "rtcp":
            quality = server.rows(f"SELECT raw FROM hep_proto_5_default WHERE sid = '{r['correlation_id']}'")
            report.check(quality and all(isinstance(json.loads(row["raw"]), dict) for row in quality), f"QoS of {r['correlation_id']}")


def check_others_tables(report):
    """Tables of heplify-server, without uid: nothing is doubled, and a row beside its partition gets one of its own."""
    first, second = 1750000000123456, 1750000000123456 + 7200 * 1000000
    with Postgres() as server:
        server.psql(HEPLIFYS)
        for added in (2, 0):
            ended = load("-v", "--db", server.url(), "--schema", "homer7", stdin=record(first) + record(second) + record(first))
            report.equal(ended.status, 0, f"into a table of heplify-server: {ended.stderr}")
            report.check(f" {added} rows inserted, {3 - added} already there" in ended.stderr, f"its rows: {ended.stderr}")
        names = [row["name"] for row in server.rows("SELECT inhrelid::regclass::text AS name FROM pg_inherits i JOIN pg_class c ON"
                                                     " c.oid = inhrelid WHERE c.relkind = 'r' ORDER BY 1")]
        report.equal(names, ["hep_proto_1_call_20250615_1500", "hep_proto_1_call_20250615_1700"], "partitions beside its own")


def check_examples(report, server):
    """The examples of the pages that ask a server, in their order."""
    asking = []
    for page in ("hepcap-load.1", "hepcap-tables.5"):
        text = (SOURCE / "man" / page).read_text(encoding="utf-8").replace(r"\e", "\\").replace(r"\(dq", '"')
        found = re.findall(r"^\$ .*\n(?: .*\n)*", text, re.MULTILINE)
        asking += [example[2:] for example in found if "homer_data" in example]
    report.check(len(asking) >= 5, f"only {len(asking)} examples")
    environment = {**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}", "PGHOST": str(server.folder), "PGPORT": str(server.port),
                   "PGUSER": "postgres"}
    with tempfile.TemporaryDirectory() as work:
        os.symlink(TESTDATA, f"{work}/testdata")
        for example in asking:
            ended = run(["bash", "-euo", "pipefail", "-c", example], cwd=work, env=environment)
            report.check(ended.status == 0, f"{example}: {ended.status} {ended.stderr}")
            report.check(b"(0 rows)" not in ended.stdout, f"{example}: nothing is found")


def main():
    report = Report()
    with Postgres() as server:
        check_examples(report, server)
        names = ["hep3-kamailio-mix.pcap", "hep3-rtpengine-rtcp.pcap", "hep3-kamailio-correlation.pcap"]
        total = sum(decode("-r", TESTDATA / "recorded" / name).stdout.count(b"\n") for name in names)
        records = fill(report, server, names, total)
        check_tables(report, server)
        check_rows(report, server, records)
        check_questions(report, server, records)
        octets = load("--db", server.url(), "--schema", "homer7",
                      stdin=record(1750000000000000, user_agent="a\0b", from_user="x" * 5000, to_user="\\\"'\t\n", callid="o@example.com"))
        report.equal(octets.status, 0, f"octets that jsonb refuses: {octets.stderr}")
        report.check("1 data_header" in octets.stderr and "1 from_user" in octets.stderr, f"what was replaced and cut: {octets.stderr}")
        row = server.rows("SELECT data_header AS d FROM hep_proto_1_call WHERE sid = 'o@example.com'")[0]["d"]
        report.equal((row["user_agent"], row["from_user"], row["to_user"]), ("a\ufffdb", "x" * 512, "\\\"'\t\n"), "values of such a row")
        before = server.rows("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE '%_20250615_%'")
        aged = load("-v", "--db", server.url(), "--schema", "homer7", "--retention", "1d", stdin=record(1750000000000003, callid="r@example.com"))
        kept = server.rows("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE '%_20250615_%'")
        report.check(aged.status == 0 and before and not kept, f"partitions that are too old: {kept}, {aged.stderr}")
        for options in (["--db", "sqlite::memory:"], ["--db", server.url(), "--table", "x"]):
            refused = load("--schema", "homer7", *options, stdin=b"")
            report.check(refused.status == 2 and refused.stderr.count("\n") <= 2, f"{options[:2]}: {refused.status} {refused.stderr}")
        early = load("--db", server.url(), "--schema", "homer7", stdin=record(-5) + record(1750000000000001, callid="n@example.com"))
        report.check(early.status == 1 and "1 records have no table: impossible-time" in early.stderr, f"a time before 1970: {early.stderr}")
        report.equal(server.value("SELECT count(*) FROM hep_proto_1_call WHERE sid = 'n@example.com'"), 1, "its neighbour")
    check_others_tables(report)
    report.finish()


if __name__ == "__main__":
    main()
