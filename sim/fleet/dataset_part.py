"""One part of a data set, made in one process: badges live, their days are written, then told."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import file_digest
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Protocol

from badge.errors import InputError
from badge.host.files import named_file
from badge.host.processes import leave_to_parent
from sim.fleet.dataset.address import Address
from sim.fleet.dataset.chunk import Chunk, read_chunk, write_chunk
from sim.fleet.dataset.days import DayRows, Place
from sim.fleet.dataset.manifest import PartDone
from sim.fleet.dataset.plan import DatasetPart
from sim.fleet.engine import engine_for
from sim.fleet.job import Job
from sim.fleet.output.parts import BadgeResult
from sim.fleet.shard import Shard
from sim.scenario.plan.site import clock_of


def dask_setup(worker: object) -> None:
    """Make a process of this machine's own workers ready (Dask calls this by its name)."""
    leave_to_parent(signal.SIGINT)


class StoppedError(InputError):
    """A part was told to stop before it was whole."""


class WorkplaceError(InputError):
    """A worker's own disk is full, or cannot be written."""


class _Rows(Protocol):
    """Lines by table and day: of all badges of a part, or of some of them."""

    @property
    def rows(self) -> Mapping[Place, int]: ...

    def lines(self, place: Place) -> Iterator[bytes]: ...


def make_part(
    part: DatasetPart, url: str, program: str, stopped: Callable[[], bool] = lambda: False
) -> PartDone:
    """Let the part's badges live and write its files; `program` is the version that asks.

    The same part gives the same bytes anywhere: one that is made twice is written over itself.
    """
    if program != version("badge-simulator"):
        raise InputError(
            f"a worker runs version {version('badge-simulator')} and was asked by {program}; "
            "install the same on both"
        )
    address = Address(url)
    try:
        # A worker may be ended while a part is made: that it cannot be cleared then is no news.
        with TemporaryDirectory(prefix="badge-part-", ignore_cleanup_errors=True) as scratch:
            done = _PartWork(part, address, Path(scratch), stopped).done()
    except OSError as error:  # of the store it would be its own family (`Address`)
        where, why = error.filename or gettempdir(), error.strerror or error
        raise WorkplaceError(f"a worker cannot write {where}: {why}") from None
    address.write(part.name, done.text())
    if len(part.chunks) > 1:
        for badges in part.chunks:
            address.remove(part.chunk_name(badges))
    return done


class _PartWork:
    """A part while it is made, in a folder of the worker's own."""

    def __init__(
        self, part: DatasetPart, address: Address, scratch: Path, stopped: Callable[[], bool]
    ) -> None:
        self._part, self._address = part, address
        self._scratch, self._stopped = scratch, stopped
        job = Job(part.source, part.parameters, scratch, held=True)
        self._job = replace(job, engine=engine_for(part.engine, job)[0])
        (scratch / "days").mkdir()
        self._rows = DayRows(scratch / "days", clock_of(part.source, part.parameters))
        self._counts: Counter[str] = Counter()

    def done(self) -> PartDone:
        """Let all badges live, write their days, and tell of it."""
        part, sources = self._part, list(self._sources())
        counts = {"badges": len(part.indexes), **self._counts}
        done = PartDone(part.site, part.number, part.key, counts=dict(sorted(counts.items())))
        facts, out = _facts(self._job), self._scratch / f"day.{part.format}"
        rows: Counter[Place] = Counter()
        for one in sources:
            rows.update(one.rows)
        for place in sorted(rows):
            table, day = place
            lines = chain.from_iterable(one.lines(place) for one in sources)
            _write(part.format, table, lines, out, facts)
            with out.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            name, size = part.file(table, day), out.stat().st_size
            self._address.put(name, out)
            told = {"table": table, "site": part.site, "day": day, "path": name}
            done.files.append({**told, "rows": rows[place], "bytes": size, "sha256": digest})
        return done

    def _sources(self) -> Iterator[_Rows]:
        """Give the rows of all badges; where that is long work, some of it put away at a time."""
        chunks = self._part.chunks
        if len(chunks) == 1:
            self._counts.update(self._live(chunks[0]))
            yield self._rows
            return
        kept = self._address.sizes(str(Path(self._part.chunk_name(chunks[0])).parent))
        for badges in chunks:
            chunk = self._chunk(badges, is_kept=self._part.chunk_name(badges) in kept)
            self._counts.update(chunk.counts)
            yield chunk

    def _chunk(self, badges: range, *, is_kept: bool) -> Chunk:
        """Give a chunk: as a worker before has put it away, or made now."""
        name = self._part.chunk_name(badges)
        path = self._scratch / Path(name).name
        if is_kept:
            self._address.get(name, path)
            kept = read_chunk(path, self._part.key)
            if kept is not None:
                return kept
        counts = self._live(badges)
        chunk = write_chunk(path, self._part.key, self._rows, counts)
        self._rows.clear()
        self._address.put(name, path)
        return chunk

    def _live(self, badges: range) -> Counter[str]:
        """Let badges live, and collect their rows."""
        counts: Counter[str] = Counter()
        lived = 0
        for result in Shard(self._job, badges, lambda progress: None, self._stopped).lives():
            _count(counts, result)
            self._rows.add(result)
            lived += 1
        if lived < len(badges):
            raise StoppedError(f"{self._part.name}: stopped")
        return counts


def _write(
    form: str, table: str, lines: Iterable[bytes], out: Path, facts: Mapping[str, str]
) -> None:
    """Write a table's day in the data set's format."""
    if form == "ndjson":
        with named_file(out) as file:
            file.writelines(lines)
        return
    from sim.fleet.dataset.columns import write_day

    write_day(table, lines, out, facts)


def _count(counts: Counter[str], result: BadgeResult) -> None:
    counts["events"] += result.events.total()
    counts["delivered"] += result.fates["delivered"]
    for name, rows in result.tables.items():
        counts[name] += len(rows)


def _facts(job: Job) -> dict[str, str]:
    """Say in every file which run it is of, as a run's own files do."""
    asked = job.parameters
    return {
        "badge.scenario": job.source.scenario.scenario,
        "badge.run_id": job.run_id,
        "badge.seed": str(asked.seed),
        "badge.start": asked.start,
        "badge.hours": str(asked.hours),
        "badge.version": version("badge-simulator"),
    }
