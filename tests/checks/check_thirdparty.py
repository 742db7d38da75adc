#!/usr/bin/env python3
"""One outside library, one room: each foreign header is seen only where this table says."""
import fnmatch
import re

import tree

# header, shell pattern -> files that may include it, shell patterns
SEEN_BY = {
    "pcap*": ["libcore/capture/*"],
    "zstd*.h": ["libcore/capture/*"],
    "zlib.h": ["libcore/capture/*", "libcore/hep/*", "libcore/select/*", "libcore/sink/clickhouse*"],
    "openssl/*": ["libcore/sip/topoh.cpp", "libcore/net/tls*", "libcore/collect/auth_keys.cpp"],
    "tins/*": ["libcore/dissect/*"],
    "simdjson*": ["libcore/record/*"],
    "xxhash.h": ["libcore/record/*", "libcore/load/*"],
    "re2/*": ["libcore/select/*"],
    "sqlite3*.h": ["libcore/sink/sqlite*"],
    "mysql.h": ["libcore/sink/mariadb*"],
    "libpq-fe.h": ["libcore/sink/postgres*"],
    "sql*.h": ["libcore/sink/odbc*", "libcore/sink/sqlite*"],
    "curl/*": ["libcore/sink/clickhouse*"],
    "CLI/*": ["libcore/cli/*", "tools/*"],
    "toml++/*": ["libcore/cli/*", "tools/*"],
    "microhttpd.h": ["libcore/control/*"],
    "nlohmann/*": ["libcore/record/*", "libcore/report/*", "libcore/control/*", "libcore/cli/*", "tools/*"],
    "seccomp.h": ["libcore/control/sandbox.cpp"],
    "doctest/*": [],
    "fmt/*": ["libcore/*", "tools/*"],
}
# What the compiler and the system bring: <vector>, <sys/socket.h>, <unistd.h> …
SYSTEM = re.compile(r"[a-z_]+|(sys|netinet|arpa|net|linux)/[a-z_0-9]+\.h|[a-z_0-9]+intrin\.h|arm_neon\.h|"
                    r"(unistd|fcntl|poll|signal|spawn|time|grp|pwd|endian|cpuid|features|netdb|strings|getopt|termios|dirent|pthread|glob)\.h")


def problems():
    for path in tree.files("libcore/**/*.?pp", "tools/*.?pp"):
        for number, line in tree.lines(path):
            include = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            if not include:
                continue
            rows = [row for row in SEEN_BY if fnmatch.fnmatchcase(include[1], row)]
            if not rows:
                if not SYSTEM.fullmatch(include[1]):
                    yield f"{path}:{number}: <{include[1]}> is in no row of tests/checks/check_thirdparty.py"
            elif not any(fnmatch.fnmatchcase(str(path), place) for row in rows for place in SEEN_BY[row]):
                places = ", ".join(place for row in rows for place in SEEN_BY[row]) or "tests"
                yield f"{path}:{number}: <{include[1]}> belongs to {places}"


tree.finish(list(problems()))
