from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.air.radio.timers import Timers


@given(st.lists(st.integers(0, 50), max_size=20))
def test_what_is_due_happens_in_the_order_of_its_moments(delays):
    now, done = [0], []
    timers = Timers(lambda: now[0])
    for i, delay in enumerate(delays):
        timers.after(delay, lambda i=i: done.append(i))
    for now[0] in range(51):
        timers.run_due()
    assert done == sorted(range(len(delays)), key=lambda i: (delays[i], i))
    assert timers.next_ms() is None


def test_a_cancelled_timer_is_not_waited_for():
    timers = Timers(lambda: 0)
    timers.after(5, lambda: None).cancel()
    later = timers.after(9, lambda: None)
    assert timers.next_ms() == later.due_ms == 9


def test_whoever_waits_is_woken_for_an_earlier_moment_alone():
    timers, woken = Timers(lambda: 0), []
    timers.on_sooner = lambda: woken.append(timers.next_ms())
    for delay in (9, 20, 5):
        timers.after(delay, lambda: None)
    assert woken == [9, 5]
