"""The page about seasons says what is so."""

import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.draw_season import days_of, worn_by_day
from sim.scenario.cli import scenario
from sim.scenario.language.read import read_scenario
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.roster import Roster
from tests.paths import DOCS

PAGE = (DOCS / "seasons.md").read_text("utf-8")


def test_the_scenario_of_the_page_has_no_fault(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
    Path("spring.yaml").write_text(block)
    said = CliRunner().invoke(scenario, ["check", "spring.yaml"], catch_exceptions=False).output
    assert "no fault found" in said
    assert "2026-03  gardeners" in said
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize("site", ["boston", "raleigh", "chicago", "minneapolis"])
def test_what_the_season_must_come_to(site):
    story = read_scenario(f"season-of-200@{site}")
    roster = Roster(story, parameters_of(story))
    plan, lived = roster.site_plan.calendar, days_of(roster)
    crew_days = [day for days in plan.crews.values() for day in days[:lived]]
    kinds = Counter(day.kind for day in crew_days)
    del kinds["off"]
    visits = sum(len(day.contracts) for day in crew_days)
    rain = sum(one.rain_mm >= 5.0 for one in plan.weather[:lived])
    coldest = min(one.temperature_c for one in plan.weather[:lived])
    row = (
        f"| {site} | {kinds.total()}, {kinds.total() - kinds['works']} "
        f"| {sum(worn_by_day(roster)):,} | {visits} | {rain} | {coldest} °C |"
    )
    assert row in PAGE, row
