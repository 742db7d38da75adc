#!/usr/bin/env python3
"""The pages of the formats say what the program knows: hepcap-record(5) has every key of `hepcap-decode --schema` with
its type and its sentence, in the same order, and no other; hepcap-tables(5) has every column of sql/ with its type."""
import json
import re
import subprocess

import tree


DIALECT_OF_PAGE = "sqlite"


def plain(text):
    """Text of mdoc without its escapes."""
    for escape, character in ((r"\e", "\\"), (r"\(dq", '"'), (r"\&", "")):
        text = text.replace(escape, character)
    return text


def section(page, name):
    found = re.search(rf"^\.Sh {name}$(.*?)(?=^\.Sh |\Z)", page, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def type_word(schema):
    """A type as the page writes it."""
    if schema.get("type") != "array":
        return schema.get("type", "any JSON")
    return {"string": "array of strings", "object": "array of objects",
            "array": "array of pairs of strings"}[schema["items"]["type"]]


def record_problems(page, schema):
    items = re.findall(r"^\.It Li (\w+) Pq (.+)\n((?:[^.\n].*\n)*)", section(page, "KEYS"), re.MULTILINE)
    keys = [name for name, _, _ in items]
    known = list(schema["properties"])
    yield from (f"--schema has the key '{key}', the page has not" for key in known if key not in keys)
    yield from (f"the page has the key '{key}', --schema has not" for key in keys if key not in known)
    if sorted(keys) == sorted(known) and keys != known:
        yield "the keys stand in another order than in --schema"
    for name, type_name, text in items:
        if name not in known:
            continue
        key = schema["properties"][name]
        if type_name != type_word(key):
            yield f"'{name}' is {type_word(key)}, not {type_name}"
        said = " ".join(plain(text).split())
        if said.lower() != key["description"].lower() + ".":
            yield f"'{name}' says '{said}', --schema says '{key['description']}'"


def columns_of_sql(text):
    return re.findall(r'^    "?(\w+)"? ((?!KEY)[A-Za-z]+(?:\(\d+\))?)', text, re.MULTILINE)


def in_words_of_page(columns, shown):
    """Columns of another dialect: what is no varchar there has a type of its own, rows may number themselves, and msg_b64
    stands behind uid."""
    types = dict(shown)
    found = [(name, kind if kind.startswith("varchar") else types.get(name, kind)) for name, kind in columns if name != "msg_b64"]
    return found if not found or found[0][0] == "id" else [("id", types.get("id", "")), *found]


def table_problems(page):
    shown = {head: re.findall(r"^\.It Li (\w+) Ta (\S+) Ta ", body, re.MULTILINE) for head, body in
             re.findall(r"^\.Ss ([^\n]+)\n(.*?)(?=^\.S[sh] |\Z)", page, re.MULTILINE | re.DOTALL)}
    for file, head in (("sip_capture", "sip_capture"),
                       ("report_capture", "rtcp_capture, report_capture, logs_capture")):
        for path in sorted(tree.SOURCE.glob(f"sql/*/{file}.sql")):
            real = columns_of_sql(path.read_text(encoding="utf-8"))
            name = path.relative_to(tree.SOURCE)
            if path.parent.name != DIALECT_OF_PAGE:
                real = in_words_of_page(real, shown.get(head, []))
            if not real:
                yield f"no column could be found in {name}"
            for column in [c for c in real if c not in shown.get(head, [])]:
                yield f"{name} has the column {' '.join(column)}, the page has not"
            for column in [c for c in shown.get(head, []) if c not in real]:
                yield f"the page has the column {' '.join(column)}, {name} has not"


if not (tree.BUILD / "hepcap-decode").exists():
    tree.skip("hepcap-decode is not built")
pages = {name: tree.BUILD / "man" / name for name in ("hepcap-record.5", "hepcap-tables.5")}
problems = [f"man/{name}: there is no such page" for name, path in pages.items() if not path.exists()]
if not problems:
    schema = json.loads(subprocess.run([str(tree.BUILD / "hepcap-decode"), "--schema"], capture_output=True, text=True,
                                       check=True).stdout)
    texts = {name: path.read_text(encoding="utf-8") for name, path in pages.items()}
    problems += [f"man/hepcap-record.5: {text}" for text in record_problems(texts["hepcap-record.5"], schema)]
    problems += [f"man/hepcap-tables.5: {text}" for text in table_problems(texts["hepcap-tables.5"])]
tree.finish(problems)
