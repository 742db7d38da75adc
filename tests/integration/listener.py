"""A hepcap-listen with everything by which it can be asked and told, for the tests that ask and tell it."""
import pathlib
import signal
import socket
import subprocess
import tempfile

from loopback import free_port, wait_until
from pipeline import SOURCE, run, tool

MESSAGE = (SOURCE / "tests/fuzz/corpus/hep/hep3-options.bin").read_bytes()


class Listener:
    def __init__(self, *options):
        self.place = tempfile.TemporaryDirectory(prefix="hepcap-control-")
        self.directory = pathlib.Path(self.place.name)
        self.control, self.rpc, self.mi = (self.directory / name for name in ("control", "rpc", "mi"))
        self.metrics_file = self.directory / "metrics.prom"
        self.port, self.metrics_port = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        self.records = self.directory / "records"
        self.said = self.directory / "stderr"
        with open(self.records, "wb") as stdout, open(self.said, "wb") as stderr:
            self.process = subprocess.Popen(
                [tool("hepcap-listen"), "-L", f"udp:127.0.0.1:{self.port}", "--control", str(self.control),
                 "--rpc-fifo", str(self.rpc), "--mi-fifo", str(self.mi), "--metrics", f"127.0.0.1:{self.metrics_port}",
                 "--metrics-file", str(self.metrics_file), "--metrics-interval", "1", *options],
                stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)

    def __enter__(self):
        if not wait_until(lambda: self.ctl("check").status == 0):
            self.__exit__()
            raise SystemExit(f"hepcap-listen does not answer: {self.said.read_text()}")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.place.cleanup()

    def stop(self):
        """Its exit status after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def ctl(self, *words):
        return run([tool("hepcap-ctl"), "--control", str(self.control), *words])

    def count(self):
        return self.records.read_bytes().count(b"\n")

    def send(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(MESSAGE, ("127.0.0.1", self.port))

    def passes_on(self):
        """Whether what is sent comes out; what does not is given half a second."""
        before = self.count()
        self.send()
        return wait_until(lambda: self.count() > before, 0.5)
