"""One name and one sentence for each promise, and an error that crosses processes."""

from __future__ import annotations

import pickle

import pytest

from sim.engine.promises import KEPT, PROMISES, BrokenPromiseError


@pytest.mark.parametrize("promise", PROMISES)
def test_a_broken_promise_says_which_and_what_was_seen(promise):
    error = BrokenPromiseError(promise, "7 is gone", "ACT-00000001")
    assert str(error) == f"{promise} ({PROMISES[promise]}): ACT-00000001: 7 is gone"
    again = pickle.loads(pickle.dumps(error))
    assert (again.promise, again.seen, again.device_id) == (promise, "7 is gone", "ACT-00000001")


def test_a_promise_of_no_badge_in_particular_names_none():
    assert str(BrokenPromiseError(KEPT, "7")) == f"I1 ({PROMISES[KEPT]}): 7"


def test_no_two_promises_are_one():
    assert len(set(PROMISES.values())) == len(PROMISES)
