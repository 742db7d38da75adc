"""A real Kamailio on loopback, in a directory of its own; it ends with the scope."""
import pathlib
import shutil
import signal
import subprocess

from loopback import free_port, is_bound, wait_until

LIMIT_S = 20
# What every one of them has: its own settings and routes stand behind.
COMMON = """
debug=-1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:{port}
mpath="{modules}"
loadmodule "pv.so"
"""


def installed():
    program = shutil.which("kamailio") or "/usr/sbin/kamailio"
    return program if pathlib.Path(program).exists() else None


def folder_of(module):
    """Where that module is, or None."""
    return next((path.parent for path in pathlib.Path("/usr").glob(f"lib*/**/kamailio/modules/{module}.so")), None)


def missing(*modules):
    """The sentence for a test that cannot run without them, or nothing."""
    if installed() and all(folder_of(module) for module in modules):
        return None
    named = f"module {modules[0]}" if len(modules) == 1 else f"modules {' and '.join(modules)}"
    return f"kamailio with its {named} is not installed; ./dev deps --test installs {'it' if len(modules) == 1 else 'them'}"


class Kamailio:
    """`configuration` is a template of str.format for `values`; it comes behind COMMON."""

    def __init__(self, directory, module, configuration, **values):
        self.directory = pathlib.Path(directory)
        self.port = free_port()
        file = self.directory / "kamailio.cfg"
        file.write_text((COMMON + configuration).format(port=self.port, modules=folder_of(module), **values))
        self.log = self.directory / "kamailio.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([installed(), "-f", str(file), "-DD", "-E", "-m", "32", "-M", "4", "-w",
                                             str(directory), "-Y", str(directory), "-P", str(self.directory / "pid")],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def __enter__(self):
        """Its port is bound: what is sent from now on waits for it."""
        if not wait_until(lambda: is_bound(self.port) or self.process.poll() is not None, LIMIT_S) or \
                self.process.poll() is not None:
            self.__exit__()
            raise AssertionError(f"kamailio did not start: {self.log.read_text(errors='replace')[-2000:]}")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
