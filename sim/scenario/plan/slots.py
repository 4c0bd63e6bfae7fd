"""Which badge is of which group and on which worker, as the file lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from badge.errors import InputError
from badge.words import counted
from sim.scenario.language.read import ScenarioFile


@dataclass(frozen=True, slots=True)
class Slot:
    """A badge as the scenario tells it: its group, and its worker if somebody wears it."""

    group: int
    crew: str | None = None
    worker: str | None = None


def slots_of(source: ScenarioFile) -> list[Slot]:
    """Give every badge its group and its worker, in the order of the file."""
    if source.scenario.sites:
        first = next(iter(source.scenario.sites))
        raise InputError(
            f"{source.name} has the sites {', '.join(source.scenario.sites)}: name one, as in "
            f"{source.name}@{first}, or make a data set of all with badge simulate --dask"
        )
    workers = [(crew, worker) for crew in source.scenario.crews for worker in people(source, crew)]
    named = Counter(name for _, name in workers)
    for name, times in named.items():
        if times > 1:
            raise source.wrong(f"{name!r} is in the crews {times} times", "crews")
    groups = [
        number for number, group in enumerate(source.scenario.badges) for _ in range(group.count)
    ]
    groups = groups or [0] * len(workers)
    if not groups:
        raise source.wrong("there are neither badges nor crews; say how many badges there are")
    if len(groups) < len(workers):
        what = f"{counted(len(workers), 'worker')}, but only {counted(len(groups), 'badge')}"
        raise source.wrong(what, "badges")
    pairs: Sequence[tuple[str | None, str | None]] = workers
    spare = [(None, None)] * (len(groups) - len(workers))
    return [
        Slot(group, crew, worker)
        for group, (crew, worker) in zip(groups, [*pairs, *spare], strict=True)
    ]


def people(source: ScenarioFile, crew: str) -> list[str]:
    """Name the workers of a crew."""
    workers = source.scenario.crews[crew].workers
    if isinstance(workers, list):
        return list(workers)
    return [f"{crew} {number}" for number in range(1, workers + 1)]
