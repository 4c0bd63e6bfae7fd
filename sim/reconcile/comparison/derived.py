"""How right a backend's conclusions are: the parcel and the worker of each event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sim.reconcile.comparison.changes import Change
from sim.reconcile.comparison.differences import PARCEL, WORKER, Difference
from sim.reconcile.comparison.join import joined
from sim.reconcile.comparison.rows import LoggedEvent


class Concluded(NamedTuple):
    """A row of a store's canonical_events."""

    device_id: str
    sequence_number: int
    parcel_id: str | None
    worker_id: str | None


@dataclass(slots=True)
class Score:
    """How often something is true, how often a backend says so, and how often both agree."""

    true: int = 0
    held: int = 0
    right: int = 0

    @property
    def precision(self) -> float | None:
        """The share of what is held that is true; None where nothing is held."""
        return self.right / self.held if self.held else None

    @property
    def recall(self) -> float | None:
        """The share of what is true that is held; None where nothing is true."""
        return self.right / self.true if self.true else None

    def note(self, true: str | None, held: list[str | None]) -> bool:
        """Count one event with the rows that it has; False where it is not concluded rightly."""
        said = [name for name in held if name is not None]
        self.true += true is not None
        self.held += len(said)
        right = true in said
        self.right += right
        return said == ([] if true is None else [true])


@dataclass(slots=True)
class Conclusions:
    """The scores of the parcel (of gps events) and of the worker (of all); None: not held."""

    parcel: Score | None
    worker: Score | None

    def differences(
        self, logged: Iterable[LoggedEvent], held: Iterable[Concluded]
    ) -> Iterator[Difference]:
        """Count, and yield every wrong conclusion; both inputs ascend by key.

        An event that was not delivered counts only if the backend has a row for it.
        """
        for event, rows in joined(logged, held):
            if event is None:
                yield from self._of_nothing(rows)
            elif event.delivered or rows:
                yield from self._of_event(event, rows)

    def _of_event(self, event: LoggedEvent, rows: list[Concluded]) -> Iterator[Difference]:
        if self.parcel is not None and event.event_type == "gps":
            said = [row.parcel_id for row in rows]
            if not self.parcel.note(event.parcel_id, said):
                yield _difference(PARCEL, event, Change("parcel_id", event.parcel_id, _one(said)))
        if self.worker is not None:
            said = [row.worker_id for row in rows]
            if not self.worker.note(event.worker_id, said):
                yield _difference(WORKER, event, Change("worker_id", event.worker_id, _one(said)))

    def _of_nothing(self, rows: list[Concluded]) -> Iterator[Difference]:
        """An event that nobody logged belongs to nobody."""
        if self.parcel is not None:
            yield from self._invented(PARCEL, self.parcel, rows, [row.parcel_id for row in rows])
        if self.worker is not None:
            yield from self._invented(WORKER, self.worker, rows, [row.worker_id for row in rows])

    def _invented(
        self, kind: str, score: Score, rows: list[Concluded], said: list[str | None]
    ) -> Iterator[Difference]:
        if not score.note(None, said):
            yield _difference(kind, rows[0], Change(f"{kind}_id", None, _one(said)))


def _one(said: list[str | None]) -> str | list[str | None] | None:
    return said if len(said) > 1 else next(iter(said), None)


def _difference(kind: str, row: LoggedEvent | Concluded, change: Change) -> Difference:
    return Difference(kind, row.device_id, row.sequence_number, (change,))
