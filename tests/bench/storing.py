"""How many HEP messages a second the real Kamailio stores by its sipcapture module, without losing one: into a MariaDB of
its own, in memory and without waiting for a disk, which is more than most have."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(SOURCE / "tests" / "integration"))
from kamailio import Kamailio, missing  # noqa: E402

CONFIGURATION = """
children=4
loadmodule "db_mysql.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "mysql://bench:bench@localhost/bench")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "table_name", "sip_capture")
request_route {{ sip_capture(); drop; }}
onreply_route {{ sip_capture(); drop; }}
"""
LIMIT_S = 20


def left_out():
    """Why it cannot be measured here, or nothing."""
    if reason := missing("sipcapture", "db_mysql"):
        return reason
    if not shutil.which("mariadb-install-db") or not shutil.which("mariadbd"):
        return "mariadb-server is not installed"
    return None


def table():
    """The module's columns and indexes, in the words of MariaDB, without hepcap's uid."""
    sql = (SOURCE / "sql/sqlite/sip_capture.sql").read_text(encoding="utf-8")
    sql = re.sub(r"--[^\n]*", "", sql)
    sql = sql.replace('"{table}_', "`").replace('_idx"', "_idx`").replace('"{table}"', "sip_capture")
    sql = sql.replace("id integer", "id bigint AUTO_INCREMENT").replace(" NOT NULL", "").replace("IF NOT EXISTS ", "")
    sql = re.sub(r",\s*uid [^\n]*", "", sql)
    return ";".join(statement for statement in sql.split(";") if "(uid)" not in statement).replace("text DEFAULT ''", "text")


class Database:
    """A MariaDB that nobody else reaches; it ends with the scope."""

    def __enter__(self):
        in_memory = pathlib.Path("/dev/shm")
        self.folder = tempfile.TemporaryDirectory(prefix="hepcap-bench-", dir=in_memory if in_memory.is_dir() else None)
        self.socket, data = f"{self.folder.name}/socket", f"{self.folder.name}/data"
        user = ["--user=root"] if os.geteuid() == 0 else []
        subprocess.run(["mariadb-install-db", "--no-defaults", *user, f"--datadir={data}", "--skip-test-db",
                        "--auth-root-authentication-method=normal"], check=True, capture_output=True)
        with open(f"{self.folder.name}/log", "wb") as log:
            self.process = subprocess.Popen(["mariadbd", "--no-defaults", *user, f"--datadir={data}", f"--socket={self.socket}",
                                             "--skip-networking", f"--pid-file={self.folder.name}/pid",
                                             "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=512M"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + LIMIT_S
        while self.ask("SELECT 1", is_sure=False) != "1":
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.__exit__()
                raise OSError("MariaDB did not start")
            time.sleep(0.1)
        self.ask("CREATE DATABASE bench CHARACTER SET latin1; CREATE USER bench@localhost IDENTIFIED BY 'bench';"
                 f"GRANT ALL ON bench.* TO bench@localhost; USE bench; {table()}")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def ask(self, sql, is_sure=True):
        done = subprocess.run(["mariadb", "--no-defaults", "-u", "root", "-S", self.socket, "-N"], input=sql, text=True,
                              capture_output=True)
        if is_sure and done.returncode:
            raise OSError(f"MariaDB: {done.stderr}")
        return done.stdout.strip()

    def stored(self):
        """Rows, once no more come."""
        before, now = -1, 0
        while now != before:
            before = now if before >= 0 else 0
            time.sleep(0.3)
            now = int(self.ask("SELECT count(*) FROM bench.sip_capture"))
        return now


def highest_rate(yardstick, capture, seconds=2, halvings=3):
    """The highest rate at which every message of some seconds was stored: doubled until one is lost, then halved in."""
    with Database() as database, tempfile.TemporaryDirectory() as folder:
        os.environ["MYSQL_UNIX_PORT"] = database.socket  # where the client library of the module looks
        with Kamailio(folder, "sipcapture", CONFIGURATION) as kamailio:
            def keeps(rate):
                database.ask("TRUNCATE bench.sip_capture")
                count = int(rate * seconds)
                subprocess.run([str(yardstick), "send", str(capture), str(kamailio.port), str(rate), str(count)], check=True,
                               capture_output=True)
                return database.stored() == count

            low, high = 0, 1000
            while keeps(high):
                low, high = high, high * 2
            for _ in range(halvings):
                middle = (low + high) // 2
                low, high = (middle, high) if keeps(middle) else (low, middle)
            return low
