"""Data sources of ODBC in a directory of their own: the drivers of SQLite and PostgreSQL as Debian has them."""
import os
import pathlib

DRIVERS = {"SQLite": "libsqlite3odbc.so", "PostgreSQL": "psqlodbcw.so"}


def driver(name):
    """The path of the driver's library, or None."""
    return next((str(path) for path in pathlib.Path("/usr/lib").glob(f"*/odbc/{DRIVERS[name]}")), None)


def missing(name):
    """The sentence for a test that cannot run without the driver, or nothing."""
    return None if driver(name) else f"the ODBC driver of {name} is not installed; ./dev deps --test installs it"


def environment(directory, **sources):
    """What a tool is run with to find these data sources, each a dictionary of its settings."""
    directory = pathlib.Path(directory)
    (directory / "odbc.ini").write_text("".join(
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()) + "\n"
        for name, settings in sources.items()))
    (directory / "odbcinst.ini").write_text("".join(
        f"[{name}]\nDriver = {driver(name)}\n\n" for name in DRIVERS if driver(name)))
    return {**os.environ, "ODBCSYSINI": str(directory), "ODBCINI": str(directory / "odbc.ini")}
