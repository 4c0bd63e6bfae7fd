"""Faults on the way, request by request: what the server saw against what the truth says."""

import json

import pytest

from badge.contract.documents import parse
from badge.errors import InputError
from sim.ingest.api.ingest import Ingest, Rules
from sim.ingest.launch import launch_ingest
from tests.sim.fleet.story import call


@pytest.fixture
def bodies(monkeypatch):
    """Keeps each body that reaches a server, in the order of coming."""
    found, post = [], Ingest.post_events

    def keeping(self, headers, raw):
        found.append(bytes(raw))
        return post(self, headers, raw)

    monkeypatch.setattr(Ingest, "post_events", keeping)
    return found


def run(fault):
    with launch_ingest(rules=Rules(open=True)) as server:
        words = ("small.yaml", "--hours", "2", "--to", server.url, "--fault", f"{fault}=0.4")
        assert call(*words, "--out", "run").exit_code == 0


def truth(story):
    folder = story / "run" / "truth"
    counted = json.loads((folder / "run.json").read_text())["counts"]["faults"]
    return counted, json.loads((folder / "faults.json").read_text())


def key_of(body):
    """Device and numbers as they come; None for what nobody can read."""
    try:
        events = parse(body)
    except InputError:
        return None
    numbers = [event["sequence_number"] for event in events]
    return events[0]["device_id"], numbers[0], numbers[-1]


def named(one, *, backwards=False):
    numbers = [one["first_sequence"], one["last_sequence"]]
    return (one["device_id"], *(numbers[::-1] if backwards else numbers))


@pytest.mark.parametrize("fault", ["corrupt", "reorder", "duplicate"])
def test_each_request_that_met_it_is_named_and_no_other_is(story, bodies, fault):
    run(fault)
    counted, told = truth(story)
    assert len(told) == counted[fault] > 0
    assert {one["fault"] for one in told} == {fault}
    seen = [key_of(body) for body in bodies]
    if fault == "corrupt":
        assert seen.count(None) == len(told)
    elif fault == "reorder":
        backwards = sorted(key for key in seen if key[1] > key[2])
        assert backwards == sorted(named(one, backwards=True) for one in told if one["events"] > 1)
    else:
        twice = [key for key in seen for _ in range(seen.count(key) - 1)]
        assert sorted(set(twice)) == sorted({named(one) for one in told})


@pytest.mark.parametrize("fault", ["lose-answer", "late"])
def test_what_the_badge_did_not_hear_of_has_arrived_and_comes_again(story, bodies, fault):
    run(fault)
    counted, told = truth(story)
    assert len(told) == counted[fault] > 0
    seen = [key_of(body) for body in bodies]
    first, last = told[0], told[-1]
    assert seen.count(named(first)) >= 1
    again = [
        one for one in seen if one[0] == first["device_id"] and one[1] <= first["first_sequence"]
    ]
    assert len(again) >= 2  # its events, with what has come since then
    assert last["at"] >= first["at"]


def test_a_run_without_faults_has_no_such_truth(story):
    assert call("small.yaml", "--hours", "0.2", "--out", "run").exit_code == 0
    assert not (story / "run" / "truth" / "faults.json").exists()
