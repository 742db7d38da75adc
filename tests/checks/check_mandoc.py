#!/usr/bin/env python3
"""Every finished page passes mandoc's own checks, and names the sections that a page of its kind has."""
import re
import shutil
import subprocess

import tree

SECTIONS = {
    "1": ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "EXAMPLES", "SEE ALSO"],
    "5": ["NAME", "DESCRIPTION", "SEE ALSO"],
    "7": ["NAME", "DESCRIPTION", "SEE ALSO"],
}

pages = sorted((tree.BUILD / "man").glob("*.[157]"))
if not shutil.which("mandoc"):
    tree.skip("mandoc is not installed")
if not pages:
    tree.skip("there are no pages yet")

problems = []
for page in pages:
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(page)], capture_output=True, text=True)
    problems += [line.replace("mandoc: ", "").replace(str(tree.BUILD), "build") for line in lint.stdout.splitlines()]
    present = re.findall(r"^\.Sh (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    problems += [f"man/{page.name}:1: no section {name}" for name in SECTIONS[page.suffix[1:]] if name not in present]
problems += [f"man/{tool}.1: there is no such page" for tool in tree.TOOLS if not (tree.BUILD / "man" / f"{tool}.1").exists()]
tree.finish(problems)
