import pytest

from badge.errors import InputError
from sim.view.sources.running import PARTS, RunningRun, running_in


@pytest.fixture
def parts(run, tmp_path):
    """A run that has got half of the small run's events so far."""
    folder = tmp_path / ".x.running" / PARTS
    folder.mkdir(parents=True)
    lines = (run / "truth" / "events.ndjson").read_bytes().splitlines(keepends=True)
    return folder / "000000.truth", lines


def test_a_run_in_progress_is_found_by_its_name_and_followed(parts, tmp_path):
    path, lines = parts
    path.write_bytes(b"".join(lines[:20]) + lines[20][:9])
    running = RunningRun(running_in(tmp_path / "x"))
    assert running.read() == 20
    path.write_bytes(b"".join(lines[:30]))
    path.with_name("000001.truth").write_bytes(lines[40])
    assert running.read() == 11
    assert running.read() == 0
    at = int(running.rows.columns()["at"][-1])
    assert running.details(at)["event"]["true_lat"]
    path.unlink()  # the run has become whole
    assert running.read() == 0


def test_there_is_none_where_there_is_none(tmp_path):
    assert running_in(tmp_path / "x") is None


def test_what_is_no_part_is_one_sentence(parts, tmp_path):
    parts[0].write_text('{"payload": 5}\n')
    with pytest.raises(InputError, match="no part of a run"):
        RunningRun(running_in(tmp_path / "x")).read()
