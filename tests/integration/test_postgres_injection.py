#!/usr/bin/env python3
"""Whatever octets a value holds, PostgreSQL has that value and nothing else has happened: quotes, backslashes, what
ends a line or a stream of COPY, NUL, octets that are no UTF-8, a mebibyte of text, statements."""
import base64
import json

from pipeline import SANITIZED, Report, load
from postgres import Postgres

NASTY = ["'", '"', "\\", "\\\\", "\\.", "\\N", "\t", "\n", "\r\n", "\n\\.\n", "'); DROP TABLE sip_capture; --", "\"; DROP TABLE sip_capture; --",
         "$$", "$1", "%s%n", "{}", "\u0001\u001f\u007f", "\u00e4\u20ac\U0001f600", "\ufffd", "a\tb\nc\\d", "NULL", "''", "\\x41", "\b\f\v", " ", "  x  "]
# Columns of text, with their widths; and payloads beside them that are no text.
FIELDS = {"ruri": 1024, "ruri_user": 100, "from_user": 100, "from_tag": 128, "to_user": 100, "callid": 256, "callid_aleg": 256,
          "user_agent": 256, "contact_user": 120, "via_1": 1024, "cseq": 64, "reason": 200, "correlation_id": 256, "custom_field1": 120,
          "reply_reason": 100, "node": 125, "source_ip": 60}
OCTETS = [b"\x00", b"a\x00b", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"ok \xc3\xa4 \x80", b"\\\x00.\n", b"'\xff;"]


def lines():
    records = []
    for number, text in enumerate(NASTY):
        records.append({"v": 1, "kind": "sip", "micro_ts": number, **dict.fromkeys(FIELDS, text), "method": "INVITE", "msg": text})
    for number, octets in enumerate(OCTETS, len(NASTY)):
        records.append({"v": 1, "kind": "sip", "micro_ts": number, "callid": f"octets{number}", "msg_b64": base64.b64encode(octets).decode()})
    large = "\u00e4'\\\t" * (1 << 18)
    records.append({"v": 1, "kind": "sip", "micro_ts": 1000, **dict.fromkeys(FIELDS, large[:5000]), "callid": large[:400000], "msg": large})
    records.append({"v": 1, "kind": "sip", "micro_ts": 1001, "callid": "numbers", "source_port": 2 ** 40, "contact_port": -2 ** 40, "msg": "x"})
    records.append({"v": 1, "kind": "sip", "micro_ts": -2 ** 62, "callid": "early", "msg": "x"})
    records.append({"v": 1, "kind": "sip", "micro_ts": 2 ** 62, "callid": "late", "msg": "x"})
    return records, b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def replaced(octets):
    """Each octet that belongs to no character, and each NUL, as U+FFFD."""
    text, at = "", 0
    while at < len(octets):
        for size in (1, 2, 3, 4):
            try:
                character = octets[at:at + size].decode()
            except UnicodeDecodeError:
                continue
            if len(character) == 1 and character != "\0":
                break
        else:
            character, size = "\ufffd", 1
        text, at = text + character, at + size
    return text


def check_rows(report, server, records):
    stored = server.rows("SELECT * FROM sip_capture ORDER BY id")
    report.equal(len(stored), len(records), "number of rows")
    for record, row in zip(records, stored):
        where = f"row of {record['micro_ts']}"
        report.equal(row["micro_ts"], record["micro_ts"], where)
        for field, width in FIELDS.items():
            if field in record:
                report.check(row[field] == record[field][:width], f"{where} {field}: {row[field][:50]!r}, not {record[field][:50]!r}")
        if "msg" in record:
            report.check(row["msg"] == record["msg"], f"{where}: msg {row['msg'][:50]!r}, not {record['msg'][:50]!r}")
            report.equal(row["msg_b64"], None, f"{where}: msg_b64")
        else:
            report.equal(row["msg"], replaced(base64.b64decode(record["msg_b64"])), f"{where}: msg")
            report.equal(row["msg_b64"], record["msg_b64"], f"{where}: msg_b64")


def check_names(report, server, text):
    """Names of tables come from options; a name is what it is, or none."""
    for name, status in (("select", 0), ("Mixed", 0), ("a$b-c.d", 0), ("x" * 63, 0), ("y" * 64, 2), ("a\"b", 2), ("a;b", 2)):
        ended = load("--db", server.url(), "--table", name, stdin=text)
        report.equal(ended.status, status, f"table {name!r}: {ended.stderr}")
        if status == 0:
            report.equal(server.value(f'SELECT count(*) FROM "{name}"'), 1, f"rows of {name!r}")
            indexes = server.value(f"SELECT count(*) FROM pg_indexes WHERE tablename = '{name}'")
            report.equal(indexes, 10, f"indexes of {name!r}")


def main():
    report = Report()
    records, text = lines()
    with Postgres() as server:
        for added in (len(records), 0):
            ended = load("-v", "--db", server.url(), stdin=text, limit_s=600 if SANITIZED else 120)
            report.equal(ended.status, 0, ended.stderr)
            report.check(f" {added} rows inserted" in ended.stderr, ended.stderr)
            report.check(f" {len(OCTETS)} msg" in ended.stderr, f"values replaced: {ended.stderr}")
            report.check("source_port" in ended.stderr and "1 user_agent" in ended.stderr, f"values cut: {ended.stderr}")
            check_rows(report, server, records)
        report.equal(load("--db", server.url(), "--schema", "record", stdin=text).status, 0, "the schema record")
        report.equal(server.value("SELECT count(*) FROM record"), len(records), "rows of the schema record")
        homer = load("--db", server.url(), "--schema", "homer7", stdin=text, limit_s=600)
        report.equal(homer.status, 1, f"the schema homer7, which has no room for 2 of the times: {homer.stderr}")
        check_names(report, server, text.splitlines()[0] + b"\n")
        # Somebody else's table: other types, and a column that may not be missing.
        server.psql("CREATE TABLE others (MICRO_TS text, msg bytea, source_port int2, callid varchar(5), reason inet, uid varchar(16) UNIQUE)")
        ended = load("-v", "--db", server.url(), "--table", "others", stdin=b"".join(
            line + b"\n" for line in text.splitlines() if b'"reason"' not in line))
        report.equal(ended.status, 0, f"a table of others: {ended.stderr}")
        report.equal(server.value("SELECT count(*) FROM others WHERE callid = 'octet'"), len(OCTETS), "rows of octets")
        report.equal(server.value(f"SELECT count(*) FROM others WHERE msg = '\\x{OCTETS[1].hex()}'"), 1, "octets in a bytea")
    report.finish()


if __name__ == "__main__":
    main()
