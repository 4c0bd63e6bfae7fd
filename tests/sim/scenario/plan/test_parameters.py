from sim.scenario.language.read import read_scenario, sites_of
from sim.scenario.plan.parameters import Parameters, parameters_of
from tests.sim.fleet.story import source


def test_the_scenario_says_what_the_command_line_leaves_open():
    story = source()
    assert parameters_of(story) == Parameters(2, 1.5, 3, "2026-03-16T06:50:00Z")
    other = parameters_of(story, 5, 0.5, 0, "2027-01-01T00:00:00Z")
    assert other == Parameters(5, 0.5, 0, "2027-01-01T00:00:00Z")


def test_the_end_is_in_ms():
    assert Parameters(1, 0.5, 1, "").end_ms == 1_800_000


def test_a_day_begins_at_each_sites_own_midnight():
    starts = {
        name: parameters_of(one, start="2026-07-06").start
        for name, one in sites_of(read_scenario("season-of-200")).items()
    }
    east, west = "2026-07-06T04:00:00Z", "2026-07-06T05:00:00Z"
    assert starts == {"boston": east, "raleigh": east, "chicago": west, "minneapolis": west}
    assert parameters_of(source(), start="2026-07-06T06:30").start == "2026-07-06T06:30:00Z"
