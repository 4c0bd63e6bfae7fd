import pytest

from tests.sim.view.rig import chromium, small_run


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A run of two badges, recorded."""
    return small_run(tmp_path_factory.mktemp("view"))


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found
