#!/usr/bin/env python3
"""systemd finds nothing to complain of in the units, and none of them is more exposed than it has to be."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import tree

# `systemd-analyze security` rates from 0 (closed) to 10 (open); below 2 it calls a service OK.
HIGHEST = {"hepcap-listen.service": 1.5, "hepcap-load.service": 1.5, "hepcap-raw@.service": 2.0}

units = sorted((tree.BUILD / "systemd").glob("hepcap-*.*"))
if not shutil.which("systemd-analyze"):
    tree.skip("systemd-analyze is not installed")
if not units:
    tree.skip("this build has no units")


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60)


problems = []
with tempfile.TemporaryDirectory(prefix="hepcap-units-") as root:
    # Programs that the units start are looked for by their path, and those are not installed here.
    for unit in units:
        text = unit.read_text(encoding="utf-8")
        text = re.sub(r"^(ExecStart=)\S+", rf"\g<1>{shutil.which('true')}", text, flags=re.MULTILINE)
        pathlib.Path(root, unit.name).write_text(text, encoding="utf-8")
        for left in re.findall(r"@[A-Z_]+@", text):
            problems.append(f"{unit.name}: {left} was not replaced")
    names = [unit.name.replace("@.", "@lo.") for unit in units]
    for name, unit in zip(names, units):
        if name != unit.name:
            os.symlink(unit.name, f"{root}/{name}")
    done = analyze("verify", "--man=no", "--recursive-errors=no", *(f"{root}/{name}" for name in names))
    problems += [line for line in (done.stdout + done.stderr).splitlines() if "hepcap" in line]
    for unit in units:
        if unit.suffix != ".service":
            continue
        done = analyze("security", "--offline=true", "--no-pager", f"{root}/{unit.name}")
        rated = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        if not rated:
            problems.append(f"{unit.name}: systemd-analyze security says nothing: {done.stderr.strip()}")
        elif float(rated[1]) > HIGHEST[unit.name]:
            problems.append(f"{unit.name}: exposure {rated[1]}, more than {HIGHEST[unit.name]}")
        else:
            print(f"{unit.name}: exposure {rated[1]}")
tree.finish(problems)
