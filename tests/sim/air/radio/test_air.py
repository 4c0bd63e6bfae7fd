from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.air.radio.advert import advert_of
from sim.air.radio.air import Air
from tests.sim.air.rig import TAG

BEACON = advert_of(manufacturer_data={0x004C: b"\2\x15"})


def test_an_adapter_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(InputError, match=r"'hci7'.*hci0, hci1"):
        Air(2).advertise(TAG, -60, adapter="hci7")


def test_the_air_has_room_for_twenty_adapters():
    assert list(Air(20).adapters)[-1] == "hci19"
    with pytest.raises(InputError, match="0 to 20"):
        Air(21)


def test_a_strength_that_no_bus_can_carry_is_refused():
    with pytest.raises(InputError, match="16 bits"):
        Air(1).advertise(TAG, 40_000)
