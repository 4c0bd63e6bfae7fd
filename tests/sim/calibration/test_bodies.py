from __future__ import annotations

import pytest

from sim.calibration.bodies import TARGETS_DB, body_for
from sim.world.environments import METAL, YARD


@pytest.mark.parametrize(("env", "wanted_db"), TARGETS_DB, ids=lambda one: str(one)[:20])
def test_the_bodies_of_the_world_are_those_that_the_fit_finds(env, wanted_db):
    assert body_for(env, wanted_db, seeds=12) == pytest.approx(env.body_db, abs=2.0)


def test_more_front_to_back_asks_for_more_body():
    assert body_for(YARD, 12.0, seeds=3) < body_for(YARD, 20.0, seeds=3)


def test_what_fading_shows_alone_asks_for_none():
    assert body_for(METAL, 1.0, seeds=3) < 0.5
