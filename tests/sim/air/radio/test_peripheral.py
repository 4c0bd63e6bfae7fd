from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.air.radio.peripheral import INTERVAL, NAME, TX_POWER, Peripheral, handles_of
from sim.air.radio.refusals import AirRefusalError


def characteristic(tag: Peripheral, uuid: str):
    return next(c for service in tag.services for c in service.characteristics if c.uuid == uuid)


@given(st.sampled_from([NAME, INTERVAL, TX_POWER]), st.binary(max_size=30))
def test_whatever_is_written_a_tag_stays_one_that_can_advertise(uuid, value):
    tag = Peripheral("tag", 100)
    one = characteristic(tag, uuid)
    try:
        one.must_take(value)
    except AirRefusalError:
        return
    one.put(value)
    assert 0.2 <= tag.slowed <= 102.4
    assert -44 <= tag.gain_db <= 16
    assert 0 < len(tag.name.encode()) <= 20


def test_handles_do_not_meet():
    taken = []
    for own, service, places in handles_of(Peripheral().services):
        taken.append(own)
        for place, one in zip(places, service.characteristics, strict=True):
            taken += range(place, place + (3 if "notify" in one.flags else 2))
    assert len(set(taken)) == len(taken)


def test_whoever_listens_is_told_until_it_stops():
    tag, told = Peripheral(), []
    battery = tag.services[1].characteristics[0]
    battery.listeners.append(told.append)
    tag.battery_pct = 97
    battery.listeners.remove(told.append)
    tag.battery_pct = 96
    assert told == [b"\x61"]


def test_a_value_that_is_read_only_stays():
    battery = Peripheral().services[1].characteristics[0]
    with pytest.raises(AirRefusalError, match="Write not permitted"):
        battery.must_take(b"\1")
