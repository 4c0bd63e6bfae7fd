"""Hold the log and the store against each other: two streams in the order of their keys."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

from badge.errors import InputError
from sim.reconcile.comparison.changes import Change, changes
from sim.reconcile.comparison.differences import (
    ALTERED,
    INVENTED,
    MISSING,
    OUT_OF_ORDER,
    TWICE,
    Difference,
)
from sim.reconcile.comparison.order import displaced
from sim.reconcile.comparison.rows import Held, LoggedEvent

_R = TypeVar("_R", bound=tuple[Any, ...])


@dataclass(slots=True)
class Comparison:
    """The comparison of one log with one store, and what it has counted so far."""

    with_firmware: bool = True
    badges: int = 0
    expected: int = 0
    undelivered: Counter[str] = field(default_factory=Counter)
    undelivered_held: int = 0
    held: int = 0
    intact: int = 0  # expected events of which at least one row is as logged
    expect: Callable[[LoggedEvent], None] = lambda event: None  # is told of each expected event

    def differences(
        self, logged: Iterable[LoggedEvent], held: Iterable[Held]
    ) -> Iterator[Difference]:
        """Yield all differences by device and number; those of order come after each device.

        Both inputs ascend by (device_id, sequence_number), `held` then by arrival; memory is
        bounded by the arrivals of one device.
        """
        met = joined(logged, held)
        for device_id, pairs in groupby(met, key=_device):
            arrivals, known = _Arrivals(), self.expected + self.undelivered.total()
            for event, rows in pairs:
                yield from self._judged(event, rows, arrivals)
            self.badges += self.expected + self.undelivered.total() > known
            yield from arrivals.differences(device_id)

    def _judged(
        self, event: LoggedEvent | None, rows: list[Held], arrivals: _Arrivals
    ) -> Iterator[Difference]:
        self.held += len(rows)
        if event is None:
            yield _difference(INVENTED, rows[0], note=_nature(rows[0]))
            return
        self._expect(event, rows)
        if rows:
            yield from self._compared(event, rows, arrivals)
        elif event.delivered:
            yield _difference(MISSING, event, note=_nature(event))

    def _expect(self, event: LoggedEvent, rows: list[Held]) -> None:
        if event.delivered:
            self.expected += 1
            self.expect(event)
        else:
            self.undelivered[event.undelivered_why or "unknown"] += 1
            self.undelivered_held += bool(rows)

    def _compared(
        self, event: LoggedEvent, rows: list[Held], arrivals: _Arrivals
    ) -> Iterator[Difference]:
        """The first row that is as logged counts, if there is one; all others are too many."""
        found = [changes(event, row, with_firmware=self.with_firmware) for row in rows]
        best = found.index(()) if () in found else 0
        arrivals.add(rows[best])
        if found[best]:
            yield _difference(ALTERED, event, found[best])
        else:
            self.intact += event.delivered
        for place, extra in enumerate(found):
            if place != best:
                yield _difference(TWICE, event, extra, _nature(event))


class _Arrivals:
    """When the rows of one device came, by ascending sequence number."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._arrivals = array("q")

    def add(self, row: Held) -> None:
        """Note when the row of a number came; a resend afterwards is no disorder."""
        if row.arrival is not None:
            self._numbers.append(row.sequence_number)
            self._arrivals.append(row.arrival)

    def differences(self, device_id: str) -> Iterator[Difference]:
        out = displaced(self._arrivals)
        if not out:
            return
        by_arrival = sorted(range(len(self._arrivals)), key=self._arrivals.__getitem__)
        rank = {place: rank for rank, place in enumerate(by_arrival)}
        for place in out:
            before = rank[place] - 1
            note = (
                f"came after {self._numbers[by_arrival[before]]}" if before >= 0 else "came first"
            )
            yield Difference(OUT_OF_ORDER, device_id, self._numbers[place], note=note)


def joined(
    logged: Iterable[LoggedEvent], held: Iterable[_R]
) -> Iterator[tuple[LoggedEvent | None, list[_R]]]:
    """Pair each logged event with the rows of its key, and each row without an event with None.

    Both inputs ascend by (device_id, sequence_number).  InputError if a key was logged twice.
    """
    rows = iter(held)
    row = next(rows, None)
    last = None
    for event in logged:
        key = event[:2]
        if key == last:
            raise InputError(
                f"{event.device_id} {event.sequence_number} was logged twice: a number is never "
                "given again; compare with the log of one run"
            )
        last = key
        while row is not None and row[:2] < key:
            yield None, [row]
            row = next(rows, None)
        found = []
        while row is not None and row[:2] == key:
            found.append(row)
            row = next(rows, None)
        yield event, found
    while row is not None:
        yield None, [row]
        row = next(rows, None)


def _device(pair: tuple[LoggedEvent | None, list[Held]]) -> str:
    event, rows = pair
    return event.device_id if event is not None else rows[0].device_id


def _difference(
    kind: str, row: LoggedEvent | Held, changed: tuple[Change, ...] = (), note: str = ""
) -> Difference:
    moment = row.moment if isinstance(row.moment, int) else None
    return Difference(
        kind, row.device_id, row.sequence_number, changed, note, row.event_type, moment
    )


def _nature(row: LoggedEvent | Held) -> str:
    return row.event_type or ""
