"""The kinds of faults and when they strike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.chaos.plan.faults import HOUR_MS, KINDS, draw_windows, is_inside
from sim.engine.streams import plain_stream

SEEDS = st.integers(0, 2**63 - 1)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_wild_kind_is_wilder_than_a_mild_one_and_bounded(kind):
    assert 0 < kind.mild < kind.wild
    if kind.how.startswith("of "):
        assert kind.wild <= 1
    assert (kind.how == "windows an hour") == (0 < kind.shortest_ms < kind.longest_ms)


@given(SEEDS, st.floats(0.01, 50))
def test_windows_are_in_order_apart_and_inside_the_first_phase(seed: int, rate: float) -> None:
    end_ms = 6 * HOUR_MS
    windows = draw_windows(plain_stream(seed, "x"), KINDS["outage"], rate, end_ms)
    edges = [edge for window in windows for edge in window]
    assert edges == sorted(edges)
    assert all(0 <= start < end <= end_ms for start, end in windows)
    for start, end in windows:
        assert is_inside(windows, start)
        assert is_inside(windows, end - 1)
    assert not is_inside(windows, end_ms)


def test_a_kind_that_is_off_has_no_windows() -> None:
    assert draw_windows(plain_stream(1, "x"), KINDS["outage"], 0.0, HOUR_MS) == ()
