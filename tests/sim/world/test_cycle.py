"""What a law of a cycle draws: more samples are stronger, and one sample is what a sample is."""

from dataclasses import replace

import numpy as np
import pytest

from sim.engine.streams import stream
from sim.world.cycle import (
    ALONE,
    COUNTS,
    LEVELS_A_DB,
    MOVING,
    WEIGHT,
    WORN,
    CycleLaw,
    cycle_fit,
)
from sim.world.environments import ENVIRONMENTS, YARD
from sim.world.field import Fading


def law_of(env=YARD, period_ms=5000, seed=1):
    fading = Fading(stream(seed, "fading", env.name), env.rice_k, env.sway_rad_s, channels=3)
    return CycleLaw(env, fading, period_ms)


def drawn(law, kind, count, moved_m=0.0, n=4000):
    """Draw for one place and one channel, n times."""
    counts = np.zeros((n, 3), np.int64)
    counts[:, 0] = count
    places = np.zeros((n, 5), np.int64)
    phase = np.zeros(Fading.WAVES, np.uint32)
    return law.above(
        np.full(n, kind), places, np.full(n, moved_m), counts, 3 * np.arange(n), 7, phase
    )


def test_a_board_that_nobody_is_near_has_the_reading_s_own_error_alone():
    one = drawn(law_of(), ALONE, 1)
    assert one.std() == pytest.approx(YARD.error_db, abs=0.1)
    places, phase = np.zeros((1, 5), np.int64), np.zeros(Fading.WAVES, np.uint32)
    level = law_of().fading.at(places, np.zeros(1, np.int64), phase)[0]
    assert one.mean() == pytest.approx(level, abs=0.15)


def test_who_moves_fades_about_the_mean_level_and_shadow_adds_to_it():
    still_shadow = law_of(replace(YARD, shadowing_db=0.0))
    one = drawn(still_shadow, MOVING, 1)
    assert one.mean() == pytest.approx(0.0, abs=0.4)
    shadowed = law_of(replace(YARD, shadowing_db=9.0))
    assert drawn(shadowed, MOVING, 1, moved_m=4.0).std() > one.std() + 0.3


@pytest.mark.parametrize("kind", [WORN, ALONE, MOVING])
def test_more_samples_are_stronger(kind):
    means = [drawn(law_of(), kind, count).mean() for count in (1, 2, 4, 8, 16, 200, 2 * COUNTS)]
    assert (np.diff(means[:-1]) > 0.1).all()
    assert means[-1] == pytest.approx(means[-2], abs=0.5)


def test_the_waves_that_nobody_drives_hold_and_the_others_hold_less_the_longer_it_takes():
    short, long = law_of(period_ms=1000), law_of(period_ms=20_000)
    assert (short.weights[WORN][:4] == WEIGHT).all()
    assert (long.weights[WORN][6:] < short.weights[WORN][6:]).all()
    assert long.loose[WORN] > short.loose[WORN] > short.loose[ALONE] == 0.0


@pytest.mark.parametrize("env", ENVIRONMENTS.values(), ids=str)
def test_no_draw_is_above_what_the_law_says_is_most(env):
    law = law_of(env)
    assert all(drawn(law, kind, 99).max() <= law.most_db for kind in range(4))
    assert np.diff(law.rows, axis=1).max() <= 0  # the likelier the weaker
    assert law.rows.max() / LEVELS_A_DB < 60


def test_nothing_heard_is_no_level():
    assert (drawn(law_of(), WORN, 0) == -np.inf).all()


def test_the_fit_names_its_source():
    assert "sim.calibration" in cycle_fit().source
