"""hepcap-load into PostgreSQL against psql's \\copy of the same rows into the same table with the same indexes, both into
a server of the bench's own.  psql reads the lines of COPY as they are; hepcap-load makes them of records."""
import os
import pathlib
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(SOURCE / "tests" / "integration"))
from postgres import Postgres, programs  # noqa: E402

# Rows that are written to a disk in the end, as anybody's are.
SETTINGS = ("fsync=on", "full_page_writes=on", "shared_buffers=256MB", "max_wal_size=4GB")


def left_out():
    return None if programs() and shutil.which("psql") else "postgresql is not installed"


def contest(work, load, lines, measure_both, runs):
    """Two figures, hepcap-load's and psql's; and whether both stored the same number of rows."""
    with Postgres(*SETTINGS) as server:
        subprocess.run([load, "--db", server.url(), "-r", lines], check=True)
        count = server.value("SELECT count(*) FROM sip_capture")
        names = ", ".join(row["attname"] for row in server.rows(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'sip_capture'::regclass AND attnum > 1 AND NOT attisdropped ORDER BY attnum"))
        rows = pathlib.Path(work) / "rows.copy"
        psql = f"psql -X -q -h {server.folder} -p {server.port} -U hepcap calls"
        script = pathlib.Path(work) / "copy.sql"
        script.write_text(f"\\copy (SELECT {names} FROM sip_capture ORDER BY id) TO '{rows}'\n", encoding="utf-8")
        subprocess.run(f"{psql} -f {script}", shell=True, check=True)
        script.write_text(f"\\copy sip_capture ({names}) FROM '{rows}'\n", encoding="utf-8")
        counts = []

        def empty():
            counts.append(server.value("SELECT count(*) FROM sip_capture"))
            server.psql("TRUNCATE sip_capture")
            server.psql("CHECKPOINT", user="postgres")

        figures = measure_both(f"{load} --db '{server.url()}' -r {lines}", f"{psql} -f {script}", runs, empty, empty)
        empty()
        os.unlink(rows)
        return *figures, set(counts) == {count}
