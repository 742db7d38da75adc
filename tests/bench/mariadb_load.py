"""hepcap-load against LOAD DATA LOCAL INFILE: the same rows, into the same kind of table of one MariaDB in memory, whose
columns and indexes are those that hepcap makes."""
import os
import pathlib
import shlex
import sys
import tempfile

import storing

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(SOURCE / "tests" / "integration"))

OPTIONS = ("--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M", "--loose-skip-log-bin")
TABLE = "sip_capture"


def left_out():
    """Why it cannot be measured here, or nothing."""
    import mariadb
    return None if mariadb.program("mariadbd") and mariadb.program("mariadb-install-db") else "mariadb-server is not installed"


def contest(work, load, lines, measure_both, runs):
    """The best of both for an empty table, as [(name, hepcap, LOAD DATA)]: one that hepcap makes, and one that is there
    with all its indexes."""
    import mariadb
    results = []
    with tempfile.TemporaryDirectory(prefix="hepcap-bench-", dir=storing.in_memory() or work) as folder, \
            mariadb.Mariadb(folder, *OPTIONS) as server:
        server.make_database()
        mine = f"{load} --db {shlex.quote(server.url())} {lines} 2>/dev/null"
        os.system(mine)
        names = [n for (n,) in server.rows("SELECT column_name FROM information_schema.columns WHERE table_schema = 'capture' AND"
                                           f" table_name = '{TABLE}' AND column_name <> 'id' ORDER BY ordinal_position")]
        columns = ", ".join(f"`{name}`" for name in names)
        rows = f"{folder}/rows.tsv"
        server.rows(f"SELECT {columns} FROM {TABLE} ORDER BY id INTO OUTFILE '{rows}' CHARACTER SET utf8mb4")
        server.execute(f"CREATE TABLE model LIKE {TABLE}; CREATE TABLE others LIKE {TABLE}", "capture")
        count = server.value("SELECT count(*) FROM sip_capture")
        other = (f"mariadb --no-defaults --local-infile=1 --socket={server.socket} --user=root capture -e "
                 + shlex.quote(f"LOAD DATA LOCAL INFILE '{rows}' INTO TABLE others CHARACTER SET utf8mb4 ({columns})"))

        def make(table, sql=""):
            server.execute(f"DROP TABLE IF EXISTS {table}{sql.format(table)}", "capture")

        for name, sql in (("new table", ""), ("indexed table", "; CREATE TABLE {} LIKE model")):
            mine_best, other_best = measure_both(mine, other, runs, lambda sql=sql: make(TABLE, sql),
                                                 lambda: make("others", "; CREATE TABLE {} LIKE model"))
            if {server.value(f"SELECT count(*) FROM {table}") for table in (TABLE, "others")} != {count}:
                sys.exit("LOAD DATA stored another number of rows: the comparison is void")
            results.append((name, mine_best, other_best))
    return results
