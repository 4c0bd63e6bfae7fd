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
from hashlib import file_digest
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from badge.errors import InputError
from badge.extras import lacking
from badge.host.documents import read_model
from badge.words import counted
from sim.reconcile.comparison.differences import ALTERED, INVENTED, MISSING
from sim.reconcile.dataset_format import FORMATS, DatasetFormat, quoted
from sim.reconcile.reconciliation import Reconciled

MANIFEST, PLAN = "manifest.json", "_plan.json"
MANIFEST_BYTES_MAX = 1 << 30  # a line for each file of a year of a large fleet
MEMORY = "1GB"
_TRUTH, _KEY = "truth/events", ("device_id", "sequence_number")


@dataclass(frozen=True, slots=True)
class TruthPart:
    """The truth of some badges of a site: files of all their days, and how many rows they have.

    `digests` are the files' SHA-256, as the manifest has them.
    """

    site: str
    number: str
    files: tuple[Path, ...]
    digests: tuple[str, ...]
    rows: int

    def check(self) -> None:
        """See that the files are as they were made; InputError names one that is not."""
        for path, digest in zip(self.files, self.digests, strict=True):
            try:
                with path.open("rb") as file:
                    found = file_digest(file, "sha256").hexdigest()
            except FileNotFoundError:
                raise _changed(path, "not there") from None
            if found != digest:
                raise _changed(path, "not as it was made")


@dataclass(frozen=True, slots=True)
class _File:
    """A file, as a manifest tells it."""

    table: str
    site: str
    path: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Manifest:
    format: str
    counts: dict[str, int]
    files: list[_File]


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


def is_dataset(folder: Path) -> bool:
    """Tell a data set's folder from a run's; InputError for one that is not whole."""
    whole = (folder / MANIFEST).is_file()
    if not whole and (folder / PLAN).is_file():
        raise InputError(
            f"{folder}: a data set that is not whole: the badge simulate --dask that began it "
            "makes the rest"
        )
    return whole


def parts_of(folder: Path) -> list[TruthPart]:
    """Read which parts there are; InputError for a data set that is not whole."""
    return _parts(folder, _manifest(folder))


def _manifest(folder: Path) -> _Manifest:
    read = read_model(_Manifest, folder / MANIFEST, MANIFEST_BYTES_MAX)
    if read.format not in FORMATS:
        titles = " or ".join(one.title for one in FORMATS.values())
        raise InputError(f"{folder}: of {read.format}; make it again with {titles}")
    return read


def _parts(folder: Path, manifest: _Manifest) -> list[TruthPart]:
    found: dict[tuple[str, str], list[_File]] = {}
    for one in manifest.files:
        if one.table == _TRUTH:
            path = Path(one.path)
            if path.is_absolute() or ".." in path.parts:
                raise InputError(f"{folder / MANIFEST}: {one.path} leads out of the data set")
            if not (folder / path).is_file():
                raise _changed(folder / path, "not there")
            found.setdefault((one.site, path.stem), []).append(one)
    return [
        TruthPart(
            site,
            number,
            tuple(folder / one.path for one in sorted(files, key=lambda one: one.path)),
            tuple(one.sha256 for one in sorted(files, key=lambda one: one.path)),
            sum(one.rows for one in files),
        )
        for (site, number), files in sorted(found.items())
    ]


def _changed(path: Path, how: str) -> InputError:
    return InputError(f"{path}: {how}, though the manifest names it; make the data set again")


class DatasetReconciliation:
    """The comparison of a data set's truth with a store in its format: a file, or a folder of them.

    `look_into` is given the truth and the store's rows of a part that differs, each as a file,
    and gives its differences by kind.
    """

    def __init__(
        self, folder: Path, store: Path, look_into: Callable[[Path, Path], Counter[str]]
    ) -> None:
        manifest = _manifest(folder)
        self._parts, self._look_into = _parts(folder, manifest), look_into
        self._badges = manifest.counts.get("badges", 0)
        self._format = FORMATS[manifest.format]
        self._files = _store_files(store, self._format)

    def run(self, tell: Callable[[int, int], None] = lambda done, of: None) -> DatasetReconciled:
        """Compare all parts, in the memory of one."""
        outcome = DatasetReconciled(badges=self._badges, parts=len(self._parts))
        begun_s, begun_cpu_s = time.monotonic(), time.process_time()
        with _database() as (database, scratch):
            outcome.rows = sum(part.rows for part in self._parts)
            for number, part in enumerate(self._parts):
                tell(number, len(self._parts))
                part.check()
                counts = self._counted(database, part)
                outcome.counts.add(counts)
                if not counts.is_clean:
                    found = self._differences(database, part, scratch)
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

    def _differences(self, database: Any, part: TruthPart, scratch: Path) -> Counter[str]:
        truth, held = self._sources(database, part)
        files = [scratch / f"{name}.{self._format.name}" for name in ("truth", "held")]
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
        held = self._format.held(self._files_of(part))
        between = f"device_id BETWEEN {quoted(low)} AND {quoted(high)}"
        return truth, f"(SELECT * FROM {held} WHERE {between})"  # noqa: S608 -- our own words

    def _files_of(self, part: TruthPart) -> list[Path]:
        """Give the store's files that may hold rows of a part: all, unless they lie as ours do."""
        site, name = f"site={part.site}", f"{part.number}.{self._format.name}"
        own = [one for one in self._files if one.name == name and site in one.parts]
        return own or self._files

    def _held(self, database: Any) -> int:
        held = self._format.held(self._files)
        ((count,),) = _run(database, f"SELECT count(*) FROM {held}")  # noqa: S608 -- our own words
        return int(count)


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


def _store_files(store: Path, wanted: DatasetFormat) -> list[Path]:
    """Find the store's files of events; InputError if there are none of this format."""
    if (store / PLAN).is_file():
        store = store / "events"
    files = sorted(store.rglob(f"*.{wanted.name}")) if store.is_dir() else [store]
    # Of another data set's folder the events alone; its truth is not what a backend holds.
    files = [one for one in files if "truth" not in one.relative_to(store).parts]
    if not files or not all(one.is_file() for one in files):
        raise InputError(f"{store}: no {wanted.title} files; name a file of events, or a folder")
    if store.is_file() and not wanted.is_of(store):
        raise InputError(
            f"{store}: not {wanted.title}, as the data set is; export it in the same format, or "
            "make the data set again with another --format"
        )
    return files


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
