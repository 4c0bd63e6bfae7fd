"""`badge demo --one`: a whole shift in a few seconds, and the check that nothing of it is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from time import process_time

import pytest

from sim.demo import one as demo
from tests.command import call, sentence


def test_a_shift_is_stored_whole_and_can_be_replayed(tmp_path):
    folder = tmp_path / "demo"
    begun_s = process_time()  # of this processor: what else runs here does not count
    said = call("demo", "--one", "--dir", folder, "--json")
    told = json.loads(said.out)
    assert process_time() - begun_s < 10
    assert (said.code, said.err, told["lost"], told["duplicates"]) == (0, "", [], 0)
    assert told["accepted"] == sum(told["events"].values()) > 1000
    assert set(told["events"]) >= {"shift_start", "gps", "motion", "ble_proximity", "shift_end"}
    assert {path.name for path in folder.iterdir()} >= {
        *("shift.ndjson", "events.ndjson", "ingest.db", "badge.flash"),
    }
    assert len((folder / "events.ndjson").read_bytes().splitlines()) == told["accepted"]
    assert call("replay", folder / "shift.ndjson").code == 0
    made = call("reconstruct", folder / "events.ndjson", "--out", tmp_path / "made.ndjson")
    assert (made.code, made.err) == (0, "")  # though all is on whole seconds, polls and movements


@pytest.mark.slow
def test_a_second_run_begins_anew_and_people_get_80_columns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = call("demo", "--one"), call("demo", "--one")
    assert (first.code, first.out) == (0, second.out)
    assert "lost        0" in first.out
    assert "badge replay badge-demo/shift.ndjson" in first.out
    assert max(map(len, first.out.splitlines())) <= 80


def test_a_lost_event_is_exit_code_1(tmp_path, monkeypatch):
    whole = demo._numbers
    monkeypatch.setattr(demo, "_numbers", lambda path: whole(path)[1:])
    said = call("demo", "--one", "--dir", tmp_path / "demo", "--json")
    assert (said.code, json.loads(said.out)["lost"]) == (1, [1])


def test_a_place_that_is_a_file_is_a_usage_error(tmp_path):
    (tmp_path / "file").touch()
    said = call("demo", "--one", "--dir", tmp_path / "file")
    assert said.code == 2
    assert "is a file" in said.err


def test_a_place_that_cannot_be_made_is_one_sentence():
    assert "/proc/demo" in sentence(call("demo", "--one", "--dir", "/proc/demo"))


def test_what_is_not_a_demos_is_never_removed(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine").touch()
    for mode in ((), ("--one",)):
        assert "is not a demo's" in sentence(call("demo", *mode, "--dir", tmp_path))
    assert (tmp_path / "run" / "mine").exists()


def without_extra(*arguments):
    """Run the demo where nothing that the extra brings can be imported."""
    names = ("numpy", "shapely", "yaml", "uvloop", "httptools")
    code = f"import sys\nsys.modules.update(dict.fromkeys({names}))\n"
    code += "from badge.cli import main as command_line\ncommand_line.main()\n"
    words = [sys.executable, "-c", code, "demo", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True)


def test_without_the_extra_the_crew_is_one_sentence_and_the_one_badge_still_runs():
    ran = without_extra("--dir", "/proc/never")
    assert ran.returncode == 2
    assert "badge demo --one" in ran.stderr
    assert "[simulate]" in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_one_badge_imports_nothing_of_the_extra(tmp_path):
    ran = without_extra("--one", "--dir", tmp_path / "d")
    assert ran.returncode == 0, ran.stderr
