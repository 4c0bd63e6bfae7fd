"""A scenario's uploads, as they would come: badge by badge in turn."""

import json

import pytest

from badge.errors import InputError
from sim.load.fleet_batches import scenario_batches


def test_they_are_valid_batches_of_all_its_badges():
    batches = scenario_batches("crew-of-five", 3, 1.0, lambda progress: None)
    devices = [batch.device_id for batch in batches]
    assert len(set(devices)) == 3
    assert len(set(devices[:3])) == 3
    for batch in batches:
        events = json.loads(batch.body)
        assert {event["device_id"] for event in events} == {batch.device_id}
        assert len(events) == batch.count


def test_an_unknown_one_is_one_sentence():
    with pytest.raises(InputError, match="nowhere-at-all"):
        scenario_batches("nowhere-at-all", None, None, lambda progress: None)
