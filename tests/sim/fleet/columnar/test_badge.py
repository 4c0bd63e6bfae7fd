"""The badge in C over columns and the badge in Python leave the same bytes in every file."""

import json
from pathlib import Path

import pytest

from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from sim.scenario.language.read import parse_scenario, read_scenario, shipped_names
from tests.badge.host.twins import needs_core
from tests.sim.fleet.columnar.judge import differences, judged, lived, parameters_of
from tests.sim.fleet.columnar.random_scenarios import random_scenario
from tests.sim.fleet.story import call
from tests.sim.scenario.calendar.story import WEEKS
from tests.sim.scenario.plan.test_roster import HISTORY

pytestmark = needs_core


@pytest.mark.parametrize("number", [109, 152, 266, 279, 1000, 1001, 1002, 1003, 1004, 1005])
def test_a_random_scenario_gives_the_same_bytes(number, tmp_path):
    story = parse_scenario(random_scenario(number).encode(), "random.yaml", Path())
    assert judged(story, tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", [2000, 2050, 2100, 2150])
def test_two_hundred_random_scenarios_give_the_same_bytes(first, tmp_path):
    """Whole is one in ten; of the others what is dear is left out: the hours in Python."""
    found = {}
    for number in range(first, first + 50):
        story = parse_scenario(random_scenario(number).encode(), "random.yaml", tmp_path)
        hours = story.scenario.hours if number % 10 == 0 else min(story.scenario.hours, 1.8)
        found[number] = judged(story, tmp_path / str(number), hours=hours)
    assert {number: names for number, names in found.items() if names} == {}


STORIES = [name.replace("season-of-200", "season-of-200@boston") for name in shipped_names()]


@pytest.mark.slow
@pytest.mark.parametrize("name", STORIES)
def test_a_shipped_scenario_gives_the_same_bytes(name, tmp_path):
    story = read_scenario(name)
    own = parameters_of(story)
    changes = {"badges": min(own.badges, 20), "hours": min(own.hours, 30.0)}
    assert judged(story, tmp_path, **changes) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [23, 24])
def test_the_platforms_post_the_same(seed, tmp_path):
    for engine in ("python", "columnar"):
        words = ("--seed", seed, "--badges", 6, "--hours", 1.6, "--engine", engine, "--json")
        ended = call("three-neighbours", *words, "--out", tmp_path / engine)
        figures = json.loads(ended.output)
        assert figures["engine"] == engine
        assert min(one["posts"] for one in figures["platforms"].values()) > 20
    assert differences(tmp_path / "python", tmp_path / "columnar") == []


@pytest.mark.parametrize(
    "words", [("--fault", "lose-answer=0.3", "--fault", "late=0.2"), ("--speed", "7200x")]
)
def test_a_live_run_gives_the_same_bytes(words, tmp_path):
    (tmp_path / "story.yaml").write_text(random_scenario(1004), encoding="utf-8")
    for engine in ("python", "columnar"):
        store = SqliteStore(tmp_path / f"{engine}.db")
        with launch_ingest(store, rules=Rules(open=True)) as server:
            to = ("--to", server.url, "--api-key", "k") if "--fault" in words else ()
            place = ("--out", tmp_path / engine, "--hours", 1.5, "--engine", engine, "--json")
            ended = call(tmp_path / "story.yaml", *to, *words, *place)
        assert json.loads(ended.output)["engine"] == engine
    found = differences(tmp_path / "python", tmp_path / "columnar")
    assert [name for name in found if name != "requests.ndjson"] == []  # it has the time of day


def test_any_number_of_processes_gives_the_same_bytes(tmp_path):
    story = parse_scenario(random_scenario(1000).encode(), "random.yaml", Path())
    what = parameters_of(story, badges=4, hours=0.8)
    lived(story, what, tmp_path / "one", "columnar")
    lived(story, what, tmp_path / "two", "columnar", processes=2)
    assert differences(tmp_path / "one", tmp_path / "two") == []


CAME = """
incidents:
  - {at: "2026-03-09 04:00", firmware: "0.4.0"}
  - {at: "2026-03-09 23:50", gps_down_min: 480}
  - {at: "2026-03-09 04:00", badges: [2], battery_pct: 55}
"""


def test_a_run_that_begins_after_much_has_happened_gives_the_same_bytes(tmp_path):
    """One badge is broken by then, one handed on, one switched off; firmware and a battery came."""
    story = parse_scenario((WEEKS + HISTORY + CAME).encode(), "late.yaml", Path())
    assert judged(story, tmp_path, start="2026-03-10T05:00:00Z", hours=12.0) == []
    rows = (tmp_path / "columnar" / "events.ndjson").read_text().splitlines()
    sent = {(one["device_id"][-1], one["firmware_version"]) for one in map(json.loads, rows)}
    assert sent == {("2", "0.4.0"), ("3", "0.4.0")}
