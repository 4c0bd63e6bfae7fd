"""A run's folder keeps the log of the run, through every cut, and never at the run's cost."""

import json
from contextlib import contextmanager
from pathlib import Path

import pytest

from badge.errors import InputError
from badge.host.log import LOG
from sim.ingest.launch import launch_ingest
from tests.sim.fleet.story import call


def log_of(folder):
    return [json.loads(line) for line in (folder / "log.ndjson").read_text().splitlines()]


def cut(*more):
    """Run against a server that has gone."""
    with launch_ingest() as server:
        pass
    ran = call("small.yaml", "--to", server.url, "--give-up", "0.1s", "--out", "a", *more)
    assert ran.exit_code == 1
    return server.url


def test_it_tells_what_was_asked_and_what_it_came_to(story):
    assert call("small.yaml", "--hours", "0.2", "--out", "a").exit_code == 0
    first, *_, last = log_of(story / "a")
    assert first["text"] == "began"
    assert last["text"] == "whole"
    assert last["counts"]["badges"] == 2


def test_it_outlives_each_cut_and_goes_on_at_its_end(story):
    url = cut("--hours", "0.2")
    before = (story / "a.interrupted" / "log.ndjson").read_bytes()
    assert log_of(story / "a.interrupted")[-1]["text"].startswith("cut short")
    with (story / "a.interrupted" / "log.ndjson").open("ab") as file:
        file.write(b'{"at":"2026-')  # killed in the middle of a line
    with launch_ingest(port=int(url.rsplit(":", 1)[1])):
        assert call("--resume", "a.interrupted").exit_code == 0
    assert (story / "a" / "log.ndjson").read_bytes().startswith(before)
    words = [one["text"] for one in log_of(story / "a")]
    assert words.count("began") == 2
    assert words[-1] == "whole"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("full", ["to be opened", "to be written"])
def test_a_disk_without_room_for_it_costs_nothing_else(story, monkeypatch, full):
    also_in = LOG.also_in

    @contextmanager
    def on_a_full_disk(path):
        if full == "to be opened":
            path.mkdir()
        else:
            path.symlink_to("/dev/full")
        with also_in(path):
            yield

    monkeypatch.setattr(LOG, "also_in", on_a_full_disk)
    assert call("small.yaml", "--hours", "0.2", "--out", "a").exit_code == 0
    assert (story / "a" / "truth" / "run.json").exists()


def test_what_ends_a_run_is_in_it_and_no_key(story):
    with launch_ingest() as server:
        keys = server.ingest.new_service_keys()
        words = ("small.yaml", "--hours", "0.2", "--to", server.url, "--out", "a")
        assert call(*words, "--provision", keys["provisioning"]).exit_code == 0
    text = (story / "a" / "log.ndjson").read_text()
    assert keys["provisioning"] not in text
    for key in json.loads((story / "a" / "keys.json").read_text()).values():
        assert key not in text
    with pytest.raises(InputError, match="exists"):
        call(*words)
