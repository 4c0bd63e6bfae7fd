"""The rows named out of order are the fewest that explain the disorder."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.reconcile.comparison.order import displaced


def longest_rising(values):
    """The textbook's slow way."""
    best = []
    for place, value in enumerate(values):
        best.append(1 + max((best[i] for i in range(place) if values[i] <= value), default=0))
    return max(best, default=0)


@given(st.lists(st.integers(0, 9), max_size=12))
def test_without_the_displaced_the_rest_never_falls_and_none_too_many_are_named(arrivals):
    out = displaced(arrivals)
    rest = [value for place, value in enumerate(arrivals) if place not in out]
    assert rest == sorted(rest)
    assert len(rest) == longest_rising(arrivals)
    assert out == sorted(set(out))


def test_one_late_row_is_one_row_however_many_came_before_it():
    assert displaced([9, 0, 1, 2, 3, 4]) == [0]
    assert displaced([0, 1, 2, 2, 3]) == []
