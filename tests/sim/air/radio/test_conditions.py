from __future__ import annotations

from sim.air.radio.conditions import Conditions
from tests.sim.air.rig import TAG, scanning


def test_the_default_is_an_ideal_radio_that_keeps_nothing_back():
    air, adapter, diary, _ = scanning(Conditions())
    for rssi in range(-60, -40):
        assert air.advertise(TAG, rssi)
    assert diary.told() == list(range(-60, -40))
    assert not adapter.fault_counts.total()
