"""What a badge leaves behind while a run goes on: one part of each file, and its counts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from pydantic_core import to_json

from badge.effects import Upload
from badge.errors import InputError
from badge.host.documents import read_model
from badge.host.files import append_lines, write_whole
from sim.fleet.field.badge import FieldBadge
from sim.fleet.field.life import FieldLife
from sim.fleet.output.truth import BadgeTruth
from sim.scenario.plan.site import SitePlan

ROWS_HELD = 1000
FAULTS = "faults"  # of the tables the one that is not of the world
DONE, REACHED = ".outcome", ".reached"
PARTS = (".events", ".truth", ".batches", ".numbers", ".causes")
RESULT_BYTES_MAX = 256 << 20  # a year of shifts, visits and presences


@dataclass(frozen=True, slots=True)
class BadgeResult:
    """A badge when its run is over."""

    index: int
    device_id: str
    events: Counter[str] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    uploads: Counter[str] = field(default_factory=Counter)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    lines: dict[str, list[bytes]] = field(default_factory=dict)  # of parts that are held
    core: dict[str, Any] | None = None  # the first step in which a core went wrong

    def save(self, folder: Path) -> None:
        """Write it down: the badge is done, and its parts are whole, as long as they are now."""
        # Not durable: what a loss of power takes is seen by the sizes, and lived once more.
        document = to_json(_Saved(self, _sizes(folder, self.index)))
        write_whole(folder / f"{self.index:06d}{DONE}", document, durable=False)


@dataclass(frozen=True, slots=True)
class _Saved:
    result: BadgeResult
    sizes: dict[str, int]


def saved_result(folder: Path, index: int) -> BadgeResult | None:
    """Read what `save` has written; None if it has not, or the badge's parts are not as then."""
    try:
        kept = read_model(_Saved, folder / f"{index:06d}{DONE}", RESULT_BYTES_MAX)
    except (OSError, InputError):
        return None
    return kept.result if kept.sizes == _sizes(folder, index) else None


def _sizes(folder: Path, index: int) -> dict[str, int]:
    sizes = {}
    for suffix in sorted(PARTS):  # a folder of a million parts is not looked through for each
        try:
            sizes[suffix] = (folder / f"{index:06d}{suffix}").stat().st_size
        except FileNotFoundError:
            continue
    return sizes


def numbers_of(pairs: ArrayLike) -> bytes:
    """Pack when each event really was, and its number, for whoever compares other feeds with it."""
    return np.asarray(pairs, np.int64).tobytes()


class LifePart(ABC):
    """A badge's own files, in order of its events' numbers; held in memory without a folder."""

    def __init__(
        self, folder: Path | None, index: int, badge: FieldLife, truth: BadgeTruth
    ) -> None:
        self._life, self._index, self._truth = badge, index, truth
        self._folder, self._held = folder, dict[str, list[bytes]]()
        # Of a life that was cut short: this one begins at the first event.
        for suffix in PARTS if folder is not None else ():
            self._path(suffix).unlink(missing_ok=True)
        self._events: Counter[str] = Counter()
        self._fates: Counter[str] = Counter()
        self.rows_held = ROWS_HELD  # fewer are not worth it, unless somebody looks on

    @property
    def count(self) -> int:
        """How many events were written."""
        return self._events.total()

    def keep_batch(self, upload: Upload) -> None:
        """Write an upload as it was sent: an array of events, one line."""
        self._append(".batches", [upload.body, b"\n"])

    def _path(self, suffix: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{self._index:06d}{suffix}"

    def _append(self, suffix: str, lines: list[bytes]) -> None:
        if self._folder is None:
            self._held.setdefault(suffix, []).extend(lines)
        else:
            append_lines(self._path(suffix), lines)

    def flush(self) -> None:
        """Write what is settled, if it is worth it and no answer can change it any more."""
        if self._life.uplink.under_way == 0 and self._settled >= self.rows_held:
            self._write()

    @property
    @abstractmethod
    def _settled(self) -> int:
        """How many events are settled and not written."""

    @abstractmethod
    def _write(self) -> None:
        """Write what is settled, and count it."""

    def finish(self, end_ms: int) -> BadgeResult:
        """Settle and write the rest."""
        self._life.finish()
        self._write()
        return BadgeResult(
            self._index,
            self._life.device_id,
            self._events,
            self._fates,
            self._life.uplink.counts,
            self._truth.tables(end_ms) | {FAULTS: self._truth.faults(self._life.uplink.faulted)},
            self._held,
        )


class Part(LifePart):
    """Writes the settled rows of a badge in Python."""

    def __init__(
        self, site_plan: SitePlan, folder: Path | None, index: int, badge: FieldBadge
    ) -> None:
        super().__init__(folder, index, badge, BadgeTruth(site_plan, badge.worn))
        self._badge = badge
        self._watched = site_plan.source.scenario.platforms.any

    @property
    def _settled(self) -> int:
        return len(self._badge.store.settled)

    def _write(self) -> None:
        rows = self._badge.store.settled
        events, truths = self._truth.lines(rows)
        self._append(".events", events)
        self._append(".truth", truths)
        if self._watched and rows:
            pairs = [(row.ms, row.entry.sequence_number) for row in rows]
            self._append(".numbers", [numbers_of(pairs)])
        self._events.update(row.entry.event_type for row in rows)
        self._fates.update(row.why or "delivered" for row in rows)
        rows.clear()
