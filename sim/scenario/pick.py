"""Which badge of which scenario, and from when on: the words that the card and the air share."""

from __future__ import annotations

import re

from badge.errors import InputError
from sim.scenario.language.read import read_scenario
from sim.scenario.language.times import TIME_PATTERN
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.roster import Roster


def roster_of(name: str) -> Roster:
    """Read a YAML file or a shipped scenario as it stands; InputError with the place."""
    source = read_scenario(name)
    return Roster(source, parameters_of(source))


def badge_of(roster: Roster, number: int) -> int:
    """Return the index of badge 1, 2, …; InputError beyond the last."""
    if not 1 <= number <= len(roster):
        raise InputError(f"--badge {number}: the scenario has badges 1 to {len(roster)}")
    return number - 1


def moment_of(roster: Roster, text: str | None) -> int:
    """Return the run's ms of `07:10` on the site's clock; None is the start of the run."""
    if text is None:
        return 0
    if re.fullmatch(TIME_PATTERN, text) is None:
        raise InputError(f"--from {text!r}: write a time of the site's clock, like 07:10")
    clock = roster.site_plan.clock
    ms = clock.ms_of(text)
    if not 0 <= ms < roster.parameters.end_ms:
        first, last = clock.word(0), clock.word(roster.parameters.end_ms)
        raise InputError(f"--from {text}: the scenario lasts from {first} to {last}")
    return ms
