#!/usr/bin/env python3
"""The examples of the pages and of the README run: each ends with status 0 and, unless it loads or writes a file,
prints something.

An example of a page is a line that begins with "$ " in a literal display or a .Dl, with the lines indented under it.
All of a page run in one directory, in their order, where testdata/ is that of the source tree.  One that needs
another program than those below is only listed.  The README's are its blocks fenced with ```sh that begin with a tool."""
import os
import re
import shutil
import subprocess
import tempfile

import tree

# Tools that ask another one which must be running, send to it, or wait for traffic; tests/integration runs them.
ASKING = {"hepcap-ctl", "hepcap-listen", "hepcap-send"}
PROGRAMS = {*tree.TOOLS, "jq", "sqlite3", "sort", "uniq", "head", "cat"} - ASKING
LIVE = re.compile(r"hepcap-raw (?:-i|--mode ipip)")  # an interface of the reader's, for as long as he likes
SERVER = re.compile(r"--db '?\w+://")  # a database server of the reader's
FEWEST = 3  # examples of a tool's page, a pipeline among them


def of_page(text):
    """The examples of a page, with mdoc's escapes taken off."""
    plain = text
    for escape, character in ((r"\e", "\\"), (r"\(dq", '"'), (r"\&", ""), (r"\-", "-")):
        plain = plain.replace(escape, character)
    shown = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$|^\.Dl ([^\n]*\n)", plain, re.MULTILINE | re.DOTALL)
    for display in ("".join(pair) for pair in shown):
        yield from (found[2:] for found in re.findall(r"^\$ .*\n(?: .*\n)*", display, re.MULTILINE))


def of_readme(text):
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if block.startswith(tuple(tree.TOOLS)):
            yield block


def programs(command):
    """The programs that it runs, in order: the first word of each part; quoted text cannot mislead."""
    bare = re.sub(r"\\\n", " ", re.sub(r"'[^']*'|\"[^\"]*\"", "x", command))
    bare = re.sub(r"\b[A-Z_]+=\S*", "", re.sub(r"\|\s*\n", "|", bare))
    return [part.split()[0] for part in re.split(r"\||&&|;|\n", bare) if part.strip()]


def run(command, work):
    """What was wrong with it, or nothing."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HEPCAP_", "XDG_"))}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=work, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60,
                          env={**kept, "PATH": f"{tree.BUILD}:{os.environ['PATH']}", "HOME": work})
    if done.returncode:
        return f"ends with status {done.returncode}: {done.stderr.strip()}"
    stores = programs(command)[-1] == "hepcap-load" or re.search(r">\s*[\w.]+\s*$|\s-w [\w.]+", command)
    return "" if done.stdout or stores else "prints nothing"


def problems():
    sources = [(path.name, list(of_page(path.read_text(encoding="utf-8"))))
               for path in sorted((tree.BUILD / "man").glob("*.[157]"))]
    for name, examples in sources:
        pipelines = [example for example in examples if "|" in example]
        if name.endswith(".1") and (len(examples) < FEWEST or not pipelines):
            yield f"man/{name}: {len(examples)} examples; a tool's page has {FEWEST} at least, one of them a pipeline"
    readme = tree.SOURCE / "README.md"
    if readme.exists():
        sources.append((readme.name, list(of_readme(readme.read_text(encoding="utf-8")))))
        if not sources[-1][1]:
            yield f"{readme.name}: no pipeline that begins with a tool is in a block fenced with ```sh"
    for name, examples in sources:
        with tempfile.TemporaryDirectory(prefix="hepcap-examples-") as work:
            os.symlink(tree.SOURCE / "testdata", f"{work}/testdata")
            for example in examples:
                first = example.split("\n")[0]
                missing = [p for p in programs(example) if p not in tree.TOOLS and not shutil.which(p)]
                if not PROGRAMS.issuperset(programs(example)) or LIVE.search(example) or SERVER.search(example):
                    print(f"not run: {name}: {first}")
                elif missing:
                    print(f"left out, {', '.join(missing)} is not installed: {name}: {first}")
                elif trouble := run(example, work):
                    yield f"{name}: the example '{first}' {trouble}"


if not tree.TOOLS:
    tree.skip("there are no tools yet")
tree.finish(list(problems()))
