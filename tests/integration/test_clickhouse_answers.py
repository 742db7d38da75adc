#!/usr/bin/env python3
"""What answers for ClickHouse and is not as it should be: an INSERT whose good status came before its failure is not taken
for stored, an answer without end ends the load, and so does SIGTERM where there is no answer at all."""
import http.server
import signal
import subprocess
import sys
import threading
import time
import urllib.parse

from pipeline import Report, load, tool

ONE = b'{"v":1,"kind":"sip","micro_ts":1770000000000000,"uid":"0000000000000001","callid":"a@b","msg":"m"}\n'
COLUMNS = (("uid", "String"), ("micro_ts", "Int64"), ("callid", "String"), ("msg", "String"))
ENDING_S = 30
report = Report()


class Pretender(http.server.BaseHTTPRequestHandler):
    """Knows what hepcap-load asks before it fills a table; `server.insert` answers the INSERT."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, octets):
        self.send_response(200)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query).get("query", [body.decode(errors="replace")])[0]
        if query.startswith("INSERT"):
            self.server.insert(self)
        elif "version()" in query:
            self.answer(b"23.8.1.1\n")
        elif "EXISTS" in query:
            self.answer(b"1\n")
        elif "system.columns" in query:
            words = [word.encode() for column in COLUMNS for word in column]
            self.answer(b"".join(bytes([len(word)]) + word for word in words))
        elif "system.settings" in query:
            self.answer(b"")
        elif "count()" in query:
            self.answer(b"%d\n" % self.server.count)
        else:
            self.answer(b"\x10cut off")


def failing(pretender):
    pretender.answer(b"Code: 241. DB::Exception: Memory limit (total) exceeded. (MEMORY_LIMIT_EXCEEDED)\n")


def endless(pretender):
    pretender.send_response(200)
    pretender.end_headers()
    try:
        while True:
            pretender.wfile.write(b"x" * 100000)
    except OSError:
        pretender.close_connection = True


def silent(_):
    time.sleep(2 * ENDING_S)


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pretender) as server:
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.count = 0
    url = f"clickhouse://127.0.0.1:{server.server_port}/d"

    server.insert = lambda pretender: pretender.answer(b"")
    done = load("-v", "--db", url, stdin=ONE)
    report.equal((done.status, done.stderr), (0, "hepcap-load: 1 records, 1 rows inserted, 0 already there\n"), "as it should be")
    server.count = 1
    done = load("--db", url, stdin=ONE)
    report.check(done.status == 75 and "did not end an answer" in done.stderr, f"half an answer: {done.status} {done.stderr}")
    server.count = 0
    server.insert = failing
    done = load("-v", "--db", url, stdin=ONE)
    report.check(done.status == 75 and "Memory limit" in done.stderr and "1 rows inserted" not in done.stderr,
                 f"a failure behind a good status: {done.status} {done.stderr}")
    server.insert = endless
    done = load("--db", url, stdin=ONE)
    report.check(done.status == 2 and "more than 64 MiB" in done.stderr, f"an answer without end: {done.status} {done.stderr}")
    server.insert = silent
    loader = subprocess.Popen([tool("hepcap-load"), "--db", url], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    loader.stdin.write(ONE)
    loader.stdin.flush()
    time.sleep(2)
    loader.send_signal(signal.SIGTERM)
    try:
        said = loader.communicate(timeout=ENDING_S + 10)[1].decode()
        report.check(loader.returncode == 75 and "did not answer" in said, f"no answer: {loader.returncode} {said}")
    except subprocess.TimeoutExpired:
        loader.kill()
        report.check(False, "no answer: SIGTERM does not end the load")
    server.shutdown()

sys.exit(report.finish())
