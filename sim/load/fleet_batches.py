"""Batches out of a scenario: its badges live through some hours, and what they upload is kept.

They live before the load begins: an engine that lives beside it would want the core that sends, and
gives fewer events a second than a backend takes.  Each further pass raises the numbers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from badge.errors import InputError
from badge.host.documents import read_lines
from badge.host.processes import cores
from sim.fleet.engine import engine_for
from sim.fleet.job import Job, Progress
from sim.fleet.parallel import processes_for, run_job
from sim.load.requests import LoadBatch, from_spool
from sim.scenario.language.read import read_scenario
from sim.scenario.plan.parameters import parameters_of
from sim.traffic.batches import Spool

BADGES, HOURS = 20, 4.0
_LINE_BYTES_MAX = 1 << 20


def scenario_batches(
    name: str, badges: int | None, hours: float | None, tell: Callable[[Progress], None]
) -> list[LoadBatch]:
    """Run a scenario as fast as it goes and give its uploads, badge by badge in turn."""
    source = read_scenario(name)
    whole = parameters_of(source, badges, hours)
    asked = parameters_of(
        source, badges or min(whole.badges, BADGES), hours or min(whole.hours, HOURS)
    )
    with tempfile.TemporaryDirectory(prefix="badge-load-") as folder, Spool() as spool:
        job = Job(source, asked, Path(folder), batches=True)
        job = replace(job, engine=engine_for("auto", job)[0])
        finished = run_job(job, processes_for(job, cores()), tell)
        if finished.interrupted:
            raise KeyboardInterrupt
        lines = [
            line for path in _files(Path(folder)) for line in read_lines(path, _LINE_BYTES_MAX)
        ]
        if not lines:
            raise InputError(f"--scenario {name}: nothing was uploaded; give more --hours")
        return _in_turn(from_spool([spool.keep(0, line, place) for place, line in lines], spool))


def _in_turn(batches: Iterable[LoadBatch]) -> list[LoadBatch]:
    """Order them as they would come: not one badge's day after the other's."""
    of: dict[str, list[LoadBatch]] = {}
    for batch in batches:
        of.setdefault(batch.device_id, []).append(batch)
    return [one for turn in zip_longest(*of.values()) for one in turn if one is not None]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.batches"))
