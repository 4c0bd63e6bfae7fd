"""Where events wait until they are acknowledged: the protocol, its state, and the queue."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from badge.effects import Effect
from badge.entry import Entry


@dataclass(frozen=True, slots=True)
class State:
    """What a badge must know after a reboot, besides its events (contract section 3)."""

    boot_age_ms: int = 0
    worker_id: str | None = None
    shift_started_age_ms: int = 0
    low_armed: bool = True
    critical_armed: bool = True
    installed_version: str = ""
    running_version: str = ""
    previous_version: str = ""
    ota_until_age_ms: int = 0


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An event that the cloud refused, and why: kept and counted, never sent again."""

    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a store found at boot: `lost` numbers cannot be repaired, `unfinished` ones belong to
    appends that never returned.  `unreadable` ones may have been used in flash that is garbage:
    they are never given again, and which of them were is not known.
    """

    effects: tuple[Effect, ...] = ()
    lost: tuple[tuple[int, int], ...] = ()
    unfinished: tuple[int, ...] = ()
    unreadable: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Queue:
    """The events that wait, oldest first, and the law of what leaves them.

    `floor` is the highest settled number: all up to it are acknowledged, dropped or quarantined.
    """

    queue_max: int = 2000
    quarantine_max: int = 100
    entries: deque[Entry] = field(default_factory=deque)
    quarantined: list[Quarantined] = field(default_factory=list)
    next_sequence: int = 1
    floor: int = 0
    overflow_count: int = 0
    quarantine_count: int = 0

    def drop_oldest(self) -> Entry:
        """Give up the oldest event: the queue is full (contract section 3, overflow)."""
        entry = self.entries.popleft()
        self.floor = entry.sequence_number
        self.overflow_count += 1
        return entry

    def settle(self, through: int, rejected: Mapping[int, str]) -> list[Entry]:
        """Release all events up to a number; the rejected ones go to quarantine.

        Returns what may be forgotten: the released, and what quarantine had no room for.
        """
        gone: list[Entry] = []
        while self.entries and self.entries[0].sequence_number <= through:
            entry = self.entries.popleft()
            reason = rejected.get(entry.sequence_number)
            if reason is None:
                gone.append(entry)
            else:
                self.quarantined.append(Quarantined(entry, reason))
                self.quarantine_count += 1
        # An answer may come twice; what is settled stays settled.
        self.floor = max(self.floor, through)
        # The oldest refusal goes: kept and counted is promised of the count for ever.
        while len(self.quarantined) > self.quarantine_max:
            gone.append(self.quarantined.pop(0).entry)
        return gone

    def stamp(self, offset_ms: int) -> list[Entry]:
        """Give the time of day to the events that lack it; return those, oldest first."""
        stamped = [entry for entry in self.entries if entry.unix_ms is None]
        for entry in stamped:
            entry.unix_ms = entry.age_ms + offset_ms
        return stamped


class Store(Protocol):
    """A queue that survives.  Whatever a method returns is to be done, in order, at once."""

    queue: Queue
    state: State
    age_ms: int

    @property
    def config_document(self) -> Mapping[str, Any] | None:
        """The configuration that was kept last, or None."""

    def recover(self) -> Recovered:
        """Forget RAM and read what survived; called at every boot."""

    def append(self, entry: Entry, state: State) -> Sequence[Effect]:
        """Keep an event whose number is `queue.next_sequence`, and the state, in one step."""

    def save_state(self, state: State) -> Sequence[Effect]:
        """Keep a state that changed without an event."""

    def save_age(self, age_ms: int) -> Sequence[Effect]:
        """Keep the lifetime clock."""

    def save_config(self, document: Mapping[str, Any]) -> Sequence[Effect]:
        """Keep a whole configuration, in one step."""

    def stamp(self, offset_ms: int) -> tuple[Sequence[Effect], list[Entry]]:
        """Stamp the events that lack their time of day; return those too."""

    def settle(self, through: int, rejected: Mapping[int, str]) -> Sequence[Effect]:
        """Release all events up to a number, the rejected ones to quarantine."""

    def mend(self, address: int) -> Sequence[Effect]:
        """Write again, elsewhere, what did not read back at this address."""
