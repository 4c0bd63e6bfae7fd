"""A data set of `badge simulate --dask`, held against a store, part by part by DuckDB.

A part (some badges of a site, all their days) is joined in one query; where that finds anything
that is not as it was logged, the part's rows go through the same comparison as any run's.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from badge.errors import InputError
from badge.extras import lacking
from badge.words import counted
from sim.reconcile.comparison.differences import ALTERED, INVENTED, MISSING
from sim.reconcile.dataset_format import quoted
from sim.reconcile.dataset_parts import TruthPart, TruthParts
from sim.reconcile.dataset_store import DatasetStore
from sim.reconcile.reconciliation import Reconciled
from sim.reconcile.scratch import Scratch

MEMORY = "1GB"
_KEY = ("device_id", "sequence_number")


@dataclass(slots=True)
class PartCounts:
    """What a part's query has counted, or those of all parts; the last four are differences."""

    expected: int = 0
    undelivered: int = 0
    undelivered_held: int = 0
    held: int = 0
    missing: int = 0
    invented: int = 0
    altered: int = 0
    twice: int = 0

    @property
    def is_clean(self) -> bool:
        """Tell whether the store holds what was delivered, each once, as it was."""
        return not (self.missing or self.invented or self.altered or self.twice)

    def add(self, other: PartCounts) -> None:
        """Take in those of another part."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class DatasetReconciled:
    """What came of all parts: counts, the parts that differ, and how fast rows went by.

    `found` are the differences of those parts by their kind, as the whole comparison has them.
    """

    counts: PartCounts = field(default_factory=PartCounts)
    found: Counter[str] = field(default_factory=Counter)
    badges: int = 0
    parts: int = 0
    differing: list[str] = field(default_factory=list)
    strangers: int = 0  # rows of badges that no part knows
    rows: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0

    def whole(self) -> Reconciled:
        """Give the same as the comparison of a run has it, for its report."""
        made, counts = Reconciled(), self.counts
        made.comparison.badges, made.comparison.held = self.badges, counts.held + self.strangers
        made.comparison.expected = counts.expected
        made.comparison.undelivered["by the truth"] = counts.undelivered
        made.comparison.undelivered_held = counts.undelivered_held
        made.comparison.intact = counts.expected - self.found[MISSING] - self.found[ALTERED]
        made.counts.update(self.found)
        made.counts[INVENTED] += self.strangers
        if self.strangers:
            rows = counted(self.strangers, "row is", "rows are")
            made.notes.append(f"{rows} of badges that the data set has not")
        return made


class DatasetReconciliation:
    """The comparison of a data set's truth with a store in its format: a file, or a folder of them.

    `look_into` is given the truth and the store's rows of a part that differs, each as a file,
    and gives its differences by kind.
    """

    def __init__(
        self,
        folder: Path,
        store: Path,
        room: Scratch,
        look_into: Callable[[Path, Path], Counter[str]],
    ) -> None:
        self._parts, self._look_into = TruthParts(folder, room), look_into
        self._format = self._parts.format
        self._store = DatasetStore(store, self._format)

    def run(self, tell: Callable[[int, int], None] = lambda done, of: None) -> DatasetReconciled:
        """Compare all parts, in the memory of one."""
        parts = self._parts
        outcome = DatasetReconciled(badges=parts.badges, parts=len(parts), rows=parts.rows)
        begun_s, begun_cpu_s = time.monotonic(), time.process_time()
        with _database() as (database, folder):
            for number, part in enumerate(parts):
                tell(number, len(parts))
                part.check()
                counts = self._counted(database, part)
                outcome.counts.add(counts)
                if not counts.is_clean:
                    found = self._differences(database, part, folder)
                    outcome.found += found
                    outcome.differing += [f"{part.site} {part.number}"] if found.total() else []
            outcome.strangers = self._held(database) - outcome.counts.held
        outcome.wall_s = time.monotonic() - begun_s
        outcome.cpu_s = time.process_time() - begun_cpu_s
        return outcome

    def _counted(self, database: Any, part: TruthPart) -> PartCounts:
        """Join a part's truth with the store's rows of its badges, and count what differs."""
        truth, held = self._sources(database, part)
        row = _run(database, _COUNTS.format(truth=truth, held=held, same=self._format.same))[0]
        return PartCounts(*map(int, row))

    def _differences(self, database: Any, part: TruthPart, folder: Path) -> Counter[str]:
        truth, held = self._sources(database, part)
        files = [folder / f"{name}.{self._format.name}" for name in ("truth", "held")]
        for path, source in zip(files, (truth, held), strict=True):
            rows = f"SELECT * FROM {source} ORDER BY {', '.join(_KEY)}"  # noqa: S608 -- our own words
            to = f"{quoted(str(path))} (FORMAT {self._format.copied})"
            _run(database, f"COPY ({rows}) TO {to}")
        return self._look_into(*files)

    def _sources(self, database: Any, part: TruthPart) -> tuple[str, str]:
        """Give both sides of a part as SQL: its truth, and the store's rows of the same badges."""
        truth = self._format.truth(part.files)
        low, high = _run(
            database,
            f"SELECT min(device_id), max(device_id) FROM {truth}",  # noqa: S608 -- our own words
        )[0]
        held = self._format.held(self._store.of(part))
        between = f"device_id BETWEEN {quoted(low)} AND {quoted(high)}"
        return truth, f"(SELECT * FROM {held} WHERE {between})"  # noqa: S608 -- our own words

    def _held(self, database: Any) -> int:
        count = 0
        for files in self._store.batches():
            held = self._format.held(files)
            ((found,),) = _run(database, f"SELECT count(*) FROM {held}")  # noqa: S608 -- our own words
            count += int(found)
        return count


_COUNTS = """
WITH t AS (SELECT * FROM {truth}), s AS (SELECT * FROM {held})
SELECT
  count(*) FILTER (t.delivered),
  count(*) FILTER (NOT t.delivered),
  count(*) FILTER (NOT t.delivered AND s.device_id IS NOT NULL),
  (SELECT count(*) FROM s),
  count(*) FILTER (t.delivered AND s.device_id IS NULL),
  count(*) FILTER (t.device_id IS NULL),
  count(*) FILTER (t.device_id IS NOT NULL AND s.device_id IS NOT NULL AND NOT ({same})),
  (SELECT count(*) - count(DISTINCT (device_id, sequence_number)) FROM s)
FROM t FULL JOIN s USING (device_id, sequence_number)
"""


@contextmanager
def _database() -> Iterator[tuple[Any, Path]]:
    """Open a database in memory that spills to a folder which is gone afterwards."""
    try:
        duckdb = import_module("duckdb")
    except ImportError:
        raise InputError(lacking("duckdb", "a data set's comparison")) from None
    with TemporaryDirectory(prefix="badge-reconcile-") as scratch:
        settings = {"memory_limit": MEMORY, "temp_directory": scratch}
        database = duckdb.connect(":memory:", config=settings)
        try:
            yield database, Path(scratch)
        finally:
            database.close()


def _run(database: Any, words: str) -> list[tuple[Any, ...]]:
    try:
        return list(database.execute(words).fetchall())
    except Exception as error:  # DuckDB's own family; it is no part of the base install
        said = str(error).splitlines()[0].strip(" .")[:300]  # the lines below are for programmers
        raise InputError(
            f"the store cannot be compared: {said}; mend what it names, or export it anew"
        ) from None
