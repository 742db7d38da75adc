"""What the checks share: the files of the tree, and how a check ends."""
import os
import pathlib
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HEPCAP_BUILD", SOURCE / "build" / "dev"))
TOOLS = [name for name in os.environ.get("HEPCAP_TOOLS", "").split(":") if name]
SKIPPED = 77


def files(*patterns):
    """Paths relative to the source root, sorted, outside build/ and .git/."""
    found = {path for pattern in patterns for path in SOURCE.glob(pattern) if path.is_file()}
    relative = (path.relative_to(SOURCE) for path in found)
    return sorted(path for path in relative if path.parts[0] not in ("build", ".git"))


def lines(path):
    """Pairs of line number, from 1, and line."""
    return enumerate((SOURCE / path).read_text(encoding="utf-8").splitlines(), 1)


def finish(problems):
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


def skip(reason):
    print(f"left out: {reason}")
    sys.exit(SKIPPED)
