"""What survives a loss of power: sequence numbers, the queue, the state, a pushed configuration.

A store in memory, and a journal on NOR flash whose appends outlive a cut at any byte (contract
section 3, sequence and power loss).  Both do no I/O: they hand back what is to be written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from badge.storage.geometry import Geometry
    from badge.storage.journal import FlashJournal
    from badge.storage.memory import MemoryStore, restore, snapshot
    from badge.storage.store import Store

__all__ = ["FlashJournal", "Geometry", "MemoryStore", "Store", "restore", "snapshot"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Store": "badge.storage.store",
        "MemoryStore": "badge.storage.memory",
        "snapshot": "badge.storage.memory",
        "restore": "badge.storage.memory",
        "FlashJournal": "badge.storage.journal",
        "Geometry": "badge.storage.geometry",
    },
)
