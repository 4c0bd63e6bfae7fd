"""What a receiver acknowledged and did not process, or twice, is found in what it wrote."""

from __future__ import annotations

import json

import pytest

from badge.errors import InputError
from sim.conformance.run import chosen, conform, hook_checks
from sim.conformance.taken import look_at_taken
from tests.sim.conformance.webhooks.faults import FAULTS, TAKEN
from tests.sim.conformance.webhooks.rig import receiver

LOOKED_AT = [
    (platform, name)
    for platform, faults in FAULTS.items()
    for name, fault in faults.items()
    if fault.sees in TAKEN
]


@pytest.mark.parametrize(("platform", "fault"), LOOKED_AT)
def test_a_planted_fault_is_seen(platform, fault, tmp_path):
    planted = FAULTS[platform][fault]
    with receiver(platform, tmp_path, planted, patience_s=1.0) as wrong:
        conform(wrong, chosen(only=planted.by, among=hook_checks(platform)))
        results = list(look_at_taken(wrong, tmp_path / "taken.ndjson"))
    assert planted.sees in [result.check.name for result in results if result.expected]


def test_at_least_fifteen_faults_of_each_platform_are_planted():
    assert all(len(faults) >= 15 for faults in FAULTS.values())


def test_lines_of_badge_listen_are_read_too(tmp_path):
    path = tmp_path / "taken.ndjson"
    with receiver("grouplink", tmp_path) as right:
        one = right.platform.types()[0].sample("EVENT_IN", right.ids, 1).to_json().decode()
        event = json.loads(one)
        right.acknowledged[right.platform.key_of(event)] = event
        path.write_text(
            f'{{"event": {one}, "duplicate": false}}\n{{"event": {one}, "duplicate": true}}\n'
            f'{{"refused": 401, "why": "x"}}\n\n{{"half of a li'
        )
        assert not [r.expected for r in look_at_taken(right, path) if r.expected]


def test_an_event_that_was_taken_without_an_answer_in_time_came_so(tmp_path):
    """Its successor with the same key is a duplicate then: acknowledged, and not processed."""
    path = tmp_path / "taken.ndjson"
    with receiver("grouplink", tmp_path) as right:
        made = right.platform.types()[0].sample("EVENT_IN", right.ids, 1).to_json()
        first, later = json.loads(made), {**json.loads(made), "origin": "network"}
        key = right.platform.key_of(first)
        right.acknowledged[key] = later
        path.write_text(json.dumps(first) + "\n")
        unchanged = list(look_at_taken(right, path))[-1]
        assert unchanged.expected
        right.unanswered[key] = [first]
        assert not list(look_at_taken(right, path))[-1].expected


@pytest.mark.parametrize("content", [None, "nonsense\n"])
def test_what_cannot_be_read_is_one_sentence(tmp_path, content):
    path = tmp_path / "other.ndjson"
    if content:
        path.write_text(content)
    with receiver("grouplink", tmp_path) as right, pytest.raises(InputError):
        list(look_at_taken(right, path))
