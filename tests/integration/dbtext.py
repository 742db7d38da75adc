"""Reads Kamailio's dbtext files, in code of its own."""
import pathlib

ESCAPES = {ord("n"): 10, ord("r"): 13, ord("t"): 9, ord("0"): 0, ord("\\"): 92, ord(":"): 58}


def fields(line):
    found, field, octets = [], bytearray(), iter(line)
    for octet in octets:
        if octet == 92:
            field.append(ESCAPES[next(octets)])
        elif octet == 58:
            found.append(bytes(field))
            field = bytearray()
        else:
            field.append(octet)
    return [*found, bytes(field)]


def read(directory, table="sip_capture"):
    """Rows as dictionaries of octets, in the order of their id."""
    header, *lines = pathlib.Path(directory, table).read_bytes().split(b"\n")
    assert lines.pop() == b"", "the file does not end with a line end"
    names = [column.split(b"(")[0].decode() for column in header.split(b" ")]
    rows = [dict(zip(names, fields(line), strict=True)) for line in lines]
    return sorted(rows, key=lambda row: int(row["id"]))
