import pytest

from badge.errors import InputError
from sim.scenario.plan.hotspots import stands_of
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import FOUR_HOTSPOTS


@pytest.fixture(scope="module")
def context():
    story = source(FOUR_HOTSPOTS)
    roster = Roster(story, parameters(story))
    return roster, stands_of(roster.site_plan, story.scenario.platforms.blecon)


def test_a_hotspot_stands_where_and_when_the_scenario_says(context):
    roster, stands = context
    word = roster.site_plan.clock.word
    said = [(one.name, word(one.t0_ms), word(one.t1_ms)) for one in stands]
    assert said == [
        ("depot", "06:50:00", "08:20:00"),
        ("mixer", "06:50:00", "07:20:00"),
        ("mixer", "07:35:00", "08:20:00"),
        ("far", "06:50:00", "08:20:00"),
        ("hut", "07:05:00", "07:25:00"),
        ("hut", "07:25:00", "07:45:00"),
    ]


def test_a_place_that_is_none_is_told_with_its_line(context):
    story = source(FOUR_HOTSPOTS.replace("{at: [5000, 5000]}", "{at: nowhere}"))
    roster = Roster(story, parameters(story))
    with pytest.raises(InputError, match=r"small.yaml line \d+ .*'nowhere' is not on the site"):
        stands_of(roster.site_plan, story.scenario.platforms.blecon)
