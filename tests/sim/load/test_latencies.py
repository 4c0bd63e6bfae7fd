"""Percentiles to three digits, from microseconds to an hour."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.load.latencies import Latencies
from tests.strategies import unhurried


@settings(unhurried, max_examples=10)
@given(st.lists(st.integers(1, 3_599_000_000), min_size=1, max_size=200))
def test_a_percentile_is_that_of_the_sorted_list_to_a_tenth_of_a_percent(values):
    latencies = Latencies()
    for value in values:
        latencies.note(value)
    ordered = sorted(values)
    for percent in (50.0, 90.0, 99.0, 100.0):
        place = max(int(len(ordered) * percent / 100 + 0.5), 1)  # as HdrHistogram rounds
        wanted = ordered[place - 1] / 1000
        assert latencies.percentile_ms(percent) == pytest.approx(wanted, rel=0.002, abs=0.002)


def test_nothing_noted_is_nothing():
    assert Latencies().percentile_ms(99.0) == 0.0


def test_several_alike_count_so_often():
    latencies = Latencies()
    latencies.note(1000, 99)
    latencies.note(9000)
    assert latencies.count == 100
    assert latencies.percentile_ms(99.0) == pytest.approx(1.0, rel=0.01)
    assert latencies.percentile_ms(100.0) == pytest.approx(9.0, rel=0.01)
