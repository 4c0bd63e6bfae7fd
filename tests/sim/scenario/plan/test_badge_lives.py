import pytest

from badge.errors import InputError
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import source
from tests.sim.scenario.calendar.story import WEEKS

BREAKS = '  badges: [{badge: 2, breaks: "2026-03-05 10:00", by: 3}]\n'


def roster(text):
    story = source(text)
    return Roster(story, parameters_of(story))


def worn(made, index):
    word = made.site_plan.clock.word
    return [(word(day.start_ms)[:10], day.worker_id) for day in made.days(index)]


def test_a_spare_is_worn_from_the_next_day_on():
    made = roster(WEEKS + BREAKS)
    assert worn(made, 1) == [(f"2026-03-0{n}", "Boris") for n in range(2, 6)]
    assert worn(made, 2)[0] == ("2026-03-06", "Boris")
    assert len(worn(made, 1)) + len(worn(made, 2)) == 10
    life = made.life(1)
    assert made.site_plan.clock.word(life.ends_ms) == "2026-03-05 10:00:00"
    assert roster(WEEKS).life(1).ends_ms > life.ends_ms


def test_badges_are_handed_out_later():
    groups = 'badges: [{count: 1}, {count: 2, since: "2026-03-04 06:00"}]'
    made = roster(WEEKS.replace("badges: [{count: 3}]", groups))
    assert worn(made, 0)[0][0] == "2026-03-02"
    assert worn(made, 1)[0][0] == "2026-03-04"


def test_a_badge_that_is_handed_on():
    people = '  people: [{worker: Boris, leaves: "2026-03-04", badge_to: Eva}]\n'
    made = roster(WEEKS + people)
    assert [who for _, who in worn(made, 1)] == ["Boris"] * 3 + ["Eva"] * 7


@pytest.mark.parametrize(
    ("badges", "message"),
    [
        ('{badge: 2, breaks: "2026-03-05 10:00", by: 1}', "badge 1 is no spare: it is worn"),
        (
            '{badge: 3, breaks: "2026-03-04 10:00"}, {badge: 2, breaks: "2026-03-05 10:00", by: 3}',
            "badge 3 is no spare: it is broken",
        ),
        (
            '{badge: 3, breaks: "2026-03-04 10:00"}, {badge: 3, breaks: "2026-03-05 10:00"}',
            "badge 3 breaks twice",
        ),
    ],
)
def test_a_spare_that_is_none(badges, message):
    with pytest.raises(InputError, match=message):
        roster(f"{WEEKS}  badges: [{badges}]\n")
