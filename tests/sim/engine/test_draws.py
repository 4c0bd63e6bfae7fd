from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.draws import KeyedDraws, below_of, bits_of, draws, normal_of, uniform_of


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_hashed_numbers_are_uniform(salt):
    share = uniform_of(salt, np.arange(4000))
    assert 0.0 <= share.min() <= share.max() < 1.0
    assert share.mean() == pytest.approx(0.5, abs=0.03)


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_hashed_numbers_are_normal_and_not_the_uniform_ones(salt):
    drawn, share = normal_of(salt, np.arange(4000)), uniform_of(salt, np.arange(4000))
    assert drawn.mean() == pytest.approx(0.0, abs=0.1)
    assert drawn.std() == pytest.approx(1.0, abs=0.08)
    assert abs(np.corrcoef(drawn, share)[0, 1]) < 0.1


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(0, 2000))
def test_each_draw_is_that_of_its_place_however_it_is_come_by(salt, place):
    in_order, jumped = KeyedDraws(salt), KeyedDraws(salt, place)
    numbers = [in_order.uniform() for _ in range(place + 1)]
    assert jumped.uniform() == numbers[-1]
    jumped.count = place
    assert jumped.uniform(2.0, 4.0) == 2.0 + 2.0 * numbers[-1]
    assert int(bits_of(salt, np.array([place]))[0] >> np.uint64(11)) * 2.0**-53 == numbers[-1]


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(1, 2**32))
def test_whole_numbers_stay_below_their_bound(salt, bound):
    one, places = KeyedDraws(salt), np.arange(300)
    found = below_of(salt, places, bound)
    assert 0 <= found.min() <= found.max() < bound
    assert [one.below(bound) for _ in places] == found.tolist()


def test_times_to_the_next_are_exponential_and_normals_normal():
    one = draws(1, "times")
    times = np.array([one.exponential(20.0) for _ in range(20_000)])
    assert times.mean() == pytest.approx(20.0, rel=0.03)
    assert np.median(times) == pytest.approx(20.0 * np.log(2.0), rel=0.04)
    levels = np.array([one.normal(5.0, 2.0) for _ in range(20_000)])
    assert (levels.mean(), levels.std()) == pytest.approx((5.0, 2.0), abs=0.05)


def test_names_open_draws_of_their_own():
    first = [draws(seed, name).uniform() for seed in (1, 2) for name in ("a", "b")]
    assert len(set(first)) == 4
