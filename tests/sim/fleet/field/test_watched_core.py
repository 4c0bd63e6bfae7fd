"""A core of somebody's own lives a scenario beside the reference, step by step."""

from __future__ import annotations

import json

import pytest

from badge.errors import InputError
from tests.badge.host.foreign import library, needs_foreign
from tests.sim.fleet.story import call

pytestmark = needs_foreign


def lived(factory, name, *words, exit_code=0):
    core = name if name == "c" else library(factory, name)
    done = call("small.yaml", "--hours", "0.3", "--json", "--core", core, *words)
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)["core"]


def files(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "log.ndjson"
    }


@pytest.mark.parametrize("name", ["c", pytest.param("right", marks=pytest.mark.slow)])
def test_with_our_core_the_bytes_are_those_without(story, tmp_path_factory, name):
    core = lived(tmp_path_factory, name, "--out", "with")
    call("small.yaml", "--hours", "0.3", "--engine", "python", "--out", "without")
    assert core["findings"] == []
    assert core["steps"] > 100
    assert files(story / "with") == files(story / "without")


def test_a_crash_is_a_finding_with_its_input_and_the_fleet_goes_on(story, tmp_path_factory):
    core = lived(tmp_path_factory, "crash", "--out", "run", exit_code=1)
    assert len(core["findings"]) == 2, "each badge has its own, of a new process"
    for found in core["findings"]:
        assert found["given"].startswith("GpsFix(")
        assert "signal 11" in found["what"]
    counts = json.loads((story / "run" / "truth" / "run.json").read_text())["counts"]
    assert counts["delivered"] > 0


def test_a_seeded_bug_is_found_and_said_in_words(story, tmp_path_factory):
    core = library(tmp_path_factory, "deaf")
    done = call("small.yaml", "--hours", "0.5", "--core", core)
    assert done.exit_code == 1
    assert "given ScanResult(" in done.stderr
    assert "'event_type': 'ble_proximity'" in done.stderr


def test_what_a_core_cannot_do_happens_to_neither(story, tmp_path_factory):
    core = lived(tmp_path_factory, "simple", "--out", "run")
    assert core["findings"] == []
    events = (story / "run" / "events.ndjson").read_text()
    assert '"low_battery"' not in events


@pytest.mark.slow
def test_two_processes_find_the_same(story, tmp_path_factory):
    core = lived(tmp_path_factory, "deaf", "--jobs", "2", "--out", "two", exit_code=1)
    again = lived(tmp_path_factory, "deaf", "--jobs", "1", "--out", "one", exit_code=1)
    assert core["findings"] == again["findings"]


def test_a_core_needs_simulated_time_and_a_library(story):
    with pytest.raises(InputError, match="leave out --to and --speed"):
        call("small.yaml", "--core", "c", "--speed", "60x")
    with pytest.raises(InputError, match=r"nothing\.so: no such library"):
        call("small.yaml", "--core", "nothing.so")
