"""A real ClickHouse server on loopback, in a directory of its own; it ends with the scope, by its pid."""
import pathlib
import shutil
import signal
import subprocess
import urllib.error
import urllib.request

from loopback import free_port, wait_until

LIMIT_S = 30
PASSWORD = "p@ss'w\"ord"
PASSWORD_IN_URL = "p%40ss%27w%22ord"
CONFIG = """<yandex>
 <logger><level>warning</level><log>{at}/server.log</log><errorlog>{at}/errors.log</errorlog></logger>
 <listen_host>127.0.0.1</listen_host><http_port>{port}</http_port><tcp_port>{tcp_port}</tcp_port>
 <path>{at}/data/</path><tmp_path>{at}/tmp/</tmp_path><users_config>{at}/users.xml</users_config>
 <default_profile>default</default_profile><default_database>default</default_database>
 <mark_cache_size>16777216</mark_cache_size><uncompressed_cache_size>0</uncompressed_cache_size>
 <timezone>America/New_York</timezone>
 <remote_servers><pair><shard><replica><host>127.0.0.1</host><port>{tcp_port}</port><user>default</user>
  <password>p@ss'w"ord</password></replica></shard></pair></remote_servers>
 <macros><shard>1</shard><replica>one</replica></macros>
</yandex>
"""
USERS = """<yandex>
 <profiles><default><max_memory_usage>1000000000</max_memory_usage><background_pool_size>2</background_pool_size>
  <max_threads>2</max_threads></default>
  <reader><readonly>2</readonly></reader></profiles>
 <users>
  <default><password>p@ss'w"ord</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
   <quota>default</quota></default>
  <reader><password></password><networks><ip>127.0.0.1</ip></networks><profile>reader</profile><quota>default</quota></reader>
 </users>
 <quotas><default></default></quotas>
</yandex>
"""


def installed():
    return shutil.which("clickhouse-server") or (shutil.which("clickhouse") and "clickhouse")


def missing():
    """The sentence for a test that cannot run without it, or nothing."""
    return None if installed() else "clickhouse-server is not installed; ./dev deps --test installs it"


class ClickHouse:
    """A zone other than UTC shows where a time is taken for the server's."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory) / "clickhouse"
        for name in ("data", "tmp"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        self.port, self.tcp_port = free_port(), free_port()
        (self.directory / "config.xml").write_text(
            CONFIG.format(at=self.directory, port=self.port, tcp_port=self.tcp_port))
        (self.directory / "users.xml").write_text(USERS)
        self.process = None

    def url(self, database="default", user=f"default:{PASSWORD_IN_URL}", **parameters):
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"clickhouse://{user}@127.0.0.1:{self.port}/{database}{'?' + query if query else ''}"

    def start(self):
        with (self.directory / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [installed(), *([] if "server" in installed() else ["server"]),
                 f"--config-file={self.directory}/config.xml"],
                stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=self.directory)
        if not wait_until(lambda: self.answers() or self.process.poll() is not None, LIMIT_S) or not self.answers():
            self.stop()
            raise AssertionError(f"clickhouse-server did not start: {self.directory.joinpath('errors.log').read_text()[-2000:]}")

    def answers(self):
        try:
            return self.ask("SELECT 1") == b"1\n"
        except OSError:
            return False

    def stop(self, how=signal.SIGTERM):
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)  # what it holds goes with its directory

    def ask(self, sql):
        """The octets of the answer; AssertionError with the server's words where it has none."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", data=sql.encode(), headers={
            "X-ClickHouse-User": "default", "X-ClickHouse-Key": PASSWORD})
        try:
            with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
                return answer.read()
        except urllib.error.HTTPError as e:
            raise AssertionError(f"{sql[:200]}: {e.read().decode(errors='replace')[:500]}") from e

    def number(self, sql):
        return int(self.ask(sql))

    def rows(self, table, order="micro_ts"):
        """The rows as dictionaries: texts are octets, numbers are numbers, times are as ClickHouse shows them."""
        columns = [line.split("\t") for line in self.ask(
            f"SELECT name, type FROM system.columns WHERE database = 'default' AND table = '{table}'").decode().splitlines()]
        is_text = {name: "String" in kind for name, kind in columns}
        shown = ", ".join(f"hex({name})" if is_text[name] else f"toString({name})" for name, _ in columns)
        found = []
        for line in self.ask(f"SELECT {shown} FROM {table} ORDER BY {order}").decode().split("\n")[:-1]:
            row = {}
            for (name, kind), cell in zip(columns, line.split("\t"), strict=True):
                if cell == "\\N":
                    row[name] = None
                else:
                    row[name] = bytes.fromhex(cell) if is_text[name] else int(cell) if "Int" in kind else cell
            found.append(row)
        return found
