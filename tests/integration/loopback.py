"""Ports of the loopback interface, and waiting for what comes true in a while."""
import random
import socket
import time


def free_port():
    """A port that nobody has, for UDP and TCP.  It lies below those that the kernel gives to clients: one of these
    would be somebody else's by the time that the server is there."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            try:
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def is_bound(port):
    """Whether somebody receives UDP there: what is sent from now on waits for him."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def wait_until(holds, limit_s=10):
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.01)
    return bool(holds())
