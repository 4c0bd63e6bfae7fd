"""Near and lost events an hour with `radio: cycle` beside `radio: sample`, over what is shipped.

`python -m benchmarks cycle`: each scenario lives days of other seeds until enough events
have come; a ratio of 1 is equal, 0.95 to 1.05 is asked.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.fleet import Ratio, with_radio
from sim.fleet.job import Job
from sim.fleet.parallel import run_job
from sim.scenario.language.read import ScenarioFile, read_scenario, shipped_names, sites_of
from sim.scenario.plan.parameters import Parameters
from sim.scenario.plan.slots import slots_of
from sim.world.radio import RadioLaw

KINDS = ("ble_proximity", "ble_lost")
EVENTS, SEEDS = 3_000, 12  # so many events are enough, and so many seeds
HOURS, BADGES = 144.0, 60
LONGER = {"season-of-200": 600.0}  # nothing is worked before its third week


def counted(source: ScenarioFile, seed: int, law: RadioLaw) -> Counter[str]:
    """Count the events of a run by type."""
    scenario = source.scenario
    badges = min(max(len(slots_of(source)), 20), BADGES)
    hours = min(scenario.hours, LONGER.get(source.name, HOURS))
    what = Parameters(badges, hours, seed, scenario.start)
    with tempfile.TemporaryDirectory() as folder:
        job = Job(with_radio(source, law), what, Path(folder), engine="columnar")
        total: Counter[str] = Counter()
        for result in run_job(job, 1, lambda progress: None).results:
            total += result.events
        return total


def rates(name: str, events: int = EVENTS, seeds: int = SEEDS) -> dict[RadioLaw, Counter[str]]:
    """Count both laws' events of a shipped scenario (of several sites: of the first)."""
    source = next(iter(sites_of(read_scenario(name)).values()))
    found: dict[RadioLaw, Counter[str]] = {"sample": Counter(), "cycle": Counter()}
    for seed in range(1, seeds + 1):
        for law, total in found.items():
            total += counted(source, seed, law)
        near = sum(found["sample"][kind] for kind in KINDS)
        if near == 0 or near >= events:  # a scenario without tags has none
            break
    return found


def ratios() -> list[Ratio]:
    """Give the ratio of the two for each scenario that is shipped, and of all together."""
    rows: list[Ratio] = []
    totals: dict[RadioLaw, Counter[str]] = {"sample": Counter(), "cycle": Counter()}
    for name in shipped_names():
        found = rates(name)
        for law, total in found.items():
            totals[law] += total
        rows += _rows(name, found)
    return rows + _rows("all", totals)


def _rows(name: str, found: dict[RadioLaw, Counter[str]]) -> list[Ratio]:
    return [
        (f"{name}: {kind}, of {sampled:,}", found["cycle"][kind] / sampled, 1.0)
        for kind in KINDS
        if (sampled := found["sample"][kind])
    ]
