#!/usr/bin/env python3
"""hepcap-load --db text: against Kamailio's db_text: the 1,500 messages of the parity capture cell for cell; a Kamailio that
has the table in its memory adds a row and writes the file anew with all of them; hepcap goes on with what Kamailio wrote;
half a row that a killed load left is cut off; loading again adds nothing at any time."""
import datetime
import json
import pathlib
import shutil
import signal
import socket
import sys
import tempfile
import time

import kamailio
from cron import Running, lines, wait_until
from dbtext import read
from pipeline import Report, TESTDATA, decode, load, skip
from test_parity_kamailio import PARITY, corrected, packet_times

CONFIGURATION = """
loadmodule "db_text.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "text://{database}")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "table_name", "sip_capture")
request_route {{ sip_capture(); exit; }}
"""
MODULE_TABLE = ("id(int,auto) date(time) micro_ts(int) method(str,null) callid(str,null) source_ip(str,null) source_port(int) "
                "destination_ip(str,null) destination_port(int) msg(blob,null)\n")
report = Report()


def chunk(number, octets):
    return b"\0\0" + number.to_bytes(2, "big") + (len(octets) + 6).to_bytes(2, "big") + octets


def hep(callid):
    sip = (f"OPTIONS sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bK{callid}\r\n"
           f"From: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\nCall-ID: {callid}\r\nCSeq: 1 OPTIONS\r\n"
           "Content-Length: 0\r\n\r\n").encode()
    chunks = [(1, b"\x02"), (2, b"\x11"), (3, socket.inet_aton("192.0.2.9")), (4, socket.inet_aton("192.0.2.2")),
              (7, b"\x13\xeb"), (8, b"\x13\xc4"), (9, (1764000000).to_bytes(4, "big")), (10, b"\0\1\2\3"), (11, b"\1"),
              (12, b"\0\0\0\x4d"), (15, sip)]
    body = b"".join(chunk(*one) for one in chunks)
    return b"HEP3" + (len(body) + 6).to_bytes(2, "big") + body


def run_kamailio(place, database, callid):
    """It reads the table when it stores its first row, and writes the file as it ends."""
    before = (database / "sip_capture").stat().st_ino, (database / "sip_capture").read_bytes()
    with kamailio.Kamailio(place, "sipcapture", CONFIGURATION, database=database) as running:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(hep(callid), ("127.0.0.1", running.port))
        # Its complaint about 64-bit integers is what it says of the row.
        report.check(wait_until(lambda: b"BIGINT" in running.log.read_bytes(), 20), f"{callid} is not stored")
    report.check(before[1] != (database / "sip_capture").read_bytes(), f"{callid}: the file was not written")


def number(octets):
    return int(octets.split(b".")[0] or b"0")


def check_parity(rows, wanted, what):
    report.equal(len(rows), len(wanted), f"{what}: rows")
    for found, (packet, row) in zip(rows, wanted):
        for column, value in row.items():
            if column == "hep_version":
                continue
            if column == "date":
                text = datetime.datetime.fromtimestamp(number(found[column]), datetime.timezone.utc)
                report.equal(f"{text:%Y-%m-%d %H:%M:%S}", value, f"{what}: packet {packet} date")
            elif isinstance(value, int):
                report.equal(number(found[column]), value, f"{what}: packet {packet} {column}")
            else:
                report.equal(found[column], value.encode(), f"{what}: packet {packet} {column}")


def loaded(place, records, *options):
    done = load("-v", "--db", "text:db", *options, stdin=records, cwd=place)
    report.equal(done.status, 0, f"load: {done.stderr}")
    return done.stderr.removeprefix("hepcap-load: ").strip()


