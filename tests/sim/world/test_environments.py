from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.world.environments import (
    BENCH,
    ENVIRONMENTS,
    HALL,
    METAL,
    ROOM,
    YARD,
    environment_named,
)


@pytest.mark.parametrize("env", [YARD, ROOM, METAL, BENCH], ids=lambda env: env.name)
def test_its_level_is_the_contracts(env):
    """Over all ways to face; nobody is near the bench."""
    taken = 0.0 if env is BENCH else env.body_db / 2
    assert env.mean_dbm(1.0) >= -50.0
    assert env.mean_dbm(5.0) - taken == pytest.approx(-70.0, abs=1.0)


def test_the_hall_is_as_it_was_fitted():
    assert HALL.exponent == pytest.approx(1.49, abs=0.05)
    assert HALL.rssi_1m_dbm == pytest.approx(-60.7, abs=1.0)


def test_an_environment_is_known_by_its_name():
    assert [environment_named(name).name for name in ENVIRONMENTS] == list(ENVIRONMENTS)
    assert set(ENVIRONMENTS) == {"yard", "room", "metal", "hall", "bench"}
    with pytest.raises(InputError, match="known are: yard"):
        environment_named("moon")


@pytest.mark.parametrize("env", ENVIRONMENTS.values(), ids=str)
def test_every_environment_names_its_source(env):
    assert len(env.source) > 30


def test_at_the_reach_even_four_sigma_is_not_heard():
    loudest = BENCH.mean_dbm(BENCH.reach_m) + 4 * BENCH.shadowing_db
    assert loudest == pytest.approx(BENCH.sensitivity_dbm)


def test_a_fit_inside_a_hall_does_not_carry_over_the_country():
    assert HALL.reach_m == 100.0


def test_the_mean_falls_with_distance_and_not_below_arms_length():
    assert YARD.mean_dbm(0.0) == YARD.mean_dbm(0.3) > YARD.mean_dbm(1.0) > YARD.mean_dbm(10.0)
