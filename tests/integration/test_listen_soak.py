#!/usr/bin/env python3
"""The soak of tests/bench in short: a reader who stops at random, memory flat, sent = written + counted."""
import subprocess
import sys

from pipeline import BUILD, SOURCE, tool

tool("hepcap-listen")
done = subprocess.run([sys.executable, SOURCE / "tests" / "bench" / "soak.py", "--seconds", "12", "--rate", "8000",
                       "--stop-seconds", "2.5"], text=True, capture_output=True, env={"HEPCAP_BUILD": str(BUILD), "PATH": "/usr/bin:/bin"})
print("\n".join(done.stdout.splitlines()[-3:]), done.stderr)
sys.exit(done.returncode)
