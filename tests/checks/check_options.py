#!/usr/bin/env python3
"""Options do not drift: what --help lists is in the page and in the completions for bash, zsh and fish, and nothing
else is."""
import re
import subprocess

import tree


def of_help(tool):
    text = subprocess.run([str(tree.BUILD / tool), "--help"], capture_output=True, text=True, check=True).stdout
    heads = [re.split(r"\s{2,}|\n", line.strip())[0] for line in text.splitlines() if re.match(r"\s+-", line)]
    return {option for head in heads for option in re.findall(r"--([a-z][a-z0-9-]*)", head)}


def of_page(text):
    """The options of the list items; an option that prose mentions may be another tool's."""
    items = [line for line in text.splitlines() if line.startswith(".It ")]
    return {option for line in items for option in re.findall(r"\bFl -([a-z][a-z0-9-]*)", line)}


def of_words(text):
    code = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return set(re.findall(r"(?<![\w-])--([a-z][a-z0-9-]*)", code))


def of_fish(text):
    lines = [line.split(" -d ")[0] for line in text.splitlines() if line.startswith("complete ")]
    return {option for line in lines for option in re.findall(r" -l ([a-z][a-z0-9-]*)", line)}


def problems():
    for tool in tree.TOOLS:
        listed = of_help(tool)
        if not listed:
            yield f"{tool} --help: no option could be found in it"
        for path, reader in ((f"man/{tool}.1", of_page), (f"completions/bash/{tool}", of_words),
                             (f"completions/zsh/_{tool}", of_words), (f"completions/fish/{tool}.fish", of_fish)):
            place = (tree.BUILD if path.startswith("man/") else tree.SOURCE) / path
            if not place.exists():
                yield f"{path}: there is no such file"
                continue
            present = reader(place.read_text(encoding="utf-8"))
            for option in sorted(listed - present):
                yield f"{path}: --{option} of {tool} --help is missing"
            for option in sorted(present - listed):
                yield f"{path}: --{option} is not in {tool} --help"


if not tree.TOOLS:
    tree.skip("there are no tools yet")
tree.finish(list(problems()))
