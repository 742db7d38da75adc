#!/usr/bin/env python3
"""Values that try to be something else than values, in MariaDB: in every field quotes, backslashes, NUL, octets that are no
UTF-8, statements, four octets to a character and a megabyte; in tables of hepcap's making, and in narrow ones of others.
What comes out is what went in, or its count is told."""
import base64
import json
import tempfile

import mariadb
from mariadb import Mariadb
from pipeline import Report, load

mariadb.require()
TEXTS = ["method", "reply_reason", "ruri", "ruri_user", "ruri_domain", "from_user", "from_domain", "from_tag", "to_user",
         "to_domain", "to_tag", "pid_user", "contact_user", "auth_user", "callid", "callid_aleg", "via_1", "via_1_branch",
         "cseq", "diversion", "reason", "content_type", "user_agent", "source_ip", "destination_ip", "contact_ip",
         "originator_ip", "correlation_id", "custom_field1", "custom_field2", "custom_field3", "rtp_stat", "node"]
TRICKS = {"quotes": """a'b"c`d''e""", "backslashes": "\\a\\'b\\\\c\\0\\n\\N", "statement": "'); DROP TABLE t; -- ",
          "commented": "x'/*!50000 or 1*/ # -- ;", "wide": "\U0001F4DE\u00e9\u20ac", "controls": "a\tb\nc\rd\x1a\x7f",
          "percent": "%s%n?:name{0}", "null": "NULL", "nul": "a\0b", "blank": " a "}
MEGABYTE = 1 << 20
NARROW = """CREATE TABLE narrow (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, date timestamp NOT NULL DEFAULT
 current_timestamp, micro_ts bigint NOT NULL DEFAULT 0, callid varchar(20) CHARACTER SET utf8mb3 NOT NULL DEFAULT '',
 from_user varchar(8) CHARACTER SET latin1 NOT NULL DEFAULT '', to_user varbinary(6) NOT NULL DEFAULT '',
 source_port smallint unsigned NOT NULL DEFAULT 0, proto tinyint NOT NULL, family int, msg varchar(1500) CHARACTER SET
 utf8mb3 NOT NULL DEFAULT '', mine varchar(10) DEFAULT 'default', KEY (callid))"""


def record(number, **members):
    return {"v": 1, "kind": "sip", "ts": "2026-02-02T02:49:22.636324Z", "micro_ts": 1770000562636324 + number,
            "uid": f"{number:016x}", "source_ip": "192.0.2.1", "source_port": 5060, "destination_ip": "192.0.2.2",
            "destination_port": 5060, "transport": "udp", **members}


def lines(records):
    return "".join(json.dumps(r) + "\n" for r in records).encode()


def check_tricks(report, server):
    records, number = [], 0
    for trick, text in TRICKS.items():
        for field in TEXTS:
            number += 1
            members = {field: text, "msg": f"{trick} in {field}: {text}"}
            if "\0" in text:
                members["msg_b64"] = base64.b64encode(members.pop("msg").encode()).decode()
            records.append(record(number, **members))
    for parameters in ("", "&bulk=off"):
        table = "t" if not parameters else "u"
        done = load("-v", "--db", server.url(parameters=parameters), "--table", table, stdin=lines(records))
        report.equal(done.status, 0, f"status; {done.stderr}")
        report.check(f"{number} rows inserted" in done.stderr, done.stderr)
        report.check("cut" not in done.stderr, f"something was cut: {done.stderr}")
        for r in records:
            r.setdefault("msg", base64.b64decode(r.get("msg_b64", "")).decode())
        fields = TEXTS + ["msg"]
        columns = ", ".join(f"hex(`{f}`)" for f in fields)
        rows = {row[0]: row[1:] for row in server.rows(f"SELECT uid, {columns} FROM {table}")}
        for r in records:
            for field, found in zip(fields, rows[r["uid"]]):
                wanted = r.get(field, r.get("callid", "") if field == "correlation_id" else "").replace("\0", "\ufffd")
                report.equal(bytes.fromhex(found).decode(), wanted, f"{table}: {field} of {r['msg']!r}")
        for r in records:
            if "msg_b64" in r:
                r.pop("msg")
    report.check(f"{len(TEXTS)} msg" in done.stderr and "replaced by U+FFFD" in done.stderr, done.stderr)
    report.equal(server.value("SELECT count(*) FROM t WHERE msg_b64 IS NOT NULL"), str(len(TEXTS)), "rows with msg_b64")


