"""The table of platforms: a fourth is one more row, and the module that it names."""

from __future__ import annotations

from importlib import import_module

from badge.errors import InputError, MisuseError
from sim.platforms.kit.platform import Platform

ROWS = {
    "blecon": "sim.platforms.blecon",
    "grouplink": "sim.platforms.grouplink",
    "peridio": "sim.platforms.peridio",
}


def platform(name: str) -> Platform:
    """The platform of that name, its module imported on demand; InputError if there is none."""
    if name not in ROWS:
        raise InputError(f"platform {name!r} is unknown; choose one of {', '.join(ROWS)}")
    found = import_module(ROWS[name]).PLATFORM
    if not isinstance(found, Platform):
        raise MisuseError(f"{ROWS[name]}.PLATFORM is not a Platform")
    return found
