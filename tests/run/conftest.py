import pytest
import run_story


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    return run_story.run(tmp_path_factory.mktemp("small") / "run", run_story.told())
