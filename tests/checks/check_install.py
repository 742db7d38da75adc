#!/usr/bin/env python3
"""What `cmake --install` puts on a machine is exactly what install_manifest.txt lists, and the units start what is
installed, wherever that is.

usage: check_install.py [--update]"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import tree

MANIFEST = pathlib.Path(__file__).resolve().parent / "install_manifest.txt"

with tempfile.TemporaryDirectory() as root:
    done = subprocess.run(["cmake", "--install", str(tree.BUILD), "--prefix", "/opt/hepcap"], capture_output=True,
                          text=True, env={**os.environ, "DESTDIR": root})
    if done.returncode:
        tree.finish([f"cmake --install fails: {done.stderr.strip()}"])
    base = pathlib.Path(root, "opt", "hepcap")
    installed = sorted(str(path.relative_to(base)) for path in base.rglob("*") if not path.is_dir())
    absent = []
    for unit in base.rglob("*.service"):
        for program in re.findall(r"^ExecStart=(\S+)", unit.read_text(encoding="utf-8"), re.MULTILINE):
            if not pathlib.Path(root, program.lstrip("/")).exists():
                absent.append(f"{unit.name} starts {program}, which is not installed")

if "--update" in sys.argv:
    MANIFEST.write_text("".join(name + "\n" for name in installed), encoding="utf-8")
wanted = MANIFEST.read_text(encoding="utf-8").split("\n")[:-1] if MANIFEST.exists() else []
tree.finish(absent + [f"{MANIFEST.name}: {name} is not installed" for name in wanted if name not in installed]
            + [f"{MANIFEST.name}: {name} is installed but not listed" for name in installed if name not in wanted])
