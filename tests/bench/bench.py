#!/usr/bin/env python3
"""Measures hepcap against other programs over the same input in the same run, and prints the ratios beside the goals.

Seconds of one machine say little about another; only ratios taken in one run count.  Each figure is the best of
--runs runs.  The corpora come from make_corpus.py.  A program that is not installed is left out, and said so.

usage: ./dev bench [--packets N] [--seed S] [--runs R] [--only WORD] [--strict]
"""
import argparse
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import make_corpus
import receiving
import soak
import storing
# storing has put tests/integration on the path.
import clickhouse
import odbc

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HEPCAP_BUILD", SOURCE / "build" / "release"))
WORK = SOURCE / "build" / "bench"
DECODE, LOAD, LISTEN = BUILD / "hepcap-decode", BUILD / "hepcap-load", BUILD / "hepcap-listen"
FIELDS = "-e frame.number -e ip.src -e ip.dst -e sip.Method -e sip.Call-ID"

# The peak of the largest process of a command line, read by a parent of its own.
MEASURE = """import resource, subprocess, sys, time
start = time.monotonic()
status = subprocess.run(['bash', '-o', 'pipefail', '-c', sys.argv[1]], stdin=subprocess.DEVNULL).returncode
print(status, time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, file=sys.stderr)"""


class Figure:
    def __init__(self, seconds, peak_mb):
        self.seconds, self.peak_mb = seconds, peak_mb


def once(command):
    """Ends the program where the command fails, since its figure would mean nothing."""
    done = subprocess.run([sys.executable, "-c", MEASURE, str(command)], capture_output=True, text=True)
    lines = done.stderr.strip().splitlines()
    status, seconds, peak = lines[-1].split()
    if status != "0":
        sys.exit("\n".join([f"failed with {status}: {command}", *lines[:-1]]))
    return Figure(float(seconds), float(peak))


def better(one, other):
    return one if one.seconds <= other.seconds else other


def measure(command, runs, before=lambda: None):
    """The best of some runs."""
    best = Figure(float("inf"), 0)
    for _ in range(runs):
        before()
        best = better(best, once(command))
    return best


def measure_both(mine, other, runs, before_mine=lambda: None, before_other=lambda: None):
    """The best of some runs of each, in turn, so that a busy moment of the machine meets both."""
    best = [Figure(float("inf"), 0), Figure(float("inf"), 0)]
    for _ in range(runs):
        before_mine()
        best[0] = better(best[0], once(mine))
        before_other()
        best[1] = better(best[1], once(other))
    return best


