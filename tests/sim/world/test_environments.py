from __future__ import annotations

import pytest

from sim.world.environments import ENVIRONMENTS, HALL, SITE


def test_the_site_is_the_contracts():
    assert SITE.mean_dbm(1.0) >= -50.0
    assert SITE.mean_dbm(5.0) - SITE.body_db / 2 == pytest.approx(-70.0, abs=1.0)


def test_the_hall_is_as_it_was_fitted():
    assert HALL.exponent == pytest.approx(1.49, abs=0.05)
    assert HALL.rssi_1m_dbm == pytest.approx(-60.7, abs=1.0)
    assert ENVIRONMENTS == {"site": SITE, "hall": HALL}


@pytest.mark.parametrize("env", ENVIRONMENTS.values(), ids=str)
def test_every_environment_names_its_source(env):
    assert len(env.source) > 30


def test_at_the_reach_even_four_sigma_is_not_heard():
    loudest = SITE.mean_dbm(SITE.reach_m) + 4 * SITE.shadowing_db
    assert loudest == pytest.approx(SITE.sensitivity_dbm)


def test_a_fit_inside_a_hall_does_not_carry_over_the_country():
    assert HALL.reach_m == 100.0


def test_the_mean_falls_with_distance_and_not_below_arms_length():
    assert SITE.mean_dbm(0.0) == SITE.mean_dbm(0.3) > SITE.mean_dbm(1.0) > SITE.mean_dbm(10.0)
