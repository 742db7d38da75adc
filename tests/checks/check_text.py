#!/usr/bin/env python3
"""Small habits of text: no blanks at line ends, no tabs, a newline at the end, lines of 110 columns at most, and no
words that do not belong into a published tree."""
import re

import tree

PATTERNS = ("libcore/**/*.?pp", "tools/*", "tests/**/*.py", "tests/**/*.?pp", "**/CMakeLists.txt", "cmake/*", "sql/**/*",
            "man/*", "*.md", "testdata/*.md", "dev", ".ci/run", "completions/*/*")
BANNED = {
    re.compile("/wo" + "rk/"): "a path of one machine",
    re.compile(r"\bTO" + r"DO\b|\bFIX" + r"ME\b|\bXX" + r"X\b"): "finish it, or file it",
    re.compile(r"(?i)\bissue " + r"#?\d"): "say what the matter is, not its number",
}
WIDTH = 110


def problems():
    for path in tree.files(*PATTERNS):
        whole = (tree.SOURCE / path).read_text(encoding="utf-8")
        if whole and not whole.endswith("\n"):
            yield f"{path}: no newline at the end of the file"
        is_code = path.suffix in (".cpp", ".hpp")
        for number, line in tree.lines(path):
            if line != line.rstrip():
                yield f"{path}:{number}: blanks at the end of the line"
            if "\t" in line:
                yield f"{path}:{number}: a tab"
            if is_code and len(line) > WIDTH:
                yield f"{path}:{number}: {len(line)} columns, more than {WIDTH}"
            for pattern, reason in BANNED.items():
                if pattern.search(line):
                    yield f"{path}:{number}: '{pattern.search(line)[0]}': {reason}"


tree.finish(list(problems()))
