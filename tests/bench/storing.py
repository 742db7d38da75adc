"""How many HEP messages a second the real Kamailio stores by its sipcapture module, without losing one: into a MariaDB of
its own, in memory and without waiting for a disk, which is more than most have."""
import os
import pathlib
import re
import shutil
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


def left_out():
    """Why it cannot be measured here, or nothing."""
    if reason := missing("sipcapture", "db_mysql"):
        return reason
    if not shutil.which("mariadb-install-db") or not shutil.which("mariadbd"):
        return "mariadb-server is not installed"
    return None


def in_memory():
    """A folder whose files never wait for a disk, or None."""
    folder = pathlib.Path("/dev/shm")
    return folder if folder.is_dir() else None


def table():
    """The module's columns and indexes, in the words of MariaDB, without hepcap's uid."""
    sql = (SOURCE / "sql/sqlite/sip_capture.sql").read_text(encoding="utf-8")
    sql = re.sub(r"--[^\n]*", "", sql)
    sql = sql.replace('"{table}_', "`").replace('_idx"', "_idx`").replace('"{table}"', "sip_capture")
    sql = sql.replace("id integer", "id bigint AUTO_INCREMENT").replace(" NOT NULL", "").replace("IF NOT EXISTS ", "")
    sql = re.sub(r",\s*uid [^\n]*", "", sql)
    return ";".join(statement for statement in sql.split(";") if "(uid)" not in statement).replace("text DEFAULT ''", "text")


def stored(server):
    """Rows, once no more come."""
    before, now = -1, 0
    while now != before:
        before = now if before >= 0 else 0
        time.sleep(0.3)
        now = int(server.value("SELECT count(*) FROM sip_capture", "bench"))
    return now


def highest_rate(yardstick, capture, seconds=2, halvings=3):
    """The highest rate at which every message of some seconds was stored: doubled until one is lost, then halved in."""
    import mariadb  # not above: it takes HEPCAP_BUILD out of the environment
    with tempfile.TemporaryDirectory(prefix="hepcap-bench-", dir=in_memory()) as folder, \
            tempfile.TemporaryDirectory(prefix="hepcap-bench-") as beside, \
            mariadb.Mariadb(folder, "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=512M") as server:
        server.execute("CREATE DATABASE bench CHARACTER SET latin1; CREATE USER bench@localhost IDENTIFIED BY 'bench';"
                       "GRANT ALL ON bench.* TO bench@localhost")
        server.execute(table(), "bench")
        os.environ["MYSQL_UNIX_PORT"] = str(server.socket)  # where the client library of the module looks
        with Kamailio(beside, "sipcapture", CONFIGURATION) as kamailio:
            def keeps(rate):
                server.execute("TRUNCATE sip_capture", "bench")
                count = int(rate * seconds)
                subprocess.run([str(yardstick), "send", str(capture), str(kamailio.port), str(rate), str(count)], check=True,
                               capture_output=True)
                return stored(server) == count

            low, high = 0, 1000
            while keeps(high):
                low, high = high, high * 2
            for _ in range(halvings):
                middle = (low + high) // 2
                low, high = (middle, high) if keeps(middle) else (low, middle)
            return low
