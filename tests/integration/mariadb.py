"""A real MariaDB server in a directory of its own, on a Unix socket and a port of loopback; it ends with the scope.

It is stopped, killed and started again by its process, never by its name."""
import os
import pathlib
import shutil
import signal
import subprocess
import time

from loopback import free_port
from pipeline import skip

LIMIT_S = 60
USER, PASSWORD = "loader", "s3cret@word"
ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "0": "\0"}


def program(name):
    found = shutil.which(name) or f"/usr/sbin/{name}"
    return found if pathlib.Path(found).exists() else None


def require():
    """Leaves the test out where the server is not installed."""
    for name in ("mariadbd", "mariadb-install-db", "mariadb"):
        if not program(name):
            skip(f"{name} is not installed; ./dev deps --test installs it")


def unescaped(field):
    parts = field.split("\\")
    result = [parts[0]]
    at = 1
    while at < len(parts):
        if parts[at] == "":  # a backslash that stands for itself, and what follows up to the next
            result.append("\\" + (parts[at + 1] if at + 1 < len(parts) else ""))
            at += 2
        else:
            result.append(ESCAPES[parts[at][0]] + parts[at][1:])
            at += 1
    return "".join(result)


class Mariadb:
    def __init__(self, directory, *options):
        self.directory = pathlib.Path(directory)
        self.data, self.socket = self.directory / "data", self.directory / "sock"
        self.port = free_port()
        self.options = [f"--datadir={self.data}", f"--socket={self.socket}", f"--port={self.port}",
                        "--bind-address=127.0.0.1", f"--pid-file={self.directory}/pid", "--skip-name-resolve",
                        "--innodb-flush-log-at-trx-commit=2", *([] if os.geteuid() else ["--user=root"]), *options]
        self.log = self.directory / "mariadb.log"
        self.process = None
        done = subprocess.run([program("mariadb-install-db"), "--no-defaults", f"--datadir={self.data}", "--skip-test-db",
                               "--auth-root-authentication-method=normal",
                               *([] if os.geteuid() else ["--user=root"])], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def __enter__(self):
        self.start()
        self.execute(f"CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'")
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self, *options):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([program("mariadbd"), "--no-defaults", *self.options, *options],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until = time.monotonic() + LIMIT_S
        while self.process.poll() is None and time.monotonic() < until:
            if self.client("SELECT 1").returncode == 0:
                return
            time.sleep(0.05)
        raise AssertionError(f"mariadbd did not start, status {self.process.poll()}: "
                             f"{self.log.read_text(errors='replace')[-2000:]}")

    def kill(self):
        """As a machine that loses its power does."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(LIMIT_S)

    def client(self, sql, database=""):
        """As root, who may do all."""
        return subprocess.run([program("mariadb"), "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch",
                               "--skip-column-names", "--default-character-set=utf8mb4", database],
                              input=f"SET time_zone = '+00:00';\n{sql}".encode(), capture_output=True)

    def rows(self, sql, database="capture"):
        """Fields as text, NULL as the word."""
        done = self.client(sql, database)
        if done.returncode:
            raise AssertionError(f"{sql[:200]}: {done.stderr.decode()}")
        return [[unescaped(field) for field in line.split("\t")] for line in done.stdout.decode().split("\n")[:-1]]

    def value(self, sql, database="capture"):
        return self.rows(sql, database)[0][0]

    def execute(self, sql, database=""):
        self.rows(sql, database)

    def make_database(self, name="capture", rights="ALL"):
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4; GRANT {rights} ON {name}.* TO {USER}@'%'")

    def url(self, database="capture", parameters="", user=USER, password=PASSWORD):
        quoted = password.replace("@", "%40")
        return f"mysql://{user}:{quoted}@localhost/{database}?unix_socket={self.socket}{parameters}"

    def tcp_url(self, database="capture"):
        return f"mysql://{USER}:{PASSWORD.replace('@', '%40')}@127.0.0.1:{self.port}/{database}"
