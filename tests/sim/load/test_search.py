"""The highest rate that holds is found for any backend that has one."""

from hypothesis import given
from hypothesis import strategies as st

from sim.load.search import highest
from tests.strategies import unhurried


@unhurried
@given(st.floats(2, 500_000))
def test_it_is_found_to_five_percent(limit):
    found, tried = highest(lambda rate: rate <= limit, 100.0, 200_000.0)
    assert found is not None
    assert found <= limit
    assert found >= min(limit, 200_000.0) / 1.06
    assert len(tried) <= 30


def test_a_backend_that_holds_nothing_is_given_up():
    found, tried = highest(lambda rate: False, 100.0, 200_000.0)
    assert found is None
    assert len(tried) < 12
