"""The virtual twins of hardware and cloud: the one table by which this room finds them.

Nothing else here knows that there is a virtual world: as the `badge` command does with its
commands, a twin is loaded by its name when it is asked for, and spoken to by what it can do.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

TWINS = {
    "card": "sim.notecard.launch",
    "air": "sim.air.launch",
    "ingest": "sim.ingest.launch",
    "ingest api": "sim.ingest.api.ingest",
    "ingest store": "sim.ingest.store.sqlite",
    "clock": "sim.engine.clock",
    "pump": "sim.engine.pump",
    "flash": "sim.engine.flash",
    "ports": "sim.engine.ports",
    "adverts": "sim.world.adverts",
    "coverage": "sim.world.coverage",
    "gnss": "sim.world.gnss",
    "place": "sim.world.place",
    "radio": "sim.world.radio",
    "site": "sim.world.site",
    "streams": "sim.engine.streams",
}


def twin(name: str) -> Any:
    """Load the module of a twin; ModuleNotFoundError names a package that is not installed."""
    return import_module(TWINS[name])
