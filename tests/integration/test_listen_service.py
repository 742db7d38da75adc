#!/usr/bin/env python3
"""hepcap-listen under a service manager: sockets that it was handed are served and given back, readiness, reloads, the
end and signs of life are told."""
import os
import socket
import subprocess
import sys
import tempfile

import listening
from listening import hep3, options
from loopback import wait_until
from pipeline import Report, tool

FIRST = 3  # SD_LISTEN_FDS_START


class Managed:
    """hepcap-listen as a service manager starts it: with sockets from descriptor 3 on."""

    def __init__(self, folder, sockets, names, *arguments, **environment):
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(f"{folder}/notify")
        self.manager.settimeout(10)
        self.output, self.errors = f"{folder}/stdout", f"{folder}/stderr"

        def hand_over():
            for index, fd in enumerate([os.dup(one.fileno()) for one in sockets]):
                os.dup2(fd, FIRST + index + 20)
            for index in range(len(sockets)):
                os.dup2(FIRST + index + 20, FIRST + index)
        command = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", tool("hepcap-listen"), *arguments]
        variables = {**os.environ, "LISTEN_FDS": str(len(sockets)), "LISTEN_FDNAMES": names,
                     "NOTIFY_SOCKET": f"{folder}/notify", **environment}
        with open(self.output, "wb") as stdout, open(self.errors, "wb") as stderr:
            self.process = subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                                            preexec_fn=hand_over, close_fds=False)

    def told(self):
        return self.manager.recv(1000).decode()

    def read(self, name):
        with open(name, "rb") as file:
            return file.read()

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.manager.close()


def bound(kind):
    one = socket.socket(socket.AF_INET, kind)
    one.bind(("127.0.0.1", 0))
    if kind == socket.SOCK_STREAM:
        one.listen()
    return one


def check_handed_over(report):
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = listening.make_certificate(folder, "localhost")
        udp, tcp, tls = bound(socket.SOCK_DGRAM), bound(socket.SOCK_STREAM), bound(socket.SOCK_STREAM)
        managed = Managed(folder, [udp, tcp, tls], "hep:hep:tls", "--tls-cert", certificate, "--tls-key", key)
        try:
            report.equal(managed.told(), "READY=1", "handed over: the first thing told")
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sender.connect(udp.getsockname())
            sender.send(hep3(options(1)))
            stream = socket.create_connection(tcp.getsockname())
            stream.sendall(hep3(options(2)))
            secure = listening.client_context(certificate).wrap_socket(socket.create_connection(tls.getsockname()),
                                                                       server_hostname="localhost")
            secure.sendall(hep3(options(3)))
            report.check(wait_until(lambda: managed.read(managed.output).count(b"\n") == 3), "a record of each socket")
            managed.process.send_signal(1)
            report.equal([managed.told().split("\n")[0], managed.told()], ["RELOADING=1", "READY=1"], "SIGHUP is told")
            managed.process.terminate()
            report.equal(managed.told(), "STOPPING=1", "the end is told")
            report.equal(managed.process.wait(20), 0, "handed over: status")
            # The manager has its sockets as they were, and what comes now waits for the next start.
            sender.send(hep3(options(4)))
            udp.settimeout(10)
            report.equal(udp.recv(2000), hep3(options(4)), "the UDP socket goes on receiving")
            waiting = socket.create_connection(tcp.getsockname(), timeout=10)
            report.check(tcp.accept()[0].getpeername() == waiting.getsockname(), "the TCP socket goes on listening")
        finally:
            managed.end()


def check_named_twice(report):
    """The configuration may name an address that the manager has, as its own or within the wildcard of IPv6."""
    with tempfile.TemporaryDirectory() as folder:
        udp, tcp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM), bound(socket.SOCK_STREAM)
        udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        udp.bind(("::", 0))
        port = udp.getsockname()[1]
        managed = Managed(folder, [udp, tcp], "", "-v", "-L", f"udp:0.0.0.0:{port}", "-L", f"udp:[::]:{port}", "-L",
                          f"tcp:127.0.0.1:{tcp.getsockname()[1]}", "-L", "tcp:127.0.0.1:0")
        try:
            report.equal(managed.told(), "READY=1", f"named twice: {managed.read(managed.errors)}")
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(hep3(options(1)), ("127.0.0.1", port))
            report.check(wait_until(lambda: managed.read(managed.output).count(b"\n") == 1), "its record")
            said = managed.read(managed.errors)
            report.equal((said.count(b"udp:"), said.count(b"tcp:")), (1, 2), f"addresses: {said}")
        finally:
            managed.end()


def check_watchdog(report):
    with tempfile.TemporaryDirectory() as folder:
        managed = Managed(folder, [bound(socket.SOCK_DGRAM)], "", WATCHDOG_USEC="1000000")
        try:
            told = [managed.told() for _ in range(4)]
            report.equal(told, ["READY=1"] + ["WATCHDOG=1"] * 3, "signs of life")
        finally:
            managed.end()


def check_misuse(report):
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/file", "wb") as file:
            managed = Managed(folder, [file], "")
        report.equal(managed.process.wait(20), 2, "a file in place of a socket: status")
        report.check(b"no UDP or TCP socket" in managed.read(managed.errors), "a file in place of a socket is named")
        managed.end()
    with tempfile.TemporaryDirectory() as folder:
        managed = Managed(folder, [bound(socket.SOCK_STREAM)], "tls")
        report.equal(managed.process.wait(20), 2, "TLS without a certificate: status")
        report.check(b"needs --tls-cert" in managed.read(managed.errors), "TLS without a certificate is told")
        managed.end()


def main():
    tool("hepcap-listen")
    report = Report()
    check_handed_over(report)
    check_named_twice(report)
    check_watchdog(report)
    check_misuse(report)
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
