"""What is checked is what is simulated: both commands are asked in the same words."""

from __future__ import annotations

from inspect import signature

from sim.fleet.cli import simulate
from sim.scenario.cli import check
from sim.scenario.plan.parameters import parameters_of


def options(command):
    """Give what a command says of each option; variables are given to both when they are loaded."""
    return {one.name: one.to_info_dict() | {"envvar": None} for one in command.params}


def test_check_and_simulate_ask_a_scenario_in_the_same_words():
    asked = list(signature(parameters_of).parameters)[1:]
    assert asked == ["badges", "hours", "seed", "start"]
    for name in asked:
        assert options(check)[name] == options(simulate)[name]
