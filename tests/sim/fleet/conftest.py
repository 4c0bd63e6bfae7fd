import pytest

import tests.sim.fleet.story as run_story
from tests.sim.scenario.story import SMALL


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    return run_story.run(tmp_path_factory.mktemp("small") / "run", run_story.source())


@pytest.fixture
def story(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path
