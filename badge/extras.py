"""What the base install leaves out: which extra brings a library, and the line that brings it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec

from badge.errors import InputError

PACKAGE = "badge-simulator"

# The library as it is imported, and the extra that brings it.
EXTRAS = {
    "notecard": "hil",
    "periphery": "hil",
    "serial": "hil",
    "bleak": "hil",
    "dbus_fast": "hil",
    "filelock": "hil",
    "fastkml": "tracks",
    "fitdecode": "tracks",
    "h3": "platforms",
    "cffi": "core",
    "numpy": "simulate",
    "shapely": "simulate",
    "yaml": "simulate",
    "holidays": "simulate",
    "httptools": "simulate",
    "uvloop": "simulate",
    "hdrh": "load",
    "dask": "dask",
    "distributed": "dask",
    "fsspec": "dask",
    "mcap": "export",
    "perfetto": "export",
    "jsonata": "notehub",
    "scipy": "plots",
    "matplotlib": "plots",
    "pyarrow": "parquet",
    "psycopg": "postgres",
    "sqlalchemy": "sql",
    "duckdb": "duckdb",
    "locust": "locust",
    "gevent": "locust",
    "mcp": "mcp",
    "mcp_types": "mcp",
    "anyio": "mcp",
    "opentelemetry": "telemetry",
}

# What an extra is for, in the order in which a reader meets them.
PURPOSES = {
    "simulate": "crews on a site: simulate, scenario, demo, the virtual world",
    "hil": "real hardware and virtual Bluetooth: run, probe, judge, gate, air",
    "tracks": "walks as KML and FIT",
    "platforms": "GroupLink's cells: its webhooks in simulate, listen and send",
    "notehub": "JSONata of a Notehub's routes: notecard and notehub",
    "core": "the badge in C: judge --core, powercut --core",
    "load": "percentiles of load",
    "view": "the site's map in the browser: view",
    "export": "runs and recordings for other programs' tools: export",
    "dask": "seasons on a Dask cluster: simulate",
    "plots": "pictures: power --plot, gate --plot",
    "parquet": "runs and stores as Parquet",
    "postgres": "PostgreSQL stores: reconcile",
    "sql": "stores of other SQL servers: reconcile",
    "locust": "a run's badges as users of Locust",
    "duckdb": "DuckDB stores, and data sets of many parts: reconcile",
    "telemetry": "traces and metrics by OTLP: serve, load, simulate, run",
    "mcp": "commands as tools for an AI assistant: mcp",
}
MAINTAINERS = ("test", "docs", "lint", "mutation", "bench", "clients", "world")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_OF_SYSTEM = re.compile(r"""sys_platform\s*([!=]=)\s*["'](\w+)["']""")
_OF_EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)["']""")


def extra_of(module: str | None) -> str | None:
    """Return the extra that brings a module; None for one that no extra brings."""
    return EXTRAS.get((module or "").partition(".")[0])


def line_of(extra: str) -> str:
    """Return the line that brings an extra, for an installed package and for a clone."""
    return f"pip install '{PACKAGE}[{extra}]', or in a clone: pip install -e '.[{extra}]'"


def lacking(module: str, what: str = "this command") -> str:
    """Say in one sentence what a library is needed for, and how it comes."""
    name = module.partition(".")[0]
    extra = extra_of(name)
    return f"{what} needs {name}" + (f": {line_of(extra)}" if extra else "")


def require(*modules: str, what: str = "this command") -> None:
    """Raise InputError, with the line that brings it, for the first module that is missing."""
    for module in modules:
        if find_spec(module) is None:
            raise InputError(lacking(module, what))


def requirements(extra: str) -> Iterator[str]:
    """Yield the distributions that an extra brings, those of the extras within it too."""
    for line in metadata.requires(PACKAGE) or ():
        wanted, _, marker = line.partition(";")
        of = _OF_EXTRA.search(marker)
        found = _NAME.match(wanted)
        if of is None or of[1] != extra or found is None:
            continue
        system = _OF_SYSTEM.search(marker)
        if system is not None and (sys.platform == system[2]) != (system[1] == "=="):
            continue  # it is not for this system
        if found[0] != PACKAGE:
            yield found[0]
            continue
        inner = re.search(r"\[([^\]]+)\]", wanted)
        for one in inner[1].split(",") if inner else ():
            yield from requirements(one.strip())


def installed(distribution: str) -> str | None:
    """Return the version of a distribution that is installed; None if it is not."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
