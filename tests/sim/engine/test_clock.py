"""Simulated time runs calls in order, whatever the order of asking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import MisuseError
from sim.engine.clock import Clock


@given(st.lists(st.integers(0, 50)))
def test_calls_run_by_time_and_of_one_moment_in_the_order_of_asking(moments):
    clock, ran = Clock(), []
    for place, ms in enumerate(moments):
        clock.at(ms, lambda ms=ms, place=place: ran.append((clock.now_ms, ms, place)))
    clock.run_until(50)
    assert ran == sorted((ms, ms, place) for place, ms in enumerate(moments))
    assert clock.now_ms == 50


def test_a_call_may_ask_for_more_at_the_same_moment():
    clock, ran = Clock(), []
    clock.at(5, lambda: (ran.append("first"), clock.after(0, lambda: ran.append("third"))))
    clock.at(5, lambda: ran.append("second"))
    clock.run_until(5)
    assert ran == ["first", "second", "third"]


def test_what_is_over_cannot_be_asked_for():
    clock = Clock()
    clock.run_until(10)
    with pytest.raises(MisuseError, match="9 ms is over, it is 10 ms"):
        clock.at(9, lambda: None)


def test_steps_tell_whether_there_was_one():
    clock = Clock()
    assert (clock.step(), clock.next_ms) == (False, None)
    clock.after(7, lambda: None)
    assert (clock.next_ms, clock.step(), clock.now_ms) == (7, True, 7)


def test_running_until_a_moment_leaves_later_calls_alone():
    clock, ran = Clock(), []
    clock.at(11, lambda: ran.append(11))
    clock.run_until(10)
    assert (ran, clock.next_ms, clock.now_ms) == ([], 11, 10)
