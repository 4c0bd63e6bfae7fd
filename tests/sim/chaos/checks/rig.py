"""A journal on a chip whose every step is shown to the checks, and small lies about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from badge.config import BadgeConfig
from badge.contract.events import EventType
from badge.entry import Entry
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.store import State
from sim.chaos.checks.journal import Checks
from sim.engine.flash import FlashChip
from sim.engine.promises import PROMISES, BrokenPromiseError

CONFIG = BadgeConfig(device_id="ACT-00000001")


class Life:
    """A journal on a chip whose every step is shown to the checks."""

    def __init__(self) -> None:
        self.chip = FlashChip(Geometry(ring_pages=8))
        self.stored: set[int] = set()
        self.refused: set[int] = set()
        self.checks = Checks(CONFIG.device_id, self.stored, self.refused)
        self.boot()

    def boot(self, lie: Callable[[FlashJournal], None] = lambda journal: None) -> None:
        self.journal = FlashJournal(self.chip, self.chip.geometry)
        found = self.journal.recover()
        lie(self.journal)
        self.checks.recovered(self.journal, found)
        self.perform(found.effects)
        self.log("reboot")

    def perform(self, effects: tuple[object, ...]) -> None:
        for effect in effects:
            self.chip.perform(effect)  # type: ignore[arg-type]

    def log(self, kind: EventType = "upload_heartbeat") -> Entry:
        entry = Entry(self.journal.queue.next_sequence, kind, {}, "0.1.0", 0, 1_773_470_820_000)
        self.perform(tuple(self.journal.append(entry, State())))
        self.checks.logged(entry)
        self.checks.finished(self.journal, CONFIG)
        return entry

    def settle(self, through: int) -> None:
        self.perform(tuple(self.journal.settle(through, {})))
        self.checks.finished(self.journal, CONFIG)


def broken(promise: str) -> Any:
    assert promise in PROMISES
    return pytest.raises(BrokenPromiseError, match=f"^{promise} ")
