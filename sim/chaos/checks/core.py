"""What is known of one badge whose core is somebody's own: what its backend and its wires see."""

from __future__ import annotations

from typing import Any

from badge.config import BadgeConfig
from badge.effects import Effect, Logged, Notice, Upload
from badge.entry import Entry
from badge.storage.journal import FlashJournal
from badge.storage.store import Queue
from sim.chaos.checks.journal import Checks
from sim.chaos.checks.patience import Patience


class CoreChecks(Checks):
    """Promises that need no look into the core; methods raise BrokenPromiseError.

    An event is known once its `Logged` was performed; of a step that was cut it may be there.
    """

    def __init__(self, device_id: str, stored: set[int], refused: set[int]) -> None:
        super().__init__(device_id, stored, refused)
        self._maybe_entries: dict[int, list[Entry]] = {}

    def begins(self, effects: list[Effect]) -> None:
        """A step is about to be performed, or cut."""
        for effect in effects:
            if isinstance(effect, Logged):
                number = effect.entry.sequence_number
                self._maybe_entries.setdefault(number, []).append(effect.entry)
            elif isinstance(effect, Notice) and effect.about == "overflow":
                self.dropped.update(effect.sequence_numbers)

    def logged(self, entry: Entry) -> None:
        """An event is said to be durable and complete."""
        number = entry.sequence_number
        if entry.unix_ms is None:
            raise self.broken("contract", f"event {number} has no time of day")
        if number in self.events:
            raise self.broken("J1", f"number {number} is logged a second time")
        self._know(entry)

    def _know(self, entry: Entry) -> None:
        assert entry.unix_ms is not None
        self.events[entry.sequence_number] = entry
        self.unix_ms[entry.sequence_number] = entry.unix_ms

    def sent(self, events: list[dict[str, Any]]) -> None:
        """Check a batch that is about to leave; what a cut had hidden becomes known by it."""
        for event in events:
            number = event["sequence_number"]
            for entry in self._maybe_entries.get(number, ()):
                if number not in self.events and entry.event(self.device_id) == event:
                    self._know(entry)
            if number not in self.events:
                raise self.broken("J8", f"event {number} leaves and was never logged: {event}")
            logged = self.events[number].event(self.device_id)
            if logged != event:
                raise self.broken("J3", f"event {number} leaves as {event}, logged was {logged}")

    def settle(self) -> None:
        """See what was logged and is neither stored, nor refused, nor told to be given up."""
        gone = self._stored | self._refused | self.dropped
        self.alive = {n: entry for n, entry in self.events.items() if n not in gone}

    # What looks into the core has nothing to look at.

    def is_sure(self, number: int) -> bool:
        """A batch is checked as a whole, by `sent`."""
        return True

    def is_settled(self, number: int) -> bool:
        """Whether the cloud's word came is not seen from here."""
        return False

    def finished(self, store: FlashJournal, config: BadgeConfig) -> bool:
        """A step was performed to the end."""
        return False

    def fell(self, store: FlashJournal) -> None:
        """Power fell in the middle of a step: its effects may have been performed."""

    def stopped(self) -> None:
        """Power fell between two steps."""


class CorePatience(Patience):
    """Requests keep their distance, their size and the order of their events."""

    def __init__(self, checks: CoreChecks) -> None:
        super().__init__(checks)
        self._known = checks

    def _check_batch(self, upload: Upload, queue: Queue, config: BadgeConfig) -> None:
        events = self._events(upload, config)
        numbers = [event["sequence_number"] for event in events]
        if numbers != sorted(set(numbers)):
            raise self._known.broken("order", f"{numbers[:5]}… leave in another order")
        self._known.sent(events)
