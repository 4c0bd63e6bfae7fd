from __future__ import annotations

import json

import pytest

from badge.effects import Upload
from badge.storage.memory import MemoryStore
from sim.engine.clock import Clock
from sim.engine.promises import BrokenPromiseError
from tests.canaries.backend import MoodyBackend, upload_in_trouble


@pytest.mark.parametrize("seed", range(1, 9))
def test_hours_of_trouble_cost_nothing(seed):
    assert upload_in_trouble(seed) > 250


def test_the_same_seed_is_the_same_trouble():
    assert upload_in_trouble(3) == upload_in_trouble(3)


def upload(*numbers: int) -> Upload:
    body = json.dumps([{"sequence_number": number} for number in numbers]).encode()
    return Upload(1, body, len(numbers), numbers[0], numbers[-1])


def test_the_backend_knows_what_never_waited():
    backend = MoodyBackend(Clock(), 1)
    backend.store = MemoryStore()
    with pytest.raises(BrokenPromiseError, match="order"):
        backend.send(upload(1, 2), lambda answer: None)


def test_the_backend_misses_what_was_released_without_it():
    backend = MoodyBackend(Clock(), 1)
    backend.store = MemoryStore()
    backend.store.queue.next_sequence = 4
    with pytest.raises(BrokenPromiseError, match=r"J3 .*: \[1, 2, 3\] were released"):
        backend.judge_store()
