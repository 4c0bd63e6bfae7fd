import pytest

from sim.scenario.calendar.crew_days import CrewDay
from sim.scenario.calendar.steps import clock_word, half_s, steps_on
from tests.sim.scenario.calendar.story import crew

LONG = crew(
    shelter="shed",
    day=[
        {"arrive": "depot", "at": "07:00"},
        {"ride": "truck"},
        {"work": "a", "until": "10:00"},
        {"work": "b", "until": "12:00"},
        {"work": "c", "until": "15:00"},
        {"walk": "truck"},
        {"ride": "truck"},
        {"leave": "depot"},
    ],
)


def said(kind):
    return [(step.verb, step.until) for _, step in steps_on(LONG, CrewDay(kind))]


def test_a_whole_day_is_as_the_scenario_says():
    assert [step for _, step in steps_on(LONG, CrewDay("works"))] == LONG.day
    assert steps_on(LONG, CrewDay("off")) == []


def test_half_a_day_ends_midway_and_leads_home():
    assert clock_word(half_s(LONG)) == "11:00:00"
    assert said("half_day") == [
        *[("arrive", None), ("ride", None), ("work", "10:00"), ("work", "11:00:00")],
        *[("walk", None), ("ride", None), ("leave", None)],
    ]


@pytest.mark.parametrize(("kind", "until"), [("shed", "15:00:00"), ("home", "07:30:00")])
def test_in_the_shelter_all_day_or_half_an_hour(kind, until):
    assert said(kind) == [("arrive", None), ("stand", until), ("leave", None)]
    assert steps_on(LONG, CrewDay(kind))[1][1].stand == "shed"


def test_a_step_keeps_its_number_for_whoever_tells_an_error():
    assert [number for number, _ in steps_on(LONG, CrewDay("half_day"))] == [0, 1, 2, 3, 5, 6, 7]
