#!/usr/bin/env python3
"""Includes between rooms go down only: the table below is the law, and this check reads it to every file."""
import re

import tree

MAY_INCLUDE = {
    "base": "",
    "net": "base",
    "capture": "base",
    "dissect": "base capture",
    "hep": "base capture",
    "sip": "base",
    "record": "base hep sip",
    "select": "base record",
    "sink": "base record",
    "control": "base net",
    "report": "base record sip",
    "decode": "base capture dissect hep sip record",
    "agent": "base net capture decode hep record select control",
    "collect": "base net capture hep sip record select control",
    "load": "base record select sink control",
    "cli": "base record sip",
    "sniff": "base capture decode dissect hep record select control",
}


def problems():
    for path in tree.files("libcore/**/*"):
        room = path.parts[1]
        if room not in MAY_INCLUDE:
            yield f"{path}:1: libcore/{room} is no room; the rooms stand in tests/checks/check_layers.py"
            continue
        for number, line in tree.lines(path):
            include = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
            if not include or include[1] == "<":
                continue
            target = include[2].split("/")[0] if "/" in include[2] else None
            if target is None:
                yield f'{path}:{number}: say the room: #include "{room}/{include[2]}"'
            elif target != room and target not in MAY_INCLUDE[room].split():
                yield f"{path}:{number}: {room} may not include {target}; it may include: {MAY_INCLUDE[room] or '-'}"


tree.finish(list(problems()))
