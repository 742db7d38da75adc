#!/usr/bin/env python3
"""A running collector is asked and told over its socket, its FIFOs and its metrics, and leaves nothing behind."""
import http.client
import json
import os
import shutil
import socket
import subprocess

from listening import Listener
from loopback import wait_until
from pipeline import Report, tool

report = Report()


def equal(what, found, wanted):
    report.equal(found, wanted, what)


def check(what, holds):
    report.check(holds, f"{what}: it is not so")


def by_hepcap_ctl(listener):
    check("a collector passes on what comes", listener.passes_on())
    equal("hepcap-ctl check", (listener.ctl("check").stdout, listener.ctl("check").status), (b"Enabled\n", 0))
    equal("hepcap-ctl off", listener.ctl("off").stdout, b"Disabled\n")
    check("switched off, nothing is passed on", not listener.passes_on())
    equal("hepcap-ctl on", listener.ctl("on").stdout, b"Enabled\n")
    check("switched on again, it is", listener.passes_on())
    counters = json.loads(listener.ctl("-T", "ndjson", "counters").stdout)
    equal("the switch among the metrics", counters["hepcap_capture_on"], 1)
    equal("an unknown method", listener.ctl("core.nothing").status, 1)
    check("the version names the tool", listener.ctl("version").stdout.startswith(b"hepcap-listen "))


def by_old_mi(listener):
    def ask(argument):
        reply = f"hepcap_test_{os.getpid()}"
        path = f"/tmp/{reply}"
        os.mkfifo(path)
        try:
            with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as reader:
                with open(listener.mi, "w", encoding="ascii") as fifo:
                    fifo.write(f":sip_capture:{reply}\n{argument}\n")
                try:
                    return reader.communicate(timeout=10)[0]
                except subprocess.TimeoutExpired:
                    reader.kill()
                    return b"no answer"
        finally:
            os.unlink(path)

    equal("MI, off", ask("off\n"), b"200 OK\n\n")
    equal("MI, which is it", ask(""), b"200 OK\noff\n\n")
    check("switched off by MI, nothing is passed on", not listener.passes_on())
    equal("MI, on", ask("ON\n"), b"200 OK\n\n")
    equal("MI, something else", ask("perhaps\n"), b"400 Bad parameter\n\n")


def by_metrics(listener):
    connection = http.client.HTTPConnection("127.0.0.1", listener.metrics_port, timeout=10)
    connection.request("GET", "/metrics")
    response = connection.getresponse()
    page = response.read()
    equal("GET /metrics", (response.status, response.getheader("Content-Type")),
                 (200, "text/plain; version=0.0.4; charset=utf-8"))
    check("the file has the same metrics",
                 [line.split()[0] for line in listener.metrics_file.read_bytes().splitlines()]
                 == [line.split()[0] for line in page.splitlines()])
    if not shutil.which("promtool"):
        print("left out: promtool is not installed (Debian package prometheus)")
        return
    done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, timeout=60)
    equal("promtool finds nothing", (done.returncode, done.stdout + done.stderr), (0, b""))


def by_crowd(listener):
    """Clients that say nothing, half of a request, or too much keep nobody else from being answered."""
    held = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(100)]
    for number, client in enumerate(held):
        client.connect(str(listener.control))
        try:
            client.sendall(b"" if number % 3 else b'{"jsonrpc":' + b"x" * (number * 1000))
        except OSError:
            pass  # it was cut already
    slow = [socket.create_connection(("127.0.0.1", listener.metrics_port)) for _ in range(12)]
    for client in slow:
        client.sendall(b"GET /metrics HTTP/1.1\r\nX")
    equal("in a crowd hepcap-ctl is answered", listener.ctl("check").stdout, b"Enabled\n")
    for client in held + slow:
        client.close()


with Listener(controlled=True) as listener:
    by_hepcap_ctl(listener)
    by_old_mi(listener)
    by_metrics(listener)
    by_crowd(listener)
    second = subprocess.run([tool("hepcap-listen"), "-L", "udp:127.0.0.1:0", "--control", str(listener.control)],
                            capture_output=True, timeout=20, stdin=subprocess.DEVNULL)
    equal("a second one with the same socket", second.returncode, 1)
    check("it says why", b"another process answers there" in second.stderr)
    equal("SIGTERM ends it well", listener.stop(), 0)
    left = [path.name for path in (listener.control, listener.rpc, listener.mi) if path.exists()]
    equal("what is left behind", left, [])

with Listener("--capture", "off", controlled=True) as listener:
    equal("begun switched off", listener.ctl("check").stdout, b"Disabled\n")
    # What a dead process leaves behind keeps nobody from starting.
    listener.process.kill()
    listener.process.wait()
    check("a killed one leaves its socket behind", listener.control.exists() and listener.rpc.exists())
    listener.process = subprocess.Popen(listener.process.args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    check("another one takes its place", wait_until(lambda: listener.ctl("check").stdout == b"Disabled\n"))
    equal("and ends well", listener.stop(), 0)

report.finish()
