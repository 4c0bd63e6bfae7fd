"""Arrivals are fixed before the first is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.load.arrivals import Arrivals, constant, read_rate
from tests.strategies import unhurried

rates = st.floats(0.5, 10_000)


@unhurried
@given(rates, rates, st.floats(0.5, 60))
def test_they_come_in_order_within_their_time_at_their_rate(first, last, seconds):
    arrivals = Arrivals(first, last, seconds)
    numbers = sorted({0, 1, arrivals.total // 2, max(arrivals.total - 1, 0)})
    moments = [arrivals.at_ns(number) for number in numbers]
    assert moments == sorted(moments)
    assert moments[0] == 0
    assert arrivals.total == pytest.approx((first + last) / 2 * seconds, abs=1)
    if arrivals.total:
        assert arrivals.at_ns(arrivals.total - 1) <= seconds * 1e9 * 1.000001


def test_a_constant_rate_is_even():
    assert [constant(4, 2).at_ns(n) for n in range(4)] == [0, 250_000_000, 500_000_000, 750_000_000]


@pytest.mark.parametrize(("text", "rate"), [("500/s", 500), ("500", 500), ("30/m", 0.5)])
def test_a_rate_is_read(text, rate):
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "0/s", "-1", "nan", "inf", "1e9/s", "5/y"])
def test_what_is_no_rate_is_one_sentence(text):
    with pytest.raises(InputError, match="--rate"):
        read_rate(text)
