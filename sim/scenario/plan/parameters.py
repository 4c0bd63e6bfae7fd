"""What is asked of a scenario: how many badges, how long, which seed, when it begins."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.language.read import ScenarioFile
from sim.scenario.plan.slots import slots_of

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the command line asks of a scenario; equal ones give equal bytes."""

    badges: int
    hours: float
    seed: int
    start: str

    @property
    def end_ms(self) -> int:
        """When the run ends."""
        return round(self.hours * HOUR_MS)


def parameters_of(
    source: ScenarioFile,
    badges: int | None = None,
    hours: float | None = None,
    seed: int | None = None,
    start: str | None = None,
) -> Parameters:
    """Fill in from the scenario what the command line leaves open."""
    scenario = source.scenario
    return Parameters(
        badges or len(slots_of(source)),
        hours or scenario.hours,
        scenario.seed if seed is None else seed,
        start or scenario.start,
    )
