"""A real PostgreSQL in a directory of its own, on a Unix socket and a port of the loopback interface; it ends with
the scope.  The server refuses to be root's: it is `postgres`'s then."""
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import urllib.parse

from loopback import free_port, wait_until
from pipeline import skip

LIMIT_S = 30
SETTINGS = ("fsync=off", "full_page_writes=off", "shared_buffers=64MB", "max_wal_size=512MB", "autovacuum=off", "log_min_messages=warning")


def programs():
    """The folder of the newest server that is installed, or None."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("postgres")
    return pathlib.Path(elsewhere).parent if elsewhere else None


def need():
    """Leaves the test out where there is no server."""
    if not programs() or not shutil.which("psql"):
        skip("postgresql is not installed; ./dev deps --test installs it")


def as_owner(command):
    """`command` as somebody whom the server lets be its owner."""
    if os.geteuid():
        return command
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        skip("the server refuses to be root's, and there is no user postgres to be")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


class Postgres:
    """`settings` are name=value of postgresql.conf.  Over the socket everybody may be anybody, over TCP a password is
    asked for.  There is a database `calls`, of the user `hepcap`, who is no superuser and whose password is `secret`."""

    def __init__(self, *settings):
        need()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hepcap-pg-"))
        if not os.geteuid():
            shutil.chown(self.folder, "postgres", "postgres")
        self.folder.chmod(0o755)
        self.settings, self.port, self.process = [*SETTINGS, *settings], None, None

    def __enter__(self):
        made = subprocess.run(as_owner([str(programs() / "initdb"), "-D", str(self.folder / "data"), "-U", "postgres", "-N", "-E",
                                        "UTF8", "--locale=C", "--auth-local=trust", "--auth-host=scram-sha-256"]),
                              capture_output=True, text=True, cwd="/", timeout=LIMIT_S)
        if made.returncode:
            raise AssertionError(f"initdb: {made.stderr}")
        self.port = free_port()
        self.start()
        self.psql("CREATE ROLE hepcap LOGIN PASSWORD 'secret'", user="postgres", database="postgres")
        self.psql("CREATE DATABASE calls OWNER hepcap", user="postgres", database="postgres")
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        """After a kill the processes of the one before must have seen it first: it is tried until they have."""
        def is_up():
            if self.process is None or self.process.poll() is not None:
                options = [word for setting in self.settings for word in ("-c", setting)]
                with (self.folder / "log").open("ab") as log:
                    self.process = subprocess.Popen(
                        as_owner([str(programs() / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), "-h",
                                  "127.0.0.1", "-p", str(self.port), *options]), stdout=log, stderr=log, cwd="/",
                        stdin=subprocess.DEVNULL)
            return self.run_psql("SELECT 1", "postgres", "postgres").returncode == 0

        if not wait_until(is_up, LIMIT_S):
            raise AssertionError(f"postgres did not start: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")

    def stop(self):
        """In an orderly way, without waiting for those that are connected."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def url(self, database="calls", user="hepcap", **parameters):
        """Over the Unix socket."""
        words = urllib.parse.urlencode({"host": str(self.folder), "port": self.port, **parameters}, quote_via=urllib.parse.quote)
        return f"postgresql://{user}@/{database}?{words}"

    def tcp_url(self, password, user="hepcap", database="calls"):
        return f"postgres://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def run_psql(self, sql, database="calls", user="hepcap", *options):
        environment = {**os.environ, "PGOPTIONS": "-c client_min_messages=warning", "PGTZ": "UTC"}
        return subprocess.run(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-p", str(self.port), "-U", user,
                               *options, database], input=sql, capture_output=True, text=True, timeout=120, cwd="/", env=environment)

    def psql(self, sql, database="calls", user="hepcap"):
        done = self.run_psql(sql, database, user)
        if done.returncode:
            raise AssertionError(f"psql: {done.stderr}: {sql[:200]}")
        return done.stdout

    def rows(self, query, database="calls", user="hepcap"):
        """Rows as dictionaries; times are texts, in UTC."""
        return [json.loads(line) for line in self.psql(f"SELECT row_to_json(q) FROM ({query}) q", database, user).splitlines()]

    def value(self, query, **where):
        """The one value of the one row."""
        return next(iter(self.rows(query, **where)[0].values()))
