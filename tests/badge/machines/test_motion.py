"""Contract section 3, Motion."""

from __future__ import annotations

import pytest

from badge.errors import MisuseError
from badge.inputs import Movement
from badge.machines.core import Core
from badge.machines.motion import Motion, MotionFact
from badge.storage.memory import MemoryStore
from tests.badge.rig import Rig


def motions(rig):
    return [
        (s, p["previous_state"], p["new_state"], p["duration_s"])
        for s, _, p in rig.events("motion")
    ]


def test_moving_is_accepted_at_once_and_stationary_after_30_s():
    rig = Rig()
    rig.assign(10)
    rig.give(Movement(True), 20.9)
    rig.give(Movement(False), 100)
    rig.until(200)
    assert motions(rig) == [
        (20.9, "stationary", "moving", 20),
        (130, "moving", "stationary", 109),
    ]


def test_movement_within_the_30_s_starts_them_again():
    rig = Rig()
    rig.assign(0)
    for at_s, moving in ((1, True), (2, False), (31, True), (40, False), (50, False)):
        rig.give(Movement(moving), at_s)
    rig.until(100)
    assert motions(rig) == [(1, "stationary", "moving", 1), (70, "moving", "stationary", 69)]


def test_it_is_tracked_always_but_told_only_in_a_shift():
    rig = Rig()
    rig.give(Movement(True), 5)
    rig.assign(10)
    rig.give(Movement(False), 15)
    rig.until(50)
    assert motions(rig) == [(45, "moving", "stationary", 40)]


def test_the_time_is_a_setting():
    rig = Rig(stationary_after_s=7)
    rig.assign(0)
    rig.give(Movement(True), 1)
    rig.give(Movement(False), 2)
    rig.until(60)
    assert motions(rig)[-1][0] == 9


@pytest.mark.parametrize("moving", [False, True])
def test_nothing_settles_that_was_not_waiting(moving):
    motion = Motion(Core(Rig().badge.config, MemoryStore()))
    if moving:
        motion.on(MotionFact.BEGAN)
    with pytest.raises(MisuseError):
        motion.on(MotionFact.SETTLED)
