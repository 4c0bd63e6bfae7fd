"""A morning of badges in the field, on one core: `python -m benchmarks simulate`, a minute.

1. Forty badges of the 500-badge morning, from the first boot to ten: simulation and truth.
2. What a badge that nobody wears costs in memory, and how fast its days go by.
"""

from __future__ import annotations

import gc
import tempfile
import time
import tracemalloc
from pathlib import Path

from sim.fleet.field.badge import FieldBadge
from sim.fleet.job import Job
from sim.fleet.shard import Shard
from sim.fleet.upload.backend import ModelBackend
from sim.scenario.language.read import read_scenario
from sim.scenario.plan.parameters import Parameters
from sim.scenario.plan.roster import Roster
from sim.world.radio import Radio

BADGES, HOURS, IDLE = 40, 4.0, 200
Ratio = tuple[str, float, float | None]


def ratios() -> list[Ratio]:
    """Run both and give the figures."""
    return [*_morning(), *_idle()]


def _morning() -> list[Ratio]:
    source = read_scenario("morning-of-500")
    parameters = Parameters(BADGES, HOURS, source.scenario.seed, source.scenario.start)
    with tempfile.TemporaryDirectory() as folder:
        job = Job(source, parameters, Path(folder))
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        results = Shard(job, range(BADGES), lambda progress: None, lambda: False).run()
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    events = sum(result.events.total() for result in results)
    return [
        ("events a second, one process", events / wall_s, None),
        ("events a second of CPU", events / cpu_s, None),
        ("badge-hours in the field a second of CPU", BADGES * HOURS / cpu_s, None),
    ]


def _idle() -> list[Ratio]:
    source = read_scenario("office-day")
    roster = Roster(source, Parameters(IDLE + 20, 24.0, 7, source.scenario.start))
    radio, backend = Radio(7), ModelBackend(None)
    warm = [FieldBadge(roster, index, radio, backend) for index in range(20)]
    for badge in warm:
        badge.run_until(3_600_000)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    badges = [FieldBadge(roster, index, radio, backend) for index in range(20, 20 + IDLE)]
    for badge in badges:
        badge.run_until(3_600_000)
        badge.store.settled.clear()
    gc.collect()
    kib = (tracemalloc.get_traced_memory()[0] - before) / IDLE / 1024
    tracemalloc.stop()
    cpu_s = time.process_time()
    for badge in badges:
        badge.run_until(24 * 3_600_000)
    cpu_s = time.process_time() - cpu_s
    return [
        ("KiB of an idle badge", kib, 8),
        ("idle badge-hours a second of CPU", IDLE * 23 / cpu_s, None),
    ]
