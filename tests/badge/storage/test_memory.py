"""A store in memory is a store like any other, and its snapshot tells all of it but the key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from badge.storage.memory import MemoryStore, restore, snapshot
from badge.storage.store import State
from tests.badge.storage.test_store import filled


@given(st.integers(0, 12), st.integers(0, 12), st.sets(st.integers(1, 12)))
def test_a_store_is_restored_from_its_snapshot(count, through, refused):
    store = filled(count, queue_max=8)
    store.stamp(5)
    store.settle(min(through, count), dict.fromkeys(refused, "no"))
    store.save_age(77)
    store.save_config({"n": 1, "api_key": "secret"})
    again = restore(snapshot(store))
    assert snapshot(again) == snapshot(store)
    assert again.queue.entries == store.queue.entries
    assert again.config_document == {"n": 1}, "a snapshot never holds the key"


KEPT = snapshot(filled(3))
ENTRY = KEPT["queue"][0]


def entry(**changes):
    names = ("number", "type", "payload", "version", "age_ms", "unix_ms")
    return [changes.get(name, value) for name, value in zip(names, ENTRY, strict=True)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"next_sequence": "4"}, "next_sequence: "),
        ({"next_sequence": 0}, "next_sequence: "),
        ({"next_sequence": 2**63}, "next_sequence: "),
        ({"floor": -1}, "floor: "),
        ({"floor": 1.0}, "floor: "),
        ({"age_ms": 10**30}, "age_ms: "),
        ({"state": {**KEPT["state"], "boot_age_ms": "x"}}, r"state\.boot_age_ms: "),
        ({"state": {**KEPT["state"], "worker_id": 7}}, r"state\.worker_id: "),
        ({"state": {**KEPT["state"], "more": 7}}, r"state\.more: "),
        ({"state": {}}, r"state\.\w+: is missing"),
        ({"state": "x"}, "state: "),
        ({"queue": 3}, "queue: "),
        ({"queue": [[1]]}, r"queue\.0\."),
        ({"queue": [entry(type=["motion"])]}, r"queue\.0\.1: "),
        ({"queue": [entry(payload=[])]}, r"queue\.0\.2: "),
        ({"queue": [entry(unix_ms=10**15)]}, r"queue\.0\.5: "),
        ({"queue": [entry(number=7)]}, "queue: the numbers do not rise"),
        ({"queue": [entry(), entry()]}, "queue: the numbers do not rise"),
        ({"floor": 1}, "queue: the numbers do not rise"),
        ({"quarantine": [[entry(), 7]]}, r"quarantine\.0\.1: "),
        ({"config": []}, "config: "),
        ({"more": 1}, "more: "),
    ],
)
def test_what_is_no_snapshot_is_refused_at_its_place(changes, words):
    assert snapshot(restore(KEPT)) == KEPT
    with pytest.raises(InputError, match=f"^r line 1: store: {words}"):
        restore({**KEPT, **changes}, "r line 1: store")


def test_memory_costs_no_flash_and_cannot_fault():
    store = filled(1)
    assert store.recover().effects == ()
    assert store.save_state(State(worker_id="W-1")) == ()
    assert store.mend(0) == ()
    assert store.state.worker_id == "W-1"


def test_a_new_one_begins_at_nothing_and_what_is_no_store_is_told_as_one():
    assert (MemoryStore().age_ms, MemoryStore().state) == (0, State())
    with pytest.raises(InputError, match=r"^store\b"):
        restore({})
