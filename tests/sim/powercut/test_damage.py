from __future__ import annotations

import pytest

from sim.powercut.damage import ROT_KINDS, WRITE_KINDS, rot_damage, write_damage


@pytest.mark.parametrize("kind", WRITE_KINDS)
def test_writes_that_fail_are_mended_at_every_effect(kind):
    done = write_damage(kind, seed=1)
    assert done.failure is None
    assert done.strikes > 150
    assert done.points > 2 * done.strikes


@pytest.mark.parametrize("kind", ROT_KINDS)
def test_rot_is_put_right_or_told(kind):
    done = rot_damage(kind, seed=1, stride=7)
    assert done.failure is None
    assert done.points > 150


@pytest.mark.parametrize("kind", WRITE_KINDS)
def test_a_seed_strikes_the_same_way_twice(kind):
    assert write_damage(kind, 2, stride=9) == write_damage(kind, 2, stride=9)
