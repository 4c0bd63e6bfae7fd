"""What is known to be true of one badge, and the promises that its every step is held against.

An event is *sure* once its step, or its `Logged`, was performed: from then on nothing may lose it.
What a step was about to do when power fell is a *maybe*: the reboot finds it, or does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any

from badge.config import BadgeConfig
from badge.entry import Entry
from badge.storage.journal import FlashJournal
from badge.storage.recovery import SEQUENCE_RESERVE
from badge.storage.store import Queue, Recovered, State
from sim.chaos.checks.story import Story
from sim.engine.promises import BrokenPromiseError

_EVENT_BYTES_MAX = 1024


class Checks:
    """The truth of one badge; methods raise BrokenPromiseError.

    `stored` and `refused` are the cloud's numbers of this badge, and live.
    """

    def __init__(self, device_id: str, stored: set[int], refused: set[int]) -> None:
        self.device_id = device_id
        self._stored, self._refused = stored, refused
        self.events: dict[int, Entry] = {}
        self.alive: dict[int, Entry] = {}
        self.unix_ms: dict[int, int] = {}
        self.dropped: set[int] = set()
        self.quarantined: frozenset[int] = frozenset()
        self._story = Story(device_id)
        self._next, self._sure = 1, 0
        self._floor = self._overflow = self._quarantines = self._age_ms = 0
        self._state: State | None = None
        self._config: Mapping[str, Any] | None = None
        # What the steps since the last finished one may have done.
        self._maybe: dict[int, list[Entry]] = defaultdict(list)
        self._attempted = self._losses = 0
        self._floor_maybe = self._overflow_maybe = 0
        self._quarantined_maybe: frozenset[int] = frozenset()
        self._config_maybe: Mapping[str, Any] | None = None
        self._torn = False
        # What this boot has found, and what this step has logged.
        self._pending: dict[int, Entry] = {}
        self._found_ms: dict[int, int] = {}
        self._logged: dict[int, Entry] = {}
        self._just_booted = False

    def broken(self, promise: str, seen: str) -> BrokenPromiseError:
        """Return the error of a broken promise."""
        return BrokenPromiseError(promise, seen, self.device_id)

    def knows_tags(self, macs: Iterable[str]) -> None:
        """A configuration with these tags is in force: others are forgotten silently."""
        self._story.knows_tags(macs)

    # During a step.

    def logged(self, entry: Entry) -> None:
        """An event is said to be durable and complete."""
        if entry.unix_ms is None:
            raise self.broken("contract", f"event {entry.sequence_number} has no time of day")
        number = entry.sequence_number
        if number in self.unix_ms or number in self._logged:
            raise self.broken("J1", f"number {number} is logged a second time")
        self._logged[number] = entry

    def is_sure(self, number: int) -> bool:
        """Tell whether an event may leave the badge: sure, with its time, and not settled."""
        return number in self._logged or (number in self.alive and number in self.unix_ms)

    def is_settled(self, number: int) -> bool:
        """Tell whether an event was acknowledged, refused or given up for sure."""
        return number <= self._floor

    def overflows_in_step(self, queue: Queue) -> int:
        """Return how many events this step has given up so far."""
        return queue.overflow_count - self._overflow

    def _note_times(self) -> None:
        for number, entry in self._logged.items():
            assert entry.unix_ms is not None
            self.unix_ms[number] = entry.unix_ms
        self._logged.clear()

    # After a step.

    def finished(self, store: FlashJournal, config: BadgeConfig) -> bool:
        """Check a step that was performed to the end; tell whether it logged anything."""
        queue, booted = store.queue, self._just_booted
        fresh = queue.next_sequence != self._next or bool(self._pending)
        if fresh:
            self._take_in(queue)
        if self._logged:
            self._note_times()
        if booted or queue.quarantine_count != self._quarantines:
            self._check_quarantine(queue)
        if queue.floor != self._floor:
            self._settle(store, config, booted=booted)
        elif queue.overflow_count != self._overflow:
            raise self.broken("overflow", "an overflow is counted, but nothing was given up")
        self._overflow, self._floor = queue.overflow_count, queue.floor
        self._age_ms, self._state = store.age_ms, store.state
        self._config = store.config_document
        self._attempted, self._losses = self._next - 1, 0
        if self._torn:
            self._torn = False
            self._maybe.clear()
        return fresh

    def _take_in(self, queue: Queue) -> None:
        for number in sorted(self._pending):
            self._admit(self._pending[number])
        self._pending = {}
        new = list(
            takewhile(lambda entry: entry.sequence_number >= self._next, reversed(queue.entries))
        )
        if self._just_booted:
            self._just_booted = False
            self.unix_ms |= self._found_ms
            if not new or new[-1].event_type != "reboot":
                raise self.broken("contract", "the first event of a boot is no reboot")
        for entry in reversed(new):
            self._admit(entry)
        expected = range(max(self._next, queue.floor + 1), queue.next_sequence)
        if len(new) != len(expected):
            raise self.broken("J2", f"numbers {expected} were issued, {len(new)} events wait")
        self._next = queue.next_sequence

    def _admit(self, entry: Entry) -> None:
        number = entry.sequence_number
        known = self.events.get(number)
        if known is not None and known is not entry:
            raise self.broken("J1", f"number {number} is issued a second time")
        if known is None:
            self.events[number] = self.alive[number] = entry
            self._sure = number
            self._story.goes_on(entry)

    def _check_quarantine(self, queue: Queue) -> None:
        self._quarantines = queue.quarantine_count
        self.quarantined = _numbers(queue)
        if strangers := sorted(self.quarantined - self._refused):
            raise self.broken("quarantine", f"{strangers[:5]} are in it and were never refused")

    def _settle(self, store: FlashJournal, config: BadgeConfig, *, booted: bool) -> None:
        queue = store.queue
        if queue.floor < self._floor:
            raise self.broken("J2", f"the floor fell from {self._floor} to {queue.floor}")
        given_up = self._given_up(queue.floor, self.quarantined, config.quarantine_events_max)
        count = queue.overflow_count - self._overflow
        self._count_losses(given_up, count)
        self.dropped.update(given_up)
        for number in [*takewhile(lambda number: number <= queue.floor, self.alive)]:
            del self.alive[number]
        if count and not booted and not _is_full(store, config):
            waiting = len(queue.entries)
            raise self.broken("overflow", f"{count} events given up while {waiting} were waiting")

    def _given_up(self, through: int, quarantined: frozenset[int], room: int) -> list[int]:
        """Return what is settled, and neither the store nor a quarantine of that room has."""
        return [
            number
            for number in takewhile(lambda number: number <= through, self.alive)
            if number not in self._stored
            and number not in quarantined
            and not (number in self._refused and len(quarantined) >= room)
        ]

    def _count_losses(self, given_up: list[int], count: int) -> None:
        if len(given_up) > count:
            promise = "overflow" if count else "stored"
            raise self.broken(promise, f"{given_up[:5]} are released, the store lacks them")

    # When power falls, and afterwards.

    def fell(self, store: FlashJournal) -> None:
        """Note what the step that was cut may have done."""
        queue = store.queue
        if not self._torn:
            self._floor_maybe = self._overflow_maybe = 0
            self._quarantined_maybe = frozenset()
        self._torn = True
        self._losses += 1
        for entry in self._logged.values():
            if entry.sequence_number not in self.events:
                self._admit(entry)
                self._pending.pop(entry.sequence_number, None)
        self._note_times()
        new = takewhile(lambda entry: entry.sequence_number > self._sure, reversed(queue.entries))
        for entry in new:
            self._maybe[entry.sequence_number].append(entry)
        self._pending = {}
        self._attempted = max(self._attempted, queue.next_sequence - 1)
        self._floor_maybe = max(self._floor_maybe, queue.floor)
        self._overflow_maybe = max(self._overflow_maybe, queue.overflow_count)
        self._quarantined_maybe |= _numbers(queue)
        self._config_maybe = store.config_document

    def stopped(self) -> None:
        """Power fell between two steps: everything is as it was."""
        self._losses += 1
        self._pending = {}

    def recovered(self, store: FlashJournal, found: Recovered) -> None:
        """Check what a boot found in flash, before it does anything."""
        queue = store.queue
        if found.lost:
            raise self.broken("J3", f"recovery reports {list(found.lost)} as lost")
        self._check_numbers(queue)
        self._check_floor(queue)
        self._check_waiting(queue)
        self._check_saved(store)
        self._just_booted = True
        self._next = queue.next_sequence

    def _check_numbers(self, queue: Queue) -> None:
        following = queue.next_sequence
        if following <= self._sure:
            raise self.broken("J1", f"{following} would be issued again, {self._sure} was sure")
        most = self._attempted + 1 + self._losses * SEQUENCE_RESERVE
        if following > most:
            raise self.broken("J2", f"the next number is {following}, it may be {most} at most")

    def _check_floor(self, queue: Queue) -> None:
        highest = max(self._floor, self._floor_maybe if self._torn else 0)
        if not self._floor <= queue.floor <= highest:
            seen = f"the floor is {queue.floor}, it was {self._floor} to {highest}"
            raise self.broken("state", seen)
        counted = max(self._overflow, self._overflow_maybe if self._torn else 0)
        if not self._overflow <= queue.overflow_count <= counted:
            seen = f"{queue.overflow_count} overflows, there were {self._overflow} to {counted}"
            raise self.broken("overflow", seen)
        quarantined = _numbers(queue)
        # What quarantine had no room for may come back at a boot, until it is overwritten.
        if not self._torn and (missing := sorted(self.quarantined - quarantined)):
            raise self.broken("quarantine", f"{missing[:5]} are gone after the reboot")
        if strangers := quarantined - self._refused:
            raise self.broken("quarantine", f"{sorted(strangers)[:5]} were never refused")
        given_up = self._given_up(queue.floor, quarantined, 0)
        self._count_losses(given_up, queue.overflow_count - self._overflow)

    def _check_waiting(self, queue: Queue) -> None:
        missing = {number: e for number, e in self.alive.items() if number > queue.floor}
        self._pending, self._found_ms = {}, {}
        for entry in queue.entries:
            number = entry.sequence_number
            known = missing.pop(number, None)
            candidates: Iterable[Entry] = self._maybe.get(number, ()) if known is None else (known,)
            if not any(_is_same(entry, candidate) for candidate in candidates):
                promise, how = ("J8", "was never logged") if known is None else ("J3", "changed")
                raise self.broken(promise, f"event {number} {how}: {entry}")
            known_ms = self.unix_ms.get(number)
            if known_ms is not None and entry.unix_ms != known_ms:
                raise self.broken("J3", f"event {number} has another time of day: {entry}")
            if known is None:
                self._pending[number] = entry
            if known_ms is None and entry.unix_ms is not None:
                self._found_ms[number] = entry.unix_ms
        if missing:
            raise self.broken("J3", f"{list(missing)[:5]} are gone after the reboot")

    def _check_saved(self, store: FlashJournal) -> None:
        if store.age_ms < self._age_ms:
            raise self.broken("state", f"lifetime clock fell: {self._age_ms} to {store.age_ms} ms")
        known = [self._config, self._config_maybe] if self._torn else [self._config]
        if store.config_document not in known:
            raise self.broken("config", "the pushed configuration is not what was saved")
        if not self._torn and self._state is not None and store.state != self._state:
            raise self.broken("state", f"{store.state} was saved as {self._state}")


def _is_same(entry: Entry, known: Entry) -> bool:
    return (
        entry.event_type == known.event_type
        and entry.age_ms == known.age_ms
        and entry.firmware_version == known.firmware_version
        and entry.payload == known.payload
    )


def _numbers(queue: Queue) -> frozenset[int]:
    return frozenset(item.entry.sequence_number for item in queue.quarantined)


def _is_full(store: FlashJournal, config: BadgeConfig) -> bool:
    """Tell whether the queue had reached its limit, in events or in bytes of flash."""
    if len(store.queue.entries) >= config.queue_events_max:
        return True
    return store.is_full(_EVENT_BYTES_MAX)
