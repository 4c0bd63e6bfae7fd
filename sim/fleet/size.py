"""How much of a disk a run takes, from its plan: what cannot fit is refused before it begins."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from badge.errors import InputError
from badge.words import counted
from sim.scenario.calendar.crew_days import CrewDay
from sim.scenario.calendar.steps import span_s
from sim.scenario.language.times import DAY_MS
from sim.scenario.plan.roster import Roster

HOUR_S = 3600.0
# Measured on the shipped scenarios: what a badge logs an hour beside its fixes, and at the depot.
OTHER_EVENTS_H, IDLE_EVENTS_H = 30.0, 1.3
EVENT_BYTES, TRUTH_BYTES, BATCH_BYTES, PARQUET_BYTES = 214, 390, 214, 45
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True, slots=True)
class RunSize:
    """What a run comes to, to a tenth or so where all goes well; outages make it smaller."""

    worn_h: float
    events: int

    def folder_bytes(self, *, batches: bool) -> int:
        """Give what the folder of a run takes: events, truth, both as Parquet, and batches."""
        each = EVENT_BYTES + TRUTH_BYTES + PARQUET_BYTES + (BATCH_BYTES if batches else 0)
        return self.events * each

    def dataset_bytes(self, form: str) -> int:
        """Give what a data set takes, without what its workers need meanwhile."""
        lines = EVENT_BYTES + TRUTH_BYTES
        return self.events * (PARQUET_BYTES if form == "parquet" else lines)


def size_of(roster: Roster) -> RunSize:
    """Estimate a run; no day of it is written."""
    turns, rest = divmod(len(roster), roster.slots)
    run_h = roster.parameters.hours
    worn_h = events = 0.0
    spans: dict[str, float] = {}
    for index in range(roster.slots):
        count = turns + (index < rest)
        crew = roster.slot(index).crew
        if crew is not None and crew not in spans:
            spans[crew] = _worn_s(roster, crew) / HOUR_S
        one_h = min(spans[crew], run_h) if crew is not None else 0.0
        fixes_h = HOUR_S / roster.config(index).gps_interval_s
        events += count * (one_h * (fixes_h + OTHER_EVENTS_H) + (run_h - one_h) * IDLE_EVENTS_H)
        worn_h += count * one_h
    return RunSize(worn_h, round(events))


def check_room(sizes: Iterable[int], events: int, path: Path, name: str) -> None:
    """See that a disk has room for all of these; InputError with the size and what helps."""
    wanted = sum(sizes)
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    free = shutil.disk_usage(there).free
    if wanted > free:
        raise InputError(
            f"{name} comes to about {words(wanted)} ({counted(events, 'event')}), and {there} has "
            f"{words(free)} free; ask for fewer --badges or --hours, or name another --out"
        )


def words(count: int) -> str:
    """Write bytes as a person does: 1.2 TB."""
    size = float(count)
    for unit in _UNITS[:-1]:
        if size < 1000.0:
            return f"{size:.3g} {unit}"
        size /= 1000.0
    return f"{size:,.3g} {_UNITS[-1]}"


def _worn_s(roster: Roster, crew: str) -> float:
    """Give how long one badge of a crew is worn in the whole run."""
    words_of, calendar = roster.source.scenario.crews[crew], roster.site_plan.calendar
    if calendar is not None:
        return float(sum(span_s(words_of, day) for day in calendar.crews[crew]))
    at = words_of.day[0].at
    assert at is not None
    left_ms = roster.parameters.end_ms - roster.site_plan.clock.ms_of(at)
    days = max(0, -(-left_ms // DAY_MS))
    return float(days * span_s(words_of, CrewDay("works")))
