"""The badge in C over columns and the badge in Python leave the same bytes in every file."""

from pathlib import Path

import pytest

from sim.scenario.language.read import parse_scenario, read_scenario, shipped_names
from tests.badge.host.twins import needs_core
from tests.sim.fleet.columnar.judge import differences, judged, lived, parameters_of
from tests.sim.fleet.columnar.random_scenarios import random_scenario

pytestmark = needs_core


@pytest.mark.parametrize("number", [109, 152, 266, 279, 1000, 1001, 1002, 1003, 1004, 1005])
def test_a_random_scenario_gives_the_same_bytes(number, tmp_path):
    story = parse_scenario(random_scenario(number).encode(), "random.yaml", Path())
    assert judged(story, tmp_path) == []


STORIES = [name.replace("season-of-200", "season-of-200@boston") for name in shipped_names()]


@pytest.mark.slow
@pytest.mark.parametrize("name", STORIES)
def test_a_shipped_scenario_gives_the_same_bytes(name, tmp_path):
    story = read_scenario(name)
    own = parameters_of(story)
    if story.scenario.platforms.any:
        pytest.skip("its platforms watch the badges: the engine in Python runs it")
    changes = {"badges": min(own.badges, 20), "hours": min(own.hours, 30.0)}
    assert judged(story, tmp_path, **changes) == []


def test_any_number_of_processes_gives_the_same_bytes(tmp_path):
    story = parse_scenario(random_scenario(1000).encode(), "random.yaml", Path())
    what = parameters_of(story, badges=4, hours=0.8)
    lived(story, what, tmp_path / "one", "columnar")
    lived(story, what, tmp_path / "two", "columnar", processes=2)
    assert differences(tmp_path / "one", tmp_path / "two") == []
