import json
import shutil
from pathlib import Path

import pytest

from badge.errors import InputError
from sim.view.model.lanes import LANE
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


def test_the_folder_in_which_one_stands_and_the_root_are_looked_at_too(
    parts, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    assert running_in(Path()) is None
    assert running_in(Path("/")) is None
    monkeypatch.chdir(tmp_path / ".x.running")
    assert running_in(Path()) == Path()


def test_what_is_no_part_is_one_sentence(parts, tmp_path):
    parts[0].write_text('{"payload": 5}\n')
    with pytest.raises(InputError, match="no part of a run"):
        RunningRun(running_in(tmp_path / "x")).read()


def test_its_site_and_what_its_badges_record_are_drawn_while_it_goes_on(run, parts, tmp_path):
    path, lines = parts
    path.write_bytes(b"".join(lines[:20]))
    state = path.parent.parent
    (state / "site.json").write_bytes((run / "truth" / "site.json").read_bytes())
    records = tmp_path / "records"
    records.mkdir()
    (state / "asked.json").write_text(json.dumps({"record": str(records)}))
    whole = sorted((run.parent / "recordings").iterdir())[0]
    (records / f".{whole.name}").write_bytes(whole.read_bytes()[:40_000])
    running = RunningRun(running_in(tmp_path / "x"))
    while running.read():
        pass
    draft = running.draft()
    assert draft.site is not None
    assert draft.traced
    assert {span[4] for span in draft.lanes.spans} >= {LANE["uploads"], LANE["clock"]}
    ats = running.rows.columns()["at"].tolist()
    assert any(running.details(int(at)).get("why_words") for at in ats)
    (records / f".{whole.name}").unlink()
    whole_now = records / whole.name
    whole_now.write_bytes(whole.read_bytes())
    before = len(running.draft().lanes.spans)
    running.read()  # it has its name now
    while running.read():
        pass
    assert len(running.draft().lanes.spans) > before


def test_when_it_has_ended_it_is_what_it_became(run, parts, tmp_path):
    parts[0].write_bytes(parts[1][0])
    running = RunningRun(running_in(tmp_path / "x"))
    assert running.whole() is None
    shutil.rmtree(tmp_path / ".x.running")
    assert running.whole() is None
    shutil.copytree(run, tmp_path / "x")
    assert running.whole().picture.rows == len(parts[1])


def test_a_run_that_was_killed_says_who_goes_on_with_it(parts, tmp_path):
    parts[0].write_bytes(parts[1][0])
    (parts[0].parent.parent / "lock").write_bytes(b"")
    assert "--resume" in RunningRun(running_in(tmp_path / "x")).draft().notes[0]
