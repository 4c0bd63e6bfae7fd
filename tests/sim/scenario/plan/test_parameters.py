from sim.scenario.plan.parameters import Parameters, parameters_of
from tests.sim.fleet.story import source


def test_the_scenario_says_what_the_command_line_leaves_open():
    story = source()
    assert parameters_of(story) == Parameters(2, 1.5, 3, "2026-03-16T06:50:00Z")
    other = parameters_of(story, 5, 0.5, 0, "2027-01-01T00:00:00Z")
    assert other == Parameters(5, 0.5, 0, "2027-01-01T00:00:00Z")


def test_the_end_is_in_ms():
    assert Parameters(1, 0.5, 1, "").end_ms == 1_800_000
