import pytest

from badge.errors import InputError
from sim.scenario.pick import badge_of, moment_of, roster_of


@pytest.fixture(scope="module")
def roster():
    return roster_of("quiet-day")


def test_badges_are_counted_from_one(roster):
    assert badge_of(roster, 1) == 0
    assert badge_of(roster, len(roster)) == len(roster) - 1
    for number in (0, len(roster) + 1):
        with pytest.raises(InputError, match=f"has badges 1 to {len(roster)}"):
            badge_of(roster, number)


def test_a_moment_is_a_time_of_the_site(roster):
    clock = roster.site_plan.clock
    assert moment_of(roster, None) == 0
    assert moment_of(roster, "08:00") == clock.ms_of("08:00")
    with pytest.raises(InputError, match="write a time of the site's clock"):
        moment_of(roster, "8 o'clock")
    with pytest.raises(InputError, match="the scenario lasts from"):
        moment_of(roster, "day 9 08:00")