with tempfile.TemporaryDirectory(prefix="hepcap-text-") as place:
    database, times = pathlib.Path(place, "db"), packet_times()
    pathlib.Path(place).chmod(0o755)
    text = (PARITY / "rows.ndjson").read_text(encoding="utf-8")
    wanted = [corrected(json.loads(line), times) for line in text.split("\n") if line]
    records = decode("-r", PARITY / "hep.pcap").stdout
    report.equal(loaded(place, records), "1500 records, 1500 rows inserted, 0 already there", "the first load")
    check_parity(read(database), wanted, "hepcap's file")

    # A load that was killed while it wrote.
    with open(database / "sip_capture", "ab") as file:
        file.write(b"1501:1764000000:17640")
    report.equal(loaded(place, records), "1500 records, 0 rows inserted, 1500 already there", "behind a torn row")
    check_parity(read(database), wanted, "what was torn")

    with Running(place, "--db", "text:db", "--flush-ms", "10", "--table", "kill") as running:
        pass
    for delay in (0.02, 0.05, 0.1, 0.2):
        many = pathlib.Path(place, "many.ndjson")
        many.write_bytes(lines(0, 20000))
        with Running(place, "--db", "text:db", "--batch", "100", "--table", "kill", many) as running:
            time.sleep(delay)
            running.process.send_signal(signal.SIGKILL)
    loaded(place, many.read_bytes(), "--table", "kill")
    report.equal(sorted(int(row["uid"], 16) for row in read(database, "kill")), list(range(20000)),
                 "rows after four loads that were killed")
    ids = [row["id"] for row in read(database, "kill")]
    report.equal(len(set(ids)), len(ids), "different ids")

    # Two at once take turns, and know what the other has added.
    both = [Running(place, "--db", "text:db", "--batch", "50", "--table", "both", many) for _ in range(2)]
    for running in both:
        with running:
            report.equal(running.end(), (0, ""), "one of two loads")
    report.equal(len(read(database, "both")), 20000, "rows of two loads at once")
    (database / "kill").unlink(), (database / "both").unlink()

    long = lines(0, 1, user_agent="\u00fc" * 9000)
    done = load("--db", "text:db", "--table", "long", stdin=long, cwd=place)
    report.equal(done.stderr, "hepcap-load: values cut to the width of their column: 1 user_agent\n", "a long value")
    report.equal(read(database, "long")[0]["user_agent"], ("\u00fc" * 8191).encode(), "what is left of it")
    (database / "long").unlink()
    octets = json.loads(lines(0, 1))
    octets.pop("msg")
    octets["msg_b64"] = "AAEKDQk6XP8="
    loaded(place, json.dumps(octets).encode(), "--table", "octets")
    report.equal(read(database, "octets")[0]["msg"], b"\0\1\n\r\t:\\\xff", "octets that are no text")
    (database / "octets").unlink()

    if sentence := kamailio.missing("sipcapture", "db_text"):
        report.count or skip(sentence)
    shutil.copytree(database, pathlib.Path(place, "module"))
    run_kamailio(place, database, "kam-1")
    rows = read(database)
    check_parity(rows[:1500], wanted, "Kamailio's file")
    report.equal([row["uid"] for row in rows[:1500]], [json.loads(line)["uid"].encode() for line in records.splitlines()],
                 "the uids in it")
    report.equal([(row["id"], row["callid"], row["uid"]) for row in rows[1500:]], [(b"1501", b"kam-1", b"")],
                 "Kamailio's own row")
    report.equal(loaded(place, records), "1500 records, 0 rows inserted, 1500 already there", "loading again then")
    report.equal(loaded(place, lines(1, 1)), "1 records, 1 rows inserted, 0 already there", "another record")
    run_kamailio(place, database, "kam-2")
    rows = read(database)
    report.equal([row["callid"] for row in rows[1500:]], [b"kam-1", b"call-1@example.com", b"kam-2"], "rows of both")
    report.equal(loaded(place, records + lines(1, 1)), "1501 records, 0 rows inserted, 1501 already there", "at last")

    # A table as the module wants it, without uid, with 32 bits for micro_ts.
    (database / "theirs").write_text(MODULE_TABLE)
    for attempt in (1500, 0):
        report.equal(loaded(place, records, "--table", "theirs").split(", ")[1], f"{attempt} rows inserted", "theirs")
    (database / "broken").write_text(MODULE_TABLE + "1:2:3\n")
    done = load("--db", "text:db", "--table", "broken", stdin=lines(0, 1), cwd=place)
    report.check(done.status == 2 and "line 2 has 3 fields" in done.stderr, f"a broken table: {done.stderr}")

sys.exit(report.finish())
