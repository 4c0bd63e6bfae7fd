"""Batches out of a scenario: its badges live through some hours, and what they upload is kept.

They live before the load begins: an engine that lives beside it would want the core that sends, and
gives fewer events a second than a backend takes.  Each further pass raises the numbers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
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
        files = [list(read_lines(path, _LINE_BYTES_MAX)) for path in _files(Path(folder))]
        # In turn, as they would come: not one badge's day after the other's.
        most = max(map(len, files), default=0)
        lines = [one[place] for place in range(most) for one in files if place < len(one)]
        if not lines:
            raise InputError(f"--scenario {name}: nothing was uploaded; give more --hours")
        return from_spool([spool.keep(0, line, place) for place, line in lines], spool)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.batches"))
