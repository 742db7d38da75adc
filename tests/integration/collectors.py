"""Collectors for the tests of senders: sockets on loopback that keep what they get, and savefiles made of that."""
import select
import socket
import struct
import threading
import time


def savefile(path, datagrams, source=("127.0.0.1", 40000), destination=("127.0.0.1", 9060)):
    """Writes (epoch in nanoseconds, payload) as a nanosecond savefile of raw IPv4 packets."""
    def ip(octets):
        length, addresses = 20 + 8 + len(octets), socket.inet_aton(source[0]) + socket.inet_aton(destination[0])
        header = struct.pack("!BBHHHBBH", 0x45, 0, length & 0xFFFF, 0, 0, 64, 17, 0) + addresses
        return header + struct.pack("!HHHH", source[1], destination[1], (8 + len(octets)) & 0xFFFF, 0) + octets
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 101))
        for time_ns, octets in datagrams:
            packet = ip(octets)
            out.write(struct.pack("<IIII", time_ns // 10**9, time_ns % 10**9, len(packet), len(packet)) + packet)


class Collector:
    """Runs in a thread of its own until it is closed; use it with `with`."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self):
        self.is_closed = False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self):
        self.is_closed = True
        self.thread.join(10)
        self.socket.close()

    def wait(self, count, limit_s=20):
        """Waits until it has as many messages; whether they came."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end and len(self.messages()) < count:
            time.sleep(0.01)
        return len(self.messages()) >= count


class UdpCollector(Collector):
    def __init__(self, host="127.0.0.1", port=0):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.bind((host, port))
        self.port = self.socket.getsockname()[1]
        self.address = f"udp:[{host}]:{self.port}" if ":" in host else f"udp:{host}:{self.port}"
        self.datagrams = []
        self.start()

    def serve(self):
        while not self.is_closed:
            if select.select([self.socket], [], [], 0.05)[0]:
                self.datagrams.append((time.time_ns(), self.socket.recv(70_000)))

    def messages(self):
        return [octets for _, octets in self.datagrams]


def frames(octets):
    """The HEP3 messages of a stream, and what is left over."""
    found, at = [], 0
    while len(octets) - at >= 6:
        assert octets[at:at + 4] == b"HEP3", f"no HEP3 but {octets[at:at + 16]!r}"
        length = struct.unpack_from("!H", octets, at + 4)[0]
        if len(octets) - at < length:
            break
        found.append(octets[at:at + length])
        at += length
    return found, octets[at:]


class StreamCollector(Collector):
    """TCP, or TLS with an ssl.SSLContext.  `streams` holds the octets of each connection; after `cut_after` octets
    of the first connection it is reset."""

    def __init__(self, host="127.0.0.1", port=0, context=None, cut_after=None, read_delay_s=0.0):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.socket.bind((host, port))
        self.socket.listen(5)
        self.port = self.socket.getsockname()[1]
        self.context, self.cut_after, self.read_delay_s = context, cut_after, read_delay_s
        protocol = "tls" if context else "tcp"
        self.address = f"{protocol}:[{host}]:{self.port}" if ":" in host else f"{protocol}:{host}:{self.port}"
        self.streams, self.refused = [], []
        self.start()

    def serve(self):
        while not self.is_closed:
            if select.select([self.socket], [], [], 0.05)[0]:
                connection = self.socket.accept()[0]
                try:
                    if self.context:
                        connection = self.context.wrap_socket(connection, server_side=True)
                    self.read(connection)
                except OSError as error:
                    self.refused.append(error)
                connection.close()

    def read(self, connection):
        stream = bytearray()
        self.streams.append(stream)
        connection.settimeout(0.05)
        while not self.is_closed:
            time.sleep(self.read_delay_s)
            try:
                octets = connection.recv(16_384)
            except TimeoutError:
                continue
            if not octets:
                return
            stream += octets
            if self.cut_after is not None and len(self.streams) == 1 and len(stream) >= self.cut_after:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return

    def messages(self):
        return [frame for stream in list(self.streams) for frame in frames(bytes(stream))[0]]
