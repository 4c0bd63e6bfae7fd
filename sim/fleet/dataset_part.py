"""One part of a data set, made in one process: badges live, their days are written, then told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from badge.errors import InputError
from sim.fleet.dataset.address import Address
from sim.fleet.dataset.days import DayFiles
from sim.fleet.dataset.manifest import PartDone
from sim.fleet.dataset.plan import DatasetPart
from sim.fleet.engine import engine_for
from sim.fleet.job import Job
from sim.fleet.output.parts import BadgeResult
from sim.fleet.shard import Shard
from sim.scenario.plan.site import clock_of

BADGES_AT_ONCE = 16  # what their parts take of the disk is given back after so many


class StoppedError(InputError):
    """A part was told to stop before it was whole."""


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
    with TemporaryDirectory(prefix="badge-part-") as scratch:
        done = _make(part, address, Path(scratch), stopped)
    address.write(part.name, done.text())
    return done


def _make(
    part: DatasetPart, address: Address, scratch: Path, stopped: Callable[[], bool]
) -> PartDone:
    parts, days = scratch / "parts", scratch / "days"
    parts.mkdir()
    days.mkdir()
    job = Job(part.source, part.parameters, parts)
    job = replace(job, engine=engine_for(part.engine, job)[0])
    rows = DayFiles(days, clock_of(part.source, part.parameters))
    counts: Counter[str] = Counter(badges=len(part.indexes))
    for first in range(part.first, part.last, BADGES_AT_ONCE):
        indexes = range(first, min(first + BADGES_AT_ONCE, part.last))
        results = Shard(job, indexes, lambda progress: None, stopped).run()
        if len(results) < len(indexes):
            raise StoppedError(f"{part.name}: stopped")
        for result in results:
            _count(counts, result)
            rows.add(parts, result)
    done = PartDone(part.site, part.number, part.key, counts=dict(sorted(counts.items())))
    facts = _facts(job)
    for (table, day), count in sorted(rows.rows.items()):
        out = _written(part, table, rows.path(table, day), facts)
        with out.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        name, size = part.file(table, day), out.stat().st_size
        address.put(name, out)
        out.unlink()
        one = {"table": table, "site": part.site, "day": day, "path": name}
        done.files.append({**one, "rows": count, "bytes": size, "sha256": digest})
    return done


def _written(part: DatasetPart, table: str, lines: Path, facts: dict[str, str]) -> Path:
    """Give the file of a table's day in the data set's format."""
    if part.format == "ndjson":
        return lines
    from sim.fleet.dataset.columns import write_day

    out = lines.with_name(f"{lines.name}.parquet")
    write_day(table, lines, out, facts)
    lines.unlink()
    return out


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
