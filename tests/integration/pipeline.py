"""What the integration tests share: running the tools, reading what they write, and leaving a test out."""
import base64
import json
import os
import pathlib
import sqlite3
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Words to the tests, and whatever a developer's shell sets, are no options of the tools that are tested.
SUITE = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("HEPCAP_")}
SOURCE = pathlib.Path(SUITE.get("HEPCAP_SOURCE", HERE.parent.parent))
BUILD = pathlib.Path(SUITE.get("HEPCAP_BUILD", SOURCE / "build" / "dev")).resolve()
TESTDATA = SOURCE / "testdata"
# Faults at the size and for the time that are promised, which takes minutes.
SLOW = bool(SUITE.get("HEPCAP_SLOW_TESTS"))
SANITIZED = bool(SUITE.get("HEPCAP_SANITIZE"))
SKIPPED = 77


def skip(reason):
    """Ends the test as left out; ctest reports it as skipped."""
    print(f"left out: {reason}")
    sys.exit(SKIPPED)


def tool(name):
    path = BUILD / name
    if not path.exists():
        skip(f"{path} is not built")
    return str(path)


def shared():
    """The folder of captures that belong to others and are not part of the tree."""
    named = SUITE.get("HEPCAP_SHARED")
    path = pathlib.Path(named) if named else SOURCE.parent / "shared"
    if not (path / "captures" / "public").is_dir():
        skip(f"{path}/captures/public is not there; HEPCAP_SHARED can name another place")
    return path


class Ended:
    """How a command ended: `status` is negative for a signal; `stdout` is octets, `stderr` text."""

    def __init__(self, status, stdout, stderr):
        self.status, self.stdout, self.stderr = status, stdout, stderr

    def records(self):
        return [json.loads(line) for line in self.stdout.splitlines()]


def run(arguments, stdin=b"", limit_s=120, **options):
    try:
        done = subprocess.run([str(a) for a in arguments], input=stdin, capture_output=True, timeout=limit_s, **options)
    except subprocess.TimeoutExpired:
        return Ended(None, b"", f"{arguments[0]} did not end within {limit_s} seconds")
    return Ended(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def decode(*arguments, **options):
    return run([tool("hepcap-decode"), *arguments], **options)


def load(*arguments, **options):
    return run([tool("hepcap-load"), *arguments], **options)


def payload(record):
    """The octets that a record carries."""
    if "msg_b64" in record:
        return base64.b64decode(record["msg_b64"])
    return record.get("msg", "").encode()


def escaped(text):
    """Text as the truth files write it: octets outside printable ASCII as \\xNN."""
    return "".join(chr(c) if 32 <= c < 127 else f"\\x{c:02X}" for c in text.encode("utf-8", "surrogateescape"))


def table(path):
    """Rows of a tab-separated file with a head line, as dictionaries."""
    lines = path.read_text(encoding="utf-8").splitlines()
    names = lines[0].split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines[1:]]


def rows(database, query, *values):
    """Rows of a database, as dictionaries of Python values."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    connection.text_factory = bytes
    try:
        return [dict(row) for row in connection.execute(query, values)]
    finally:
        connection.close()


class Report:
    """Collects what is wrong; prints the first of it and the totals, and says how the test ends."""

    LIMIT, WIDTH = 40, 600

    def __init__(self):
        self.count = 0
        self.compared = 0

    def check(self, holds, sentence):
        self.compared += 1
        if not holds:
            self.count += 1
            if self.count <= self.LIMIT:
                print(sentence if len(sentence) <= self.WIDTH else sentence[:self.WIDTH] + " …")
        return holds

    def equal(self, found, wanted, where):
        return self.check(found == wanted, f"{where}: found {found!r}, wanted {wanted!r}")

    def finish(self):
        if self.count > self.LIMIT:
            print(f"… and {self.count - self.LIMIT} more")
        print(f"{self.compared} comparisons, {self.count} differences")
        if not self.compared:
            print("nothing was compared: the test is wrong")
        sys.exit(1 if self.count or not self.compared else 0)
