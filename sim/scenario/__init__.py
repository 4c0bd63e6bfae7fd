"""A day in the field as a YAML file: its language, what it plans for each badge, ten stories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from sim.scenario.language.read import ScenarioFile, read_scenario
    from sim.scenario.plan.parameters import Parameters, parameters_of
    from sim.scenario.plan.roster import Roster
    from sim.scenario.plan.worn_badge import WornBadge

__all__ = [
    "Parameters",
    "Roster",
    "ScenarioFile",
    "WornBadge",
    "parameters_of",
    "read_scenario",
]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Parameters": "sim.scenario.plan.parameters",
        "Roster": "sim.scenario.plan.roster",
        "ScenarioFile": "sim.scenario.language.read",
        "WornBadge": "sim.scenario.plan.worn_badge",
        "parameters_of": "sim.scenario.plan.parameters",
        "read_scenario": "sim.scenario.language.read",
    },
)
