"""A badge's queue that remembers, beside each event, what really happened to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from badge.effects import Effect
from badge.entry import Entry
from badge.storage.memory import MemoryStore
from badge.storage.store import State
from sim.engine.clock import Clock


@dataclass(slots=True)
class EventRow:
    """An event, when it really happened, who wore the badge, and what became of it."""

    entry: Entry
    ms: int
    worker_id: str | None
    arrived: bool = False
    why: str | None = None


class TruthStore(MemoryStore):
    """A `MemoryStore` with a row for every event ever logged.

    `settled` rows are final as soon as no upload is under way any more.

    An event is delivered when the cloud has accepted it, whether or not the badge got to know.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._open: list[EventRow] = []
        self.settled: list[EventRow] = []

    @property
    def boot_age_ms(self) -> int:
        """The lifetime clock at the last boot."""
        return self.state.boot_age_ms

    def append(self, entry: Entry, state: State) -> Sequence[Effect]:
        """Keep the event; whoever falls off the full queue is overflowed."""
        worker_id = entry.payload.get("worker_id") or state.worker_id
        self._open.append(EventRow(entry, self._clock.now_ms, worker_id))
        floor = self.queue.floor
        super().append(entry, state)
        if self.queue.floor != floor:
            self._close(self.queue.floor, "overflowed", {})
        return ()

    def settle(self, through: int, rejected: Mapping[int, str]) -> Sequence[Effect]:
        """Release events: accepted, or refused for good."""
        super().settle(through, rejected)
        self._close(through, None, rejected)
        return ()

    def arrive(self, first: int, last: int, rejected: Mapping[int, str]) -> None:
        """The cloud has accepted a batch, the rejected ones excepted.

        The word may come after the badge has given an event up: then it was delivered after all.
        """
        for row in chain(self.settled, self._open):
            number = row.entry.sequence_number
            if number > last:
                break
            if number >= first and number not in rejected and row.why != "quarantined":
                row.arrived, row.why = True, None

    def finish(self, why: str) -> None:
        """The run is over: what still waits is queued, or lost with its battery."""
        if self._open:
            self._close(self._open[-1].entry.sequence_number, why, {})

    def _close(self, through: int, why: str | None, rejected: Mapping[int, str]) -> None:
        rows, done = self._open, 0
        for row in rows:
            if row.entry.sequence_number > through:
                break
            done += 1
            refused = row.entry.sequence_number in rejected
            row.arrived |= why is None and not refused
            row.why = None if row.arrived else ("quarantined" if refused else why)
        self.settled += rows[:done]
        del rows[:done]
