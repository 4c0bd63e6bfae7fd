import json

import pytest

from badge.errors import InputError
from sim.fleet.size import check_room, size_of, words
from sim.scenario.language.read import read_scenario
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import call, source
from tests.sim.scenario.calendar.story import WEEKS


def size(story, **changes):
    return size_of(Roster(story, parameters_of(story, **changes)))


@pytest.mark.parametrize(
    ("name", "events"),
    [("crew-of-five", 10_219), ("first-week", 16_866), ("morning-of-500", 430_945)],
)
def test_it_is_near_what_a_run_has_come_to(name, events):
    assert size(read_scenario(name)).events == pytest.approx(events, rel=0.3)


def test_twice_the_badges_or_the_days_are_twice_as_much():
    story = read_scenario("quiet-day")
    assert size(story, badges=6).events == pytest.approx(2 * size(story).events, abs=2)
    assert size(story, hours=240.0).worn_h == pytest.approx(10 * size(story, hours=24.0).worn_h)


def test_days_off_take_nothing():
    full = size(source(WEEKS)).worn_h
    assert full == pytest.approx(10 * (8 + 10 / 60) + 10 * 8)  # ten days each
    free = "  holidays: {country: US, also: {'2026-03-04': Feast}}\n"
    assert size(source(WEEKS + free)).worn_h == pytest.approx(full * 0.9)


@pytest.mark.parametrize("more", [(), ("--dask", "local:2")])
def test_a_run_that_no_disk_holds_is_refused_before_it_begins(tmp_path, more):
    arguments = ("morning-of-500", "--badges", 100_000, "--hours", 8784, "--out", tmp_path / "run")
    with pytest.raises(InputError, match=r"comes to about [0-9.]+ TB \([0-9,]+ events\), and"):
        call(*arguments, *more)
    assert list(tmp_path.iterdir()) == []


def test_room_for_what_fits(tmp_path):
    check_room([1, 2], 3, tmp_path / "not" / "yet" / "there", "x")
    assert json.dumps([words(999), words(1_234_567), words(10**16)]) == (
        '["999 bytes", "1.23 MB", "10 PB"]'
    )
