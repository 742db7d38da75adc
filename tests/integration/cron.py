"""What the tests of loading from a crontab share: files of records, loads that run, and what they stored."""
import json
import pathlib
import sqlite3
import subprocess

from loopback import wait_until
from pipeline import load, tool

LIMIT_S = 30


def record(number, time_us=1_764_000_000_000_000, **more):
    return {"v": 1, "kind": "sip", "micro_ts": time_us + number, "uid": f"{number:016x}", "source_ip": "192.0.2.1",
            "source_port": 5060, "destination_ip": "192.0.2.2", "destination_port": 5060, "transport": "udp",
            "method": "OPTIONS", "callid": f"call-{number}@example.com", **more, "msg": f"OPTIONS sip:{number}\r\n\r\n"}


def lines(first, count, **more):
    return "".join(json.dumps(record(n, **more)) + "\n" for n in range(first, first + count)).encode()


def put(directory, name, octets):
    """As a careful writer does it: under a name that nobody looks at, then in one step."""
    part = pathlib.Path(directory, f".{name}")
    part.write_bytes(octets)
    part.rename(pathlib.Path(directory, name))


def query(database, sql):
    if not pathlib.Path(database).exists():
        return []
    connection = sqlite3.connect(database, timeout=LIMIT_S)
    try:
        return connection.execute(sql).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return []
        raise
    finally:
        connection.close()


def count(database, table="sip_capture"):
    found = query(database, f'SELECT count(*) FROM "{table}"')
    return found[0][0] if found else 0


class Running:
    """A hepcap-load that goes on until it is told to end; killed with the scope."""

    def __init__(self, place, *arguments, stdin=subprocess.DEVNULL):
        self.process = subprocess.Popen([tool("hepcap-load"), *map(str, arguments)], cwd=place, stdin=stdin,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def end(self, signal=None):
        """Status and stderr, after a signal where one is named."""
        if signal is not None:
            self.process.send_signal(signal)
        _, errors = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, errors.decode()


__all__ = ["Running", "count", "lines", "load", "put", "query", "record", "wait_until"]
