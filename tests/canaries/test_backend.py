from __future__ import annotations

import json

import pytest

from badge.effects import Upload
from badge.storage.memory import MemoryStore
from sim.engine.clock import Clock
from sim.engine.promises import BrokenPromiseError
from tests.canaries.backend import MoodyCloud, upload_in_trouble


@pytest.mark.parametrize("seed", range(1, 9))
def test_hours_of_trouble_cost_nothing(seed):
    assert upload_in_trouble(seed) > 250


def test_the_same_seed_is_the_same_trouble():
    assert upload_in_trouble(3) == upload_in_trouble(3)


def upload(*numbers: int) -> Upload:
    body = json.dumps([{"sequence_number": number} for number in numbers]).encode()
    return Upload(1, body, len(numbers), numbers[0], numbers[-1])


def test_the_cloud_knows_what_never_waited():
    cloud = MoodyCloud(Clock(), 1)
    cloud.store = MemoryStore()
    with pytest.raises(BrokenPromiseError, match="order"):
        cloud.send(upload(1, 2), lambda answer: None)


def test_the_cloud_misses_what_was_released_without_it():
    cloud = MoodyCloud(Clock(), 1)
    cloud.store = MemoryStore()
    cloud.store.queue.next_sequence = 4
    with pytest.raises(BrokenPromiseError, match=r"J3 .*: \[1, 2, 3\] were released"):
        cloud.judge_store()
