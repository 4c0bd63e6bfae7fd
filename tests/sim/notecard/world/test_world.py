from __future__ import annotations

from sim.notecard.world.world import Position, SetWorld


def test_what_is_assigned_is_measured_from_then_on():
    world = SetWorld()
    world.position, world.moving, world.volts, world.celsius, world.bars = None, True, 3.3, -5.0, 0
    measured = (world.fix_at(0), world.moving_at(0), world.volts_at(0), world.celsius_at(0))
    assert measured == (None, True, 3.3, -5.0)
    assert world.bars_at(0) == 0
    world.position = Position(1.0, 2.0)
    assert world.fix_at(9).lat == 1.0
