#!/usr/bin/env python3
"""Names files that have grown long.  A question, not a verdict: it never fails."""
import tree

LIMIT = 400

for path in tree.files("libcore/**/*.?pp", "tools/*.?pp"):
    count = sum(1 for _ in tree.lines(path))
    if count > LIMIT:
        print(f"{path}:1: {count} lines; more than {LIMIT} ask for a reason")
