"""What a badge leaves behind while a run goes on: one part of each file, and its counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.run.field_badge import FieldBadge
from sim.run.terrain import Terrain
from sim.run.truth import Truth

ROWS_HELD = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """A badge when its run is over."""

    index: int
    device_id: str
    events: Counter[str] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    uploads: Counter[str] = field(default_factory=Counter)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


class Part:
    """Writes the settled rows of a badge into its own two files, in order of their numbers."""

    def __init__(self, terrain: Terrain, folder: Path, index: int, badge: FieldBadge) -> None:
        self._badge, self._index = badge, index
        self._truth = Truth(terrain, badge.device_id, badge.wears)
        self._events_path = folder / f"{index:06d}.events"
        self._truth_path = folder / f"{index:06d}.truth"
        self._events: Counter[str] = Counter()
        self._fates: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many events were written."""
        return self._events.total()

    def flush(self) -> None:
        """Write what is settled, if it is worth it and no answer can change it any more."""
        if self._badge.uplink.under_way == 0 and len(self._badge.store.settled) >= ROWS_HELD:
            self._write()

    def _write(self) -> None:
        rows = self._badge.store.settled
        events, truths = self._truth.lines(rows)
        with self._events_path.open("ab") as file:
            file.writelines(events)
        with self._truth_path.open("ab") as file:
            file.writelines(truths)
        self._events.update(row.entry.event_type for row in rows)
        self._fates.update(row.why or "delivered" for row in rows)
        rows.clear()

    def finish(self, end_ms: int) -> Outcome:
        """Settle and write the rest."""
        self._badge.finish()
        self._write()
        return Outcome(
            self._index,
            self._badge.device_id,
            self._events,
            self._fates,
            self._badge.uplink.counts,
            self._truth.tables(end_ms),
        )
