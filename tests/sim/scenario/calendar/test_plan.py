import pytest

from badge.errors import InputError
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.site import calendar_of
from tests.sim.fleet.story import source
from tests.sim.scenario.calendar.story import WEEKS


def plan_of(text, folder=None):
    story = source(text) if folder is None else source(text, folder)
    return calendar_of(story, parameters_of(story))


def test_every_day_of_the_run_and_no_more():
    plan = plan_of(WEEKS)
    assert len(plan) == 14
    assert [str(plan.dates[0]), str(plan.dates[-1])] == ["2026-03-02", "2026-03-15"]
    assert [day.kind for day in plan.crews["riders"]] == (["works"] * 5 + ["off"] * 2) * 2
    mondays = [plan.crews["gardeners"][n].contracts for n in (0, 7)]
    assert mondays == [("Maric", "Babic"), ("Maric",)]


def test_the_temperature_is_that_of_the_sites_day(tmp_path):
    rows = "".join(f"2026-03-{n:02d},0,{n}\n" for n in range(2, 16))
    (tmp_path / "w.csv").write_text("date,rain_mm,temperature_c\n" + rows)
    plan = plan_of(WEEKS.replace("{rain_share: 0}", "{file: w.csv}"), tmp_path)
    assert plan.temperature_c_at(plan.clock.ms_of("2026-03-08 00:00")) == 8.0
    assert plan.temperature_c_at(plan.clock.ms_of("2026-03-08 23:59")) == 8.0
    assert plan.temperature_c_at(-1) == 2.0


def test_without_weather_no_temperature_is_known():
    assert plan_of(WEEKS.replace("weather: {rain_share: 0}", "")).temperature_c_at(0) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("weather: {rain_share: 0}", "holidays: {country: ZZ}"), "line 42 column 3: 'ZZ'"),
        (("{rain_share: 0}", "{file: none.csv}"), "line 42 column 3: none.csv: No such file"),
    ],
)
def test_what_is_nowhere_is_told_with_its_line(change, message):
    plan = plan_of(WEEKS.replace(*change))
    with pytest.raises(InputError, match=message):
        _ = plan.crews
