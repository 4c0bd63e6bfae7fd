"""A store in memory is a store like any other, and its snapshot tells all of it but the key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.storage.memory import restore, snapshot
from badge.storage.store import State
from tests.badge.storage.test_store import filled


@given(st.integers(0, 12), st.integers(0, 12), st.sets(st.integers(1, 12)))
def test_a_store_is_restored_from_its_snapshot(count, through, refused):
    store = filled(count, queue_max=8)
    store.stamp(5)
    store.settle(through, dict.fromkeys(refused, "no"))
    store.save_age(77)
    store.save_config({"n": 1, "api_key": "secret"})
    again = restore(snapshot(store))
    assert snapshot(again) == snapshot(store)
    assert again.queue.entries == store.queue.entries
    assert again.config_document == {"n": 1}, "a snapshot never holds the key"


@pytest.mark.parametrize("wrong", [{}, {"queue": [[1]]}, {"queue": 3}])
def test_what_is_no_snapshot_is_refused(wrong):
    with pytest.raises((KeyError, TypeError, ValueError)):
        restore(wrong)


def test_memory_costs_no_flash_and_cannot_fault():
    store = filled(1)
    assert store.recover().effects == ()
    assert store.save_state(State(worker_id="W-1")) == ()
    assert store.mend(0) == ()
    assert store.state.worker_id == "W-1"
