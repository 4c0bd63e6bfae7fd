from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import exp1

from sim.engine.streams import stream
from sim.world.field import STEPS, Fading, Shadowing, decibels, rician_mean_db
from sim.world.place import whole_places


def whole(ends: np.ndarray) -> np.ndarray:
    """Places in metres as whole ones; a fifth column of seconds as ms."""
    return np.hstack([whole_places(ends[:, :4]), np.rint(ends[:, 4:] * 1000).astype(np.int64)])


def pairs(moved_m: float, seeds: int = 2000, far_m: float = 0.0) -> np.ndarray:
    ends = np.array([[0.0, 0.0, 9.0, 2.0], [moved_m, 0.0, 9.0, 2.0 + far_m]])
    return np.array([Shadowing(stream(s, "t"), 4.0, 2.0).at(whole(ends)) for s in range(seeds)])


@pytest.mark.parametrize("moved_m", [0.5, 2.0, 5.0])
def test_shadowing_is_correlated_as_gudmundson_says(moved_m):
    seen = pairs(moved_m)
    assert seen.std() == pytest.approx(4.0, rel=0.05)
    assert np.corrcoef(seen.T)[0, 1] == pytest.approx(math.exp(-moved_m / 2.0), abs=0.06)


def test_both_ends_may_move_and_the_correlations_multiply():
    seen = pairs(1.0, far_m=1.0)
    assert np.corrcoef(seen.T)[0, 1] == pytest.approx(math.exp(-1.0), abs=0.06)


def test_a_place_seen_twice_has_the_same_shadow():
    field = Shadowing(stream(1, "t"), 4.0, 2.0)
    ends = whole(np.array([[1.0, 2.0, 3.0, 4.0]]))
    first = field.at(ends)
    field.at(ends + 7)
    assert field.at(ends) == first


def fades(rice_k: float, ends: np.ndarray, channel: int = 0, seeds: int = 1500) -> np.ndarray:
    where = np.full(len(ends), channel)
    return np.array(
        [
            Fading(stream(s, "f"), rice_k, 0.7, 3).at(
                whole(ends), where, np.zeros(Fading.WAVES, np.uint32)
            )
            for s in range(seeds)
        ]
    )


@pytest.mark.parametrize(("rice_k", "sigma_db"), [(0.0, 5.57), (2.0, 4.36), (8.0, 2.24)])
def test_fading_is_rician_with_no_mean_in_db(rice_k, sigma_db):
    ends = np.array([[0.0, 0.0, 5.0, 0.0, 0.0], [40.0, 7.0, 5.0, 0.0, 0.0]])
    seen = fades(rice_k, ends)
    assert seen.mean() == pytest.approx(0.0, abs=0.35)
    assert seen.std() == pytest.approx(sigma_db, rel=0.07)


def test_fading_forgets_within_half_a_wavelength_and_remembers_a_millimetre():
    ends = np.zeros((3, 5))
    ends[1, 0], ends[2, 0] = 0.001, 0.0625
    seen = fades(0.0, ends)
    correlation = np.corrcoef(seen.T)
    assert correlation[0, 1] > 0.95
    assert abs(correlation[0, 2]) < 0.25


def test_channels_fade_apart():
    ends = np.zeros((1, 5))
    one, other = fades(0.0, ends, 0)[:, 0], fades(0.0, ends, 1)[:, 0]
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.08


def test_a_resting_link_drifts_with_the_sway_about_a_level_that_stays():
    """Four of the ten waves come off walls and ground, six off somebody: 0.4 of it stays."""
    ends = np.zeros((3, 5))
    ends[1, 4], ends[2, 4] = 0.2, 1000.0
    correlation = np.corrcoef(fades(0.0, ends).T)
    assert correlation[0, 1] > 0.85
    assert 0.05 < correlation[0, 2] < 0.45


@pytest.mark.parametrize("rice_k", [1e-9, 0.5, 2.0, 9.0, 20.0])
def test_the_mean_in_db_is_the_textbook_one(rice_k):
    exact = 10.0 / math.log(10.0) * (math.log(rice_k / (1.0 + rice_k)) + exp1(rice_k))
    assert rician_mean_db(rice_k) == pytest.approx(exact, abs=1e-3)


def test_a_ratio_in_decibels_is_the_logarithm():
    ratio = np.geomspace(1e-9, 1e9, 9999)
    assert np.abs(decibels(ratio) - 10.0 * np.log10(ratio)).max() < 0.0006


def test_the_table_of_cosines_is_fine_enough():
    assert 2.0 * math.pi / STEPS < 0.002