def check_large(report, server):
    octets = bytes(range(256)) * (MEGABYTE // 256)
    records = [record(1, msg="m" * MEGABYTE, callid="c" * MEGABYTE, ruri="\u20ac" * 5000),
               record(2, msg_b64=base64.b64encode(octets).decode(), callid="b"),
               record(3, source_port=1 << 40, micro_ts=5 << 50, callid="n"), record(4, micro_ts=-1, callid="o")]
    done = load("-v", "--db", server.url(), "--table", "large", stdin=lines(records))
    report.check(done.status == 0 and "4 rows inserted" in done.stderr, done.stderr)
    for cut in ("1 callid", "1 ruri", "1 source_port", "1 correlation_id", "2 date"):
        report.check(cut in done.stderr, f"{cut} is not told: {done.stderr}")
    rows = server.rows("SELECT char_length(callid), char_length(ruri), length(msg), md5(msg), source_port, micro_ts, date,"
                       " md5(from_base64(msg_b64)) = md5(unhex(repeat(hex(concat("
                       + ",".join(f"char({i})" for i in range(256)) + f")), {MEGABYTE // 256}))) FROM large ORDER BY uid")
    report.equal(rows[0][:3], ["256", "1024", str(MEGABYTE)], "a megabyte")
    report.equal(rows[1][7], "1", "a megabyte of any octets")
    report.equal(rows[2][4:7], ["2147483647", str(5 << 50), "2038-01-19 03:14:07"], "numbers beyond their columns")
    report.equal(rows[3][5:7], ["-1", "1970-01-01 00:00:01"], "a time before 1970")


def check_small_packets(report, server):
    """A server that takes no large packets: the message is cut and counted, the row is not lost."""
    before = server.value("SELECT @@global.max_allowed_packet")
    server.execute(f"SET GLOBAL max_allowed_packet = {MEGABYTE}")
    rows = [record(i, msg=f"{i}" + "x" * (MEGABYTE * i // 2)) for i in (1, 2, 3)]
    done = load("-v", "--db", server.url(), "--table", "packets", stdin=lines(rows))
    report.check(done.status == 0 and "3 rows inserted" in done.stderr and "3 msg" in done.stderr, done.stderr)
    server.execute(f"SET GLOBAL max_allowed_packet = {before}")


def check_narrow(report, server):
    server.execute(NARROW, "capture")
    rows = [record(1, callid="long" * 10, from_user="\u00fcber" * 3, to_user="123456789", source_port=70000, msg="m" * 2000),
            record(2, callid="wide \U0001F4DE", from_user="plain", msg="\U0001F4DE \u20ac", source_port=-5),
            record(3, callid="CASE", msg="one"), record(3, callid="case", msg="One")]
    rows[3]["uid"] = "f" * 16
    for inserted in (4, 0):
        done = load("-v", "--db", server.url(), "--table", "narrow", stdin=lines(rows))
        report.check(done.status == 0 and f" {inserted} rows inserted" in done.stderr, f"narrow: {done.stderr}")
        for told in ("1 msg", "1 to_user", "1 from_user", "1 callid") if inserted else ():
            report.check(told in done.stderr, f"{told} is not told: {done.stderr}")
    found = server.rows("SELECT callid, from_user, to_user, source_port, msg, mine FROM narrow ORDER BY id")
    report.equal(found, [["long" * 5, "?ber?ber", "123456", "65535", "m" * 1500, "default"],
                         ["wide \ufffd", "plain", "", "0", "\ufffd \u20ac", "default"],
                         ["CASE", "", "", "5060", "one", "default"], ["case", "", "", "5060", "One", "default"]], "narrow")
    server.execute("CREATE TABLE wrong (micro_ts bigint, callid int)", "capture")
    done = load("--db", server.url(), "--table", "wrong", stdin=lines(rows))
    report.equal(done.status, 2, f"a table that fits no layout; {done.stderr}")
    report.check("'callid'" in done.stderr and "'int(11)'" in done.stderr, done.stderr)
    server.execute("CREATE VIEW seen AS SELECT id, date, micro_ts, callid, msg, proto FROM narrow", "capture")
    done = load("-v", "--db", server.url(), "--table", "seen", stdin=lines([record(9, callid="by view", msg="v")]))
    report.check(done.status == 0 and " 1 rows inserted" in done.stderr, f"a view: {done.stderr}")


def main():
    report = Report()
    with tempfile.TemporaryDirectory(prefix="hepcap-maria-") as directory, Mariadb(directory) as server:
        server.make_database()
        check_tricks(report, server)
        check_large(report, server)
        check_small_packets(report, server)
        check_narrow(report, server)
    report.finish()


if __name__ == "__main__":
    main()
