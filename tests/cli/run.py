#!/usr/bin/env python3
"""Golden tests of the tools.

A case is a directory tests/cli/<tool>/<case>/ with
    cmd      one shell line or script; the tools are on PATH, $TESTDATA is testdata/, $CASE the case itself
    stdin    what it reads      (missing: nothing)
    stdout   what it must write (missing: nothing)
    stderr   what it must say   (missing: nothing)
    exit     how it must end    (missing: 0)
It runs in an empty directory of its own, with TZ=UTC and LC_ALL=C.UTF-8.  The path of the empty directory
stands in the expectations as $WORK.

usage: run.py [--update] [CASE...]   CASE is a directory; without one, all of them
       run.py --self-test            the runner itself must notice each kind of difference
"""
import difflib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("HEPCAP_BUILD", SOURCE / "build" / "dev")).resolve()
STREAMS = ("stdout", "stderr")
LIMIT_S = 60


def environment(case, work):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HEPCAP_") and k not in ("XDG_CONFIG_HOME",)}
    return {**kept, "PATH": f"{BUILD}:{os.environ['PATH']}", "TZ": "UTC", "LC_ALL": "C.UTF-8", "NO_COLOR": "1",
            "TESTDATA": str(SOURCE / "testdata"), "CASE": str(case), "WORK": str(work), "HOME": str(work)}


def read(path):
    return path.read_bytes() if path.exists() else b""


def perform(case):
    """Runs a case; returns {"stdout": bytes, "stderr": bytes, "exit": bytes}."""
    with tempfile.TemporaryDirectory(prefix="hepcap-cli-") as work:
        # A session of its own, so that nothing which the case has left running outlives a timeout.
        shell = subprocess.Popen(["bash", "-euo", "pipefail", str(case / "cmd")], cwd=work, env=environment(case, work),
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 start_new_session=True)
        try:
            stdout, stderr = shell.communicate(read(case / "stdin"), timeout=LIMIT_S)
            status = f"{shell.returncode}\n"
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            stdout, stderr = shell.communicate()
            status = f"not within {LIMIT_S} seconds\n"
        found = {"stdout": stdout, "stderr": stderr}
        for stream in STREAMS:
            found[stream] = found[stream].replace(work.encode(), b"$WORK").replace(str(SOURCE).encode(), b"$SOURCE")
        found["exit"] = status.encode()
        return found


def expected(case):
    wanted = {stream: read(case / stream) for stream in STREAMS}
    wanted["exit"] = f"{(read(case / 'exit') or b'0').decode().strip()}\n".encode()
    return wanted


def difference(case):
    """The first lines of what differs, as text; empty where all is as expected."""
    wanted, found, report = expected(case), perform(case), []
    for name in wanted:
        if wanted[name] == found[name]:
            continue
        lines = [text.decode("utf-8", "backslashreplace").splitlines() for text in (wanted[name], found[name])]
        delta = list(difflib.unified_diff(*lines, f"{case / name}", f"{name} of this run", lineterm="", n=1))
        report += [line[:400] for line in delta[:30]] or [f"{case / name}: only the line ends differ"]
    return "\n".join(report)


def update(case):
    for name, text in perform(case).items():
        path = case / name
        if text in (b"", b"0\n") and (name != "exit" or text == b"0\n"):
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(text)


def self_test():
    """A case that is right passes, and each kind of wrong expectation is noticed."""
    right = {"cmd": b"cat; echo warned >&2; exit 3\n", "stdin": b"a\nb\n", "stdout": b"a\nb\n", "stderr": b"warned\n",
             "exit": b"3\n"}
    wrong = [{}, {"stdout": b"a\n"}, {"stdout": b"a\nb"}, {"stderr": None}, {"exit": None}, {"stdin": None},
             {"cmd": b"cat; echo warned >&2; exit 4\n"}, {"cmd": b"cat | false | cat; echo warned >&2; exit 3\n"}]
    for number, change in enumerate(wrong):
        with tempfile.TemporaryDirectory() as directory:
            case = pathlib.Path(directory)
            for name, content in {**right, **change}.items():
                if content is not None:
                    (case / name).write_bytes(content)
            noticed = bool(difference(case))
            if noticed != (number > 0):
                return f"run.py: change {number} {sorted(change)} was {'' if noticed else 'not '}noticed"
            update(case)
            if difference(case):
                return f"run.py: after --update change {number} still differs"
    return ""


def main(arguments):
    if arguments == ["--self-test"]:
        problem = self_test()
        print(problem or "the runner notices what it must")
        return 1 if problem else 0
    rewrite = "--update" in arguments
    cases = [pathlib.Path(a).resolve() for a in arguments if a != "--update"]
    cases = cases or sorted(path.parent for path in HERE.glob("*/*/cmd"))
    failed = 0
    for case in cases:
        if not (case / "cmd").exists():
            print(f"{case}: there is no file cmd")
            failed += 1
        elif rewrite:
            update(case)
        else:
            delta = difference(case)
            if delta:
                print(f"{case.relative_to(HERE)} differs\n{delta}")
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
