"""What is asked of a scenario: how many badges, how long, which seed, when it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo

from badge.errors import InputError
from sim.scenario.language.read import ScenarioFile
from sim.scenario.language.times import offset_ms_of, start_of, zone_of
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
    """Fill in from the scenario what the command line leaves open.

    A `start` without an offset is of the site's own clock, as `start_of` says; InputError.
    """
    scenario = source.scenario
    return Parameters(
        badges or len(slots_of(source)),
        hours or scenario.hours,
        scenario.seed if seed is None else seed,
        scenario.start if start is None else start_of(start, zone_of_site(source), "--start"),
    )


def zone_of_site(source: ScenarioFile) -> tzinfo:
    """Give the zone of the site's clock; InputError for one that is none."""
    scenario = source.scenario
    if scenario.zone is None:
        return timezone(timedelta(milliseconds=offset_ms_of(scenario.utc_offset)))
    try:
        return zone_of(scenario.zone)
    except InputError as error:
        raise source.wrong(str(error), "zone") from None
