"""The reference ingest API of contract section 4, on SQLite.

Layers, each usable alone: `store` keeps, `api` decides (no HTTP, no threads), `http` speaks,
`launch_ingest` runs it inside a test, `badge serve` is the command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from sim.ingest.api.ingest import Ingest, Rules
    from sim.ingest.launch import launch_ingest
    from sim.ingest.store.sqlite import SqliteStore

__all__ = ["Ingest", "Rules", "SqliteStore", "launch_ingest"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Ingest": "sim.ingest.api.ingest",
        "Rules": "sim.ingest.api.ingest",
        "SqliteStore": "sim.ingest.store.sqlite",
        "launch_ingest": "sim.ingest.launch",
    },
)
