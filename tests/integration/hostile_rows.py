"""Records whose every text tries to be more than a text, for the tests of databases."""
import base64
import json

BASE_US = 1770000000000000
# Keys of a SIP record that are text and stand in a column of the same name.
KEYS = ["method", "reply_reason", "ruri", "ruri_user", "ruri_domain", "from_user", "from_domain", "from_tag", "to_user",
        "to_domain", "to_tag", "pid_user", "contact_user", "auth_user", "callid", "callid_aleg", "via_1", "via_1_branch",
        "cseq", "diversion", "reason", "content_type", "user_agent", "source_ip", "destination_ip", "contact_ip",
        "originator_ip", "correlation_id", "custom_field1", "custom_field2", "custom_field3", "rtp_stat", "node"]
VALUES = [
    "'); DROP TABLE sip_capture; --",
    "\"); DROP TABLE \"sip_capture\"; --",
    "\\'; DROP TABLE sip_capture; --",
    "`back` $1 $$ ? :name {table} %s %%",
    "tab\tnewline\nreturn\rbackslash\\N \\n \\0 end\\",
    "NUL\0inside",
    "\0",
    "\u00e4\u20ac\U0001F600\u202e\ufeff",
    "'" * 200,
    "\x01\x02\x1b[31m\x7f",
    "NULL",
    " blanks ",
]
PAYLOADS = [bytes(range(256)), b"\xff\xfe\x00'\\\"\n\t", b"\xc3(\xed\xa0\x80\xf5", b"x" * (1 << 20), b"\0" * 1000, b"'\\" * 5000]


def record(number, **more):
    return {"v": 1, "kind": "sip", "micro_ts": BASE_US + number * 1000, "uid": f"{number:016x}",
            "source_port": 5060, "destination_port": 5061, "transport": "udp", **more}


def records():
    """One in each of whose texts a value stands, for each value; then each payload; then a megabyte in a text."""
    number = 0
    for value in VALUES:
        number += 1
        yield record(number, **{key: value for key in KEYS}, msg="m" if "\0" in value else value)
    for payload in PAYLOADS:
        number += 1
        yield record(number, callid=f"payload{number}", msg_b64=base64.b64encode(payload).decode())
    yield record(number + 1, callid="long", user_agent="\u00e4" * (1 << 19), msg="m")


def lines(some):
    return "".join(json.dumps(r) + "\n" for r in some).encode()


def payload(wanted):
    return base64.b64decode(wanted["msg_b64"]) if "msg_b64" in wanted else wanted["msg"].encode()
