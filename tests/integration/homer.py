"""The API of Homer 5.0.6 as Debian packs it, under PHP's own web server, on a MariaDB that a test has started.

The package was written for PHP 5 and cannot start under PHP 8: a copy in a temporary directory is mended just enough."""
import json
import pathlib
import re
import shutil
import subprocess
import urllib.request

from loopback import wait_until
from mariadb import PASSWORD, USER

API, SQL = pathlib.Path("/usr/share/homer/web/api"), pathlib.Path("/usr/share/homer/sql/schema_configuration.sql")
LIMIT_S = 20
MISSING = r"""<?php
namespace {
    function create_function($arguments, $code) { return eval("return function($arguments) { $code };"); }
    function get_magic_quotes_gpc() { return false; }
    function each(&$array) {
        $key = key($array);
        if ($key === null) return false;
        $value = current($array);
        next($array);
        return [1 => $value, 'value' => $value, 0 => $key, 'key' => $key];
    }
}
"""
TOLERANT = r"""
namespace {0} {{
    function count($what) {{ return is_countable($what) ? \count($what) : 0; }}
    function implode($one, $other = null) {{
        return is_array($one) ? \implode($other ?? '', $one) : \implode($one, $other ?? []);
    }}
}}
"""
NAMESPACES = ("RestService", "RestApi", "Database", r"Database\Layer", "Authentication", "Statistic")


def missing():
    """The sentence for a test that cannot run without it, or nothing."""
    modules = shutil.which("php") and subprocess.run(["php", "-m"], capture_output=True, text=True).stdout
    if not modules or "pdo_mysql" not in modules or not API.is_dir() or not SQL.exists():
        return "homer-api, php-cli and php-mysql are not installed; ./dev deps --test installs them"
    return None


class Homer:
    def __init__(self, server, directory, port, database):
        self.place, self.port = pathlib.Path(directory) / "homer", port
        shutil.copytree(API, self.place / "api")
        self._configure(server, database)
        self._mend()
        server.make_database("homer_configuration")
        server.execute(SQL.read_text(encoding="utf-8"), "homer_configuration")
        self.cookie, self.process = "", None

    def _configure(self, server, database):
        values = {"DB_HOSTNAME": "127.0.0.1", "DB_PORT": server.port, "DB_USERNAME": USER, "DB_PASSWORD": PASSWORD,
                  "DB_HOMER": database}
        for name in ("configuration.php", "preferences.php"):
            text = pathlib.Path("/etc/homer", name).read_text(encoding="utf-8")
            for key, value in values.items():
                text = re.sub(rf"define\('{key}', [^;]*;", f"define('{key}', {json.dumps(value)});", text)
            (self.place / "api" / name).unlink()
            (self.place / "api" / name).write_text(text, encoding="utf-8")

    def _mend(self):
        path = self.place / "api" / "autoload.php"
        text = path.read_text(encoding="utf-8")
        text = text.replace("function __autoload($className) {", "spl_autoload_register(function ($className) {", 1)
        text = text.replace('throw new Exception("Unable to load $className.");\n}',
                            'throw new Exception("Unable to load $className.");\n});', 1)
        text = text.replace("$val = $val + 0;", "$val = is_numeric($val) ? $val + 0 : 0;")
        text = text.replace("($value+0) == -1", "(is_numeric($value) && $value == -1)")
        path.write_text(text, encoding="utf-8")
        (self.place / "before.php").write_text(MISSING + "".join(TOLERANT.format(name) for name in NAMESPACES))
        (self.place / "router.php").write_text("<?php require 'before.php'; chdir(__DIR__ . '/api'); include 'index.php';")

    def __enter__(self):
        self.log = (self.place / "php.log").open("wb")
        self.process = subprocess.Popen(
            ["php", "-d", "display_errors=0", "-d", "error_reporting=1",
             "-d", f"session.save_path={self.place}", "-S", f"127.0.0.1:{self.port}", str(self.place / "router.php")],
            stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, cwd=self.place / "api")

        def answers():
            try:
                return self.ask("session", {"username": "admin", "password": "test123"})["status"] == 200
            except OSError:
                return False

        if not wait_until(answers, LIMIT_S):
            self.__exit__()
            raise AssertionError(f"homer-api does not answer: {self.said()}")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(LIMIT_S)
        self.log.close()

    def said(self):
        return (self.place / "php.log").read_text(errors="replace")[-2000:]

    def ask(self, path, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1/{path}", json.dumps(body).encode(),
                                         {"Content-Type": "application/json", "Cookie": self.cookie})
        with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
            if cookie := answer.headers.get("Set-Cookie"):
                self.cookie = cookie.split(";")[0]
            return json.loads(answer.read())

    def search(self, path, start_us, end_us, **search):
        param = {"transaction": {"call": True, "registration": True, "rest": True}, "limit": 200, "search": search,
                 "location": {"node": ["single"]}, "timezone": {"value": 0, "name": "UTC"}}
        answer = self.ask(path, {"timestamp": {"from": start_us // 1000 - 1000, "to": end_us // 1000 + 1000}, "param": param})
        return answer["data"]
