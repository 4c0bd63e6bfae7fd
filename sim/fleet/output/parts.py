"""What a badge leaves behind while a run goes on: one part of each file, and its counts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from pydantic_core import to_json

from badge.contract.documents import fit, parse
from badge.effects import Upload
from badge.errors import InputError
from sim.fleet.field.badge import FieldBadge
from sim.fleet.field.life import FieldLife
from sim.fleet.output.part_files import (
    DONE,
    SHARED,
    Place,
    Region,
    RowFiles,
    SharedFiles,
    own_bytes,
    region,
)
from sim.fleet.output.truth import BadgeTruth
from sim.scenario.plan.site import SitePlan

ROWS_HELD = 1000
ALIKE_MOST = 4096  # different counts that results share
FAULTS = "faults"  # of the tables the one that is not of the world
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
    place: Place = field(default=("", ()), compare=False)  # where its rows are

    def save(self, files: SharedFiles) -> None:
        """Write it down: the badge is done, and its rows are whole."""
        # Not durable: what a loss of power takes is seen by the sizes, and lived once more.
        files.keep(to_json(_Saved(self, files.own_bytes)))

    def region(self, folder: Path, suffix: str) -> Region | None:
        """Give where its rows lie; None if it has left none."""
        stem, bounds = self.place
        return region(folder, (stem or f"{self.index:06d}", bounds), suffix)


def alike(results: Iterable[BadgeResult]) -> Iterator[BadgeResult]:
    """Give the results, those that are alike sharing what they hold: of idle badges, nearly all."""
    seen: dict[Any, Any] = {}

    def shared(what: dict[Any, Any]) -> Any:
        key = type(what), tuple(what.items()) if any(what.values()) else tuple(what)
        return seen.setdefault(key, what) if len(seen) < ALIKE_MOST else seen.get(key, what)

    for one in results:
        counts = {name: shared(getattr(one, name)) for name in ("events", "fates", "uploads")}
        tables = one.tables if any(one.tables.values()) else shared(one.tables)
        yield replace(one, **counts, tables=tables, lines=one.lines or shared(one.lines))


@dataclass(frozen=True, slots=True)
class _Saved:
    result: BadgeResult
    own_bytes: tuple[int, ...]


def saved_results(folder: Path) -> dict[int, BadgeResult]:
    """Read what `save` has written, without the badges whose rows are not as they were then."""
    found: dict[int, BadgeResult] = {}
    for path in sorted(folder.glob(f"*{DONE}")):
        sizes = tuple(_size(path.with_suffix(suffix)) for suffix in SHARED)
        with path.open("rb") as lines:
            while line := lines.readline(RESULT_BYTES_MAX):
                kept = _saved(line) if line.endswith(b"\n") else None  # the last one may be cut
                if kept is not None and _is_whole(kept, folder, path.stem, sizes):
                    found[kept.result.index] = kept.result
    return found


def _saved(line: bytes) -> _Saved | None:
    try:
        return fit(_Saved, parse(line, "", RESULT_BYTES_MAX), "")
    except InputError:
        return None


def _is_whole(kept: _Saved, folder: Path, stem: str, sizes: tuple[int, ...]) -> bool:
    name, bounds = kept.result.place
    own = kept.own_bytes
    return (
        name == stem
        and len(bounds) == 2 * len(SHARED)
        and all(end <= size for end, size in zip(bounds[1::2], sizes, strict=True))
        and (not own or own == own_bytes(folder, kept.result.index))
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def numbers_of(pairs: ArrayLike) -> bytes:
    """Pack when each event really was, and its number, for whoever compares other feeds with it."""
    return np.asarray(pairs, np.int64).tobytes()


class LifePart(ABC):
    """A badge's rows, in order of its events' numbers."""

    def __init__(self, files: RowFiles, index: int, badge: FieldLife, truth: BadgeTruth) -> None:
        self._life, self._index, self._truth = badge, index, truth
        self._files, self._append = files, files.append
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
            self._files.lines,
            place=self._files.place,
        )


class Part(LifePart):
    """Writes the settled rows of a badge in Python."""

    def __init__(self, site_plan: SitePlan, files: RowFiles, index: int, badge: FieldBadge) -> None:
        super().__init__(files, index, badge, BadgeTruth(site_plan, badge.worn))
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
