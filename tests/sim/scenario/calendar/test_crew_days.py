from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.calendar.crew_days import crew_days, in_season, is_due
from sim.scenario.calendar.weather import DayWeather
from sim.scenario.language.calendar import Contract, Season
from tests.sim.scenario.calendar.story import calendar, crew, day

MONDAY = day("2026-03-02")
DRY, WET = DayWeather(0.0, 10.0), DayWeather(9.0, 10.0)


def days(count, first=MONDAY):
    return [first + timedelta(days=n) for n in range(count)]


def kinds(one, words, dates, holidays=None, rain=()):
    weather = [WET if number in rain else DRY for number in range(len(dates))]
    return [d.kind for d in crew_days("crew", one, words, dates, holidays or {}, weather)]


def test_a_week_of_work_and_a_weekend():
    assert kinds(crew(), calendar(), days(7)) == ["works"] * 5 + ["off"] * 2
    assert kinds(crew(works=["sat", "sun"]), calendar(), days(7)) == ["off"] * 5 + ["works"] * 2


def test_why_a_day_is_off():
    words = calendar(season={"begins": "03-04", "ends": "11-25"})
    dates = days(7)
    one = crew(days_off=["2026-03-05"])
    said = crew_days("crew", one, words, dates, {dates[4]: "Feast"}, [None] * 7)
    assert [made.why for made in said] == [
        *["out of season"] * 2,
        "",
        "the crew's own day off",
        "Feast",
        "Saturday",
        "Sunday",
    ]


@pytest.mark.parametrize("in_rain", ["works", "shed", "half_day", "home"])
def test_what_the_rain_leaves_of_a_day(in_rain):
    assert kinds(crew(in_rain=in_rain), calendar(), days(2), rain=[1]) == ["works", in_rain]
    light = crew(in_rain=in_rain, rain_from_mm=10)
    assert kinds(light, calendar(), days(2), rain=[1]) == ["works", "works"]


def test_a_season_may_go_over_the_new_year():
    winter = Season(begins="11-15", ends="03-15")
    assert in_season(winter, day("2026-12-24"))
    assert in_season(winter, day("2026-03-15"))
    assert not in_season(winter, day("2026-03-16"))


@given(st.integers(1, 8), st.integers(0, 400))
def test_a_contract_is_due_once_in_so_many_weeks(every, offset):
    contract = Contract(crew="crew", weekday="wed", every_weeks=every, begins="2026-03-02")
    first = MONDAY + timedelta(days=offset)
    span = days(7 * every, first)
    due = [one for one in span if is_due(contract, one, MONDAY)]
    assert len(due) == 1
    assert due[0].weekday() == 2
    assert (due[0] - day("2026-03-04")).days % (7 * every) == 0


def test_a_contract_begins_and_ends():
    contract = Contract(crew="crew", weekday="mon", begins="2026-03-09", ends="2026-03-20")
    assert [one.day for one in days(28) if is_due(contract, one, MONDAY)] == [9, 16]


@given(st.sets(st.integers(0, 27)), st.sampled_from(["shed", "home", "half_day"]))
def test_what_the_rain_prevents_is_done_on_the_next_day_that_is_worked(rain, in_rain):
    words = calendar(
        contracts={
            "a": {"crew": "crew", "weekday": "mon"},
            "b": {"crew": "crew", "weekday": "tue"},
            "c": {"crew": "other", "weekday": "tue"},
        }
    )
    dates, one = days(28), crew(in_rain=in_rain)
    weather = [WET if number in rain else DRY for number in range(28)]
    made = list(crew_days("crew", one, words, dates, {}, weather))
    visits = Counter(parcel for d in made for parcel in d.contracts)
    assert set(visits) <= {"a", "b"}  # the other crew's property is not theirs
    assert all(count <= 4 for count in visits.values())
    for number, today in enumerate(made):
        if today.kind == "works":  # nothing that was due is left over after a whole day
            for parcel, weekday in (("a", 0), ("b", 1)):
                due = [n for n in range(number + 1) if dates[n].weekday() == weekday]
                assert not due or any(
                    parcel in made[n].contracts for n in range(due[-1], number + 1)
                )
        assert today.kind in ("works", "half_day") or not today.contracts