class Bench:
    def __init__(self, words):
        self.words, self.short = words, 0
        WORK.mkdir(parents=True, exist_ok=True)

    def corpus(self, form, factor=1):
        path = WORK / f"{form}-{self.words.packets * factor}-{self.words.seed}.pcap"
        if not path.exists():
            make_corpus.write(path, self.words.packets * factor, self.words.seed, form, with_truth=False)
        path.read_bytes()  # in the page cache for everybody
        return path

    def section(self, name):
        wanted = not self.words.only or self.words.only in name
        if wanted:
            print(f"\n{name}\n{'-' * len(name)}", flush=True)
        return wanted

    def rate(self, name, figure, count):
        print(f"  {name:<34} {figure.seconds:9.2f} s {count / figure.seconds / 1000:9.1f} k/s {figure.peak_mb:7.1f} MB",
              flush=True)

    def verdict(self, name, value, goal, at_least=True):
        met = value >= goal if at_least else value <= goal
        self.short += not met
        print(f"  {name:<34} {value:9.2f}   goal {'at least' if at_least else 'at most'} {goal:g}{'' if met else '   SHORT'}",
              flush=True)

    def against(self, name, program, command, mine, goal, count, runs=None):
        if program and not shutil.which(program):
            print(f"  {name:<34} left out: {program} is not installed")
            return
        best, other = measure_both(mine, command, runs or self.words.runs)
        self.rate(name, other, count)
        self.verdict(f"hepcap / {name}", other.seconds / best.seconds, goal)

    def decode(self, form):
        capture, count = self.corpus(form), self.words.packets
        if not self.section(f"decode of {form}: {count} packets, {capture.stat().st_size >> 20} MB, to /dev/null"):
            return
        mine = f"{DECODE} -r {capture} >/dev/null"
        self.rate("hepcap-decode", measure(mine, self.words.runs), count)
        self.rate("hepcap-decode | cat", measure(f"{DECODE} -r {capture} | cat >/dev/null", self.words.runs), count)
        roofline = self.roofline()
        if roofline:
            self.against("roofline", "", f"{roofline} {capture} >/dev/null", mine, 0.6, count)
        if form != "sip":
            return
        self.against("ngrep -q -W byline", "ngrep", f"ngrep -q -W byline -I {capture} >/dev/null 2>&1", mine, 4, count)
        self.against("sngrep -N -q", "sngrep", f"sngrep -N -q -I {capture} >/dev/null 2>&1", mine, 25, count)
        self.against("tshark -T fields", "tshark", f"tshark -r {capture} -T fields {FIELDS} >/dev/null 2>&1", mine, 60, count)
        self.against("tshark -T ek", "tshark", f"tshark -r {capture} -T ek >/dev/null 2>&1", mine, 300, count, runs=1)

    def roofline(self):
        """A yardstick kept outside the tree: one input shape, no bounds checks."""
        folder = pathlib.Path(os.environ.get("HEPCAP_SHARED", SOURCE.parent / "shared"))
        source, binary = folder / "bench" / "roofline.cpp", WORK / "roofline"
        if not source.exists() or "avx2" not in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"):
            print("  roofline                           left out: no source, or a processor without AVX2")
            return None
        if not binary.exists():
            subprocess.run(["g++", "-O3", "-march=x86-64-v3", "-std=c++20", "-w", str(source), "-o", str(binary)], check=True)
        return binary

    def load(self):
        capture, count = self.corpus("sip"), self.words.packets
        if not self.section(f"decode | load into SQLite: {count} rows, schema sipcapture"):
            return
        database, other, csv = WORK / "load.db", WORK / "import.db", WORK / "rows.csv"

        def remove(*paths):
            for path in paths:
                for name in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal"):
                    pathlib.Path(name).unlink(missing_ok=True)

        both = f"{DECODE} -r {capture} | {LOAD} --db sqlite:{database}"
        self.rate("hepcap-decode | hepcap-load", measure(both, 1, lambda: remove(database)), count)
        lines = WORK / "rows.ndjson"
        subprocess.run(f"{DECODE} -r {capture} >{lines}", shell=True, check=True)
        self.rate("hepcap-load", measure(f"{LOAD} --db sqlite:{database} <{lines}", self.words.runs, lambda: remove(database)),
                  count)
        self.rate("hepcap-load --db null", measure(f"{LOAD} --db null: <{lines}", self.words.runs), count)
        if not shutil.which("sqlite3"):
            print("  sqlite3 .import                    left out: sqlite3 is not installed")
            return

        def ask(path, text):
            return subprocess.run(["sqlite3", str(path), text], check=True, capture_output=True, text=True).stdout

        # The same table with the same indexes, but without uid, which only hepcap has to keep unique.
        columns = [name for name in ask(database, "SELECT name FROM pragma_table_info('sip_capture')").split() if name != "uid"]
        names = ", ".join(f'"{name}"' for name in columns)
        with open(csv, "wb") as out:
            subprocess.run(["sqlite3", "-csv", str(database), f"SELECT {names} FROM sip_capture ORDER BY id"], stdout=out, check=True)
        schema = ask(database, "SELECT sql || ';' FROM sqlite_master WHERE tbl_name = 'sip_capture' AND sql NOT NULL"
                               " ORDER BY type DESC")

        def prepare():
            remove(other)
            ask(other, schema)
            for (index,) in [tuple(r.split("|")) for r in ask(other, "SELECT DISTINCT il.name FROM pragma_index_list("
                             "'sip_capture') il, pragma_index_info(il.name) ii WHERE ii.name = 'uid'").split()]:
                ask(other, f'DROP INDEX "{index}"')
            ask(other, 'ALTER TABLE sip_capture DROP COLUMN uid')

        mine, imported = measure_both(both, f"sqlite3 {other} '.import --csv {csv} sip_capture'", self.words.runs,
                                      lambda: remove(database), prepare)
        self.rate("hepcap-decode | hepcap-load", mine, count)
        self.rate("sqlite3 .import --csv", imported, count)
        if ask(other, "SELECT count(*) FROM sip_capture") != ask(database, "SELECT count(*) FROM sip_capture"):
            sys.exit("sqlite3 .import stored another number of rows: the comparison is void")
        self.verdict("decode | load / .import", imported.seconds / mine.seconds, 1.2)

        record = measure(f"{LOAD} --schema record --db sqlite:{database} <{lines}", self.words.runs, lambda: remove(database))
        self.rate("hepcap-load --schema record", record, count)
        self.verdict("k rows/s, schema record", count / record.seconds / 1000, 120)
        remove(database, other)

    def load_mariadb(self):
        import mariadb_load  # not above: it takes HEPCAP_BUILD out of the environment
        capture, count = self.corpus("sip"), self.words.packets
        if not self.section(f"load into MariaDB: {count} rows, schema sipcapture"):
            return
        if reason := mariadb_load.left_out():
            print(f"  LOAD DATA LOCAL INFILE             left out: {reason}")
            return
        lines = WORK / "rows.ndjson"
        subprocess.run(f"{DECODE} -r {capture} >{lines}", shell=True, check=True)
        for name, mine, other in mariadb_load.contest(WORK, LOAD, lines, measure_both, self.words.runs):
            self.rate(f"hepcap-load, {name}", mine, count)
            self.rate("LOAD DATA LOCAL INFILE", other, count)
            self.verdict(f"hepcap / LOAD DATA, {name}", other.seconds / mine.seconds, 0.9)
            best = mine
        if reason := storing.left_out():
            print(f"  kamailio                           left out: {reason}")
            return
        kamailio = storing.highest_rate(soak.build_yardstick(WORK), self.corpus("hep3"))
        print(f"  {'kamailio, sipcapture':<34} {kamailio / 1000:11.1f} k/s without loss", flush=True)
        self.verdict("hepcap-load / kamailio", count / best.seconds / kamailio, 4)

    def load_postgres(self):
        import postgres_load  # not above: it takes HEPCAP_BUILD out of the environment
        capture, count = self.corpus("sip"), self.words.packets
        if not self.section(f"load into PostgreSQL: {count} rows, schema sipcapture"):
            return
        if reason := postgres_load.left_out():
            print(f"  psql \\copy                         left out: {reason}")
            return
        lines = WORK / "rows.ndjson"
        subprocess.run(f"{DECODE} -r {capture} >{lines}", shell=True, check=True)
        mine, copied, same = postgres_load.contest(WORK, LOAD, lines, measure_both, self.words.runs)
        if not same:
            sys.exit("psql stored another number of rows: the comparison is void")
        self.rate("hepcap-load", mine, count)
        self.rate("psql \\copy", copied, count)
        self.verdict("hepcap-load / \\copy", copied.seconds / mine.seconds, 0.9)
        self.verdict("MB", mine.peak_mb, 64, at_least=False)

    def clickhouse(self):
        """The same rows from JSON lines by ClickHouse's own client, into the same table: it makes no rows of records and
        looks for none that are there."""
        capture, count = self.corpus("sip"), self.words.packets
        if not self.section(f"load into ClickHouse: {count} rows, schema sipcapture"):
            return
        for program in ("clickhouse-server", "clickhouse-client"):
            if not shutil.which(program):
                print(f"  {program:<34} left out: it is not installed")
                return
        lines, other = WORK / "rows.ndjson", WORK / "rows.jsonl"
        subprocess.run(f"{DECODE} -r {capture} >{lines}", shell=True, check=True)
        with tempfile.TemporaryDirectory() as directory, clickhouse.ClickHouse(directory) as server:
            url = directory + "/url"
            pathlib.Path(url).write_text(server.url())
            client = shlex.join(["clickhouse-client", "--host", "127.0.0.1", "--port", str(server.tcp_port), "--password",
                                 clickhouse.PASSWORD, "--query"])

            def empty():
                for table in ("sip_capture", "record"):
                    server.ask(f"DROP TABLE IF EXISTS {table}")

            def empty_table():
                server.ask("TRUNCATE TABLE sip_capture")

            mine = f"{LOAD} --db-url-file {url} <{lines}"
            once(mine)
            subprocess.run(f"{client} 'SELECT * FROM sip_capture ORDER BY micro_ts FORMAT JSONEachRow' >{other}", shell=True, check=True)
            theirs = f"{client} 'INSERT INTO sip_capture FORMAT JSONEachRow' <{other}"
            # The client sends all rows as one block; with few thousand in each a server merges as long as it inserts.
            large = f"{LOAD} --batch 100000 --insert-mode async --db-url-file {url} <{lines}"
            best, imported = measure_both(large, theirs, self.words.runs, empty, empty_table)
            for options in ("", " --insert-mode async", " --schema record"):
                self.rate(f"hepcap-load{options}",
                          measure(f"{LOAD}{options} --db-url-file {url} <{lines}", self.words.runs, empty), count)
            self.rate("hepcap-load async --batch 100000", best, count)
            empty()
            once(mine)
            self.rate("hepcap-load, all there already", measure(mine, 1), count)
            self.rate("clickhouse-client JSONEachRow", imported, count)
            self.verdict("hepcap-load / clickhouse-client", imported.seconds / best.seconds, 0.9)
        lines.unlink()
        other.unlink()

    def odbc(self):
        """How much of SQLite's speed is left behind its ODBC driver; there is nothing to compare it with."""
        capture, count = self.corpus("sip"), min(self.words.packets, 20000)
        if not self.section(f"load through ODBC into SQLite: {count} rows, schema sipcapture"):
            return
        driver, database = odbc.driver("SQLite"), WORK / "odbc.db"
        if not driver:
            print(f"  odbc                               left out: {odbc.missing('SQLite')}")
            return
        mine = f"{DECODE} -r {capture} -c {count} | {LOAD} --db 'odbc:Driver={driver};Database={database}'"
        self.rate("hepcap-decode | hepcap-load", measure(mine, self.words.runs, lambda: database.unlink(missing_ok=True)), count)
        database.unlink()

    def listen(self):
        """The highest rate without loss of the bare loop; then hepcap-listen at 0.9 of it and more."""
        if not self.section("listen: HEP3 over UDP on loopback, to /dev/null, without a datagram lost"):
            return
        contest = receiving.Contest(soak.build_yardstick(WORK), LISTEN, self.corpus("hep3"), seconds=3)
        bare = max((contest.highest("sink") for _ in range(self.words.runs)), key=lambda trial: trial.rate)
        print(f"  {'bare recvmmsg loop':<34} {bare.rate / 1000:11.1f} k/s without loss", flush=True)
        # The rate is what the sender has kept beside the receiver: two processors have to do for both.
        trials = [contest.run("listen", share * bare.rate, int(share * bare.rate * contest.seconds))
                  for share in (0.9, 0.93, 0.96, 1.0) for _ in range(self.words.runs)]
        whole = [trial for trial in trials if trial.is_lossless()]
        mine = max(whole, key=lambda trial: trial.rate, default=receiving.Trial(0, 0, 0, 0))
        print(f"  {'hepcap-listen':<34} {mine.rate / 1000:11.1f} k/s without loss {mine.peak_mb:14.1f} MB", flush=True)
        lost = min(trial.sent - trial.received for trial in trials[:self.words.runs])
        self.verdict("lost at 0.9 of the bare loop's rate", lost, 0, at_least=False)
        self.verdict("hepcap-listen / bare loop", mine.rate / bare.rate, 0.9)
        self.verdict("MB", mine.peak_mb, 64, at_least=False)
        self.listen_against_kamailio(contest, mine.rate)

    def listen_against_kamailio(self, contest, mine):
        """Against what takes HEP with the same names: Kamailio stores each message, hepcap-listen passes it on."""
        if reason := storing.left_out():
            print(f"  Kamailio, sipcapture               left out: {reason}")
            return
        other = storing.highest_rate(contest.yardstick, contest.capture)
        print(f"  {'Kamailio, sipcapture into MariaDB':<34} {other / 1000:11.1f} k/s without loss", flush=True)
        self.verdict("hepcap-listen / Kamailio", mine / max(other, 1), 20)

    def tenfold(self):
        if not self.section("ten times the input: time and memory"):
            return
        for form in ("sip", "hep3"):
            once, ten = self.corpus(form), self.corpus(form, 10)
            database = WORK / "tenfold.db"
            for name, command in (("decode", f"{DECODE} -r {{0}} >/dev/null"),
                                  ("decode | load", f"rm -f {database}*; {DECODE} -r {{0}} | {LOAD} --db sqlite:{database}")):
                small = measure(command.format(once), self.words.runs)
                large = measure(command.format(ten), 1)
                self.rate(f"{name}, {form}", small, self.words.packets)
                self.rate(f"{name}, {form}, ten times", large, self.words.packets * 10)
                self.verdict(f"{name}, {form}: time", large.seconds / small.seconds, 10.5, at_least=False)
                self.verdict(f"{name}, {form}: MB", large.peak_mb, 64, at_least=False)
            ten.unlink()
            for path in WORK.glob("tenfold.db*"):
                path.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=200000)
    parser.add_argument("--seed", default="7")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="sections whose head holds this word: decode, load, listen, ten")
    parser.add_argument("--strict", action="store_true", help="end with status 1 where a goal is missed")
    bench = Bench(parser.parse_args())
    print(time.strftime("%Y-%m-%d"), "on", os.cpu_count(), "processors; the best of", bench.words.runs, "runs; k/s are packets")
    bench.decode("sip")
    bench.decode("hep3")
    bench.load()
    bench.load_mariadb()
    bench.load_postgres()

    bench.clickhouse()
    bench.odbc()
    bench.listen()
    bench.tenfold()
    print(f"\n{bench.short} goals missed" if bench.short else "\nall goals met")
    sys.exit(1 if bench.short and bench.words.strict else 0)


if __name__ == "__main__":
    main()
