from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from badge.errors import InputError
from sim.calibration.walks import (
    COLUMNS,
    fitted_radios,
    possible,
    read_walk,
    residuals,
    rewalk,
    variogram,
    wasserstein_db,
)
from sim.world.environments import HALL, YARD
from tests.paths import RECORDINGS

HELD_BACK = RECORDINGS / "ble-walk-straight.csv"
BOUND_DB = 0.5  # between measured and simulated residuals, whatever the seed
needs_walks = pytest.mark.skipif(
    not HELD_BACK.exists(), reason="needs the real walks in ../shared/recordings"
)


@pytest.fixture(scope="module")
def walk():
    return possible(read_walk(HELD_BACK))


@needs_walks
@pytest.mark.parametrize("seed", range(6))
def test_the_simulated_walk_is_the_measured_one_within_the_bound(walk, seed):
    radios = fitted_radios()
    ours = rewalk(walk, radios, HALL, seed)
    real, made = residuals(walk, radios, HALL), residuals(ours, radios, HALL)
    assert wasserstein_db(real, made) <= BOUND_DB
    assert made.std() == pytest.approx(real.std(), rel=0.1)


@needs_walks
def test_another_environment_would_break_the_bound(walk):
    radios = fitted_radios()
    real = residuals(walk, radios, HALL)
    for wrong in (replace(HALL, rice_k=8.0), replace(HALL, rice_k=0.0, shadowing_db=6.0)):
        made = residuals(rewalk(walk, radios, wrong, 1), radios, HALL)
        assert wasserstein_db(real, made) > BOUND_DB


@needs_walks
def test_the_path_loss_holds_on_the_held_back_walk_too(walk):
    """By level as well: the medians by distance, not only the spread about them."""
    radios = fitted_radios()
    ours = rewalk(walk, radios, HALL, 3)
    at = np.array([(r.x_m, r.y_m) for r in radios])

    def medians(one):
        distance = np.hypot(one.x_m - at[one.radio, 0], one.y_m - at[one.radio, 1])
        rings = [(2, 5), (5, 10), (10, 19)]
        return [np.median(one.rssi[(distance >= a) & (distance < b)]) for a, b in rings]

    assert medians(ours) == pytest.approx(medians(walk), abs=3.0)


@needs_walks
def test_neighbours_are_as_alike_as_in_the_hall(walk):
    radios = fitted_radios()
    edges = np.array([0.02, 0.3, 1.0, 5.0])
    real = variogram(walk, residuals(walk, radios, HALL), edges)[0]
    many = [rewalk(walk, radios, HALL, seed) for seed in range(12)]
    made = np.mean([variogram(w, residuals(w, radios, HALL), edges)[0] for w in many], axis=0)
    assert made == pytest.approx(real, rel=0.15)
    assert made[0] < made[2]


@needs_walks
def test_residuals_are_about_each_radios_own_mean(walk):
    left = residuals(walk, fitted_radios(), YARD)
    assert [left[walk.radio == n].mean() for n in range(12)] == pytest.approx([0.0] * 12, abs=1e-9)


@needs_walks
def test_impossible_readings_are_dropped():
    raw = read_walk(RECORDINGS / "ble-walk-straight-long.csv")
    assert sorted(raw.rssi)[-2:] == [29.0, 42.0]
    assert len(possible(raw).t_ms) == len(raw.t_ms) - 2


@settings(deadline=None)
@given(st.integers(0, 10**9), st.floats(-5, 5))
def test_the_distance_of_a_shift_is_the_shift(seed, shift):
    one = np.random.default_rng(seed).normal(0.0, 5.0, 200)
    assert wasserstein_db(one, one + shift) == pytest.approx(abs(shift), abs=1e-6)


def test_the_distance_is_the_libraries():
    rng = np.random.default_rng(1)
    one, other = rng.normal(0, 4, 3000), rng.gumbel(1, 3, 2000)
    assert wasserstein_db(one, other) == pytest.approx(wasserstein_distance(one, other), abs=0.05)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the columns must be unix_ms"),
        ("a,b\n1,2\n", "line 1: the columns must be"),
        (",".join(COLUMNS) + "\n", "no row under the header"),
        (",".join(COLUMNS) + "\n1,AA,-60,1.0\n", "line 2: not a row"),
        (",".join(COLUMNS) + "\n1,AA,-60,1.0,2.0\n2,AA,x,1.0,2.0\n", "line 3: not a row"),
        (",".join(COLUMNS) + "\n1,AA,-60,nan,2.0\n", "line 2: a number is not finite"),
    ],
)
def test_what_is_no_walk_is_refused_with_its_line(tmp_path, text, said):
    path = tmp_path / "walk.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_walk(path)


def test_site_and_hall_are_two_places():
    assert YARD.exponent - HALL.exponent > 1.0
