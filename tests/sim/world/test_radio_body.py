from __future__ import annotations

import numpy as np
import pytest

from sim.engine.streams import stream
from sim.world.place import FULL_TURN, whole_angles, whole_places, whole_turns
from sim.world.radio import Lobe

EAST = whole_places(np.ones(8)), whole_places(np.zeros(8))
FACINGS = np.arange(8) * (np.pi / 4)


def lost(seed, body_db=10.0, irregular=0.25):
    return Lobe(stream(seed, "body"), body_db, irregular).lost_db(whole_turns(FACINGS), *EAST)


def test_the_body_is_between_when_the_tag_is_behind():
    smooth = lost(1, irregular=0.0)
    assert smooth[[0, 2, 4, 6]].tolist() == pytest.approx([0.0, 5.0, 10.0, 5.0], abs=0.15)


def test_no_two_bodies_are_alike_and_each_keeps_its_own():
    assert lost(1).tolist() == lost(1).tolist() != lost(2).tolist()


def test_notches_are_of_the_stated_size_and_leave_the_mean_alone():
    off = np.array([lost(seed) - lost(seed, irregular=0.0) for seed in range(400)])
    assert off.std() == pytest.approx(2.5, rel=0.1)
    assert off.mean() == pytest.approx(0.0, abs=0.15)


def test_only_the_way_between_facing_and_tag_counts():
    """Turning the whole yard changes nothing, however many turns."""
    body = Lobe(stream(1, "body"), 10.0, 0.25)
    west = body.lost_db(whole_turns(FACINGS + np.pi + 0.001), -EAST[0], EAST[1])
    here = body.lost_db(whole_turns(FACINGS + 0.001 + 6.0 * np.pi), *EAST)
    assert west.tolist() == here.tolist()


def test_angles_are_the_arc_tangent_all_the_way_round():
    radians = np.linspace(-np.pi, np.pi, 9973)
    dx, dy = whole_places(7.0 * np.cos(radians)), whole_places(7.0 * np.sin(radians))
    off = (whole_angles(dx, dy) - whole_turns(radians) + FULL_TURN // 2) % FULL_TURN
    assert np.abs(off - FULL_TURN // 2).max() <= 4
    assert whole_angles(np.array([0]), np.array([0])).tolist() == [0]
