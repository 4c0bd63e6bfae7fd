import pytest

from sim.view.export.open import FORMATS
from tests.command import call, sentence


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_twice_alike(run, tmp_path, name):
    for number in (1, 2):
        said = call("export", run, "--as", name, "--out", tmp_path / f"{number}.x")
        assert said.code == 0
        assert f"events as {name}" in said.out
    assert (tmp_path / "1.x").read_bytes() == (tmp_path / "2.x").read_bytes()


def test_the_input_is_never_written_over(run):
    recording = sorted((run.parent / "recordings").iterdir())[0]
    assert "named twice" in sentence(call("export", recording, "--as", "csv", "-o", recording))
