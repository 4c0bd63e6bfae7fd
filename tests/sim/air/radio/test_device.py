from __future__ import annotations

from sim.air.radio.advert import advert_of, full_uuid
from sim.air.radio.conditions import Conditions
from sim.air.radio.filters import DiscoveryFilter
from tests.sim.air.rig import SERIES, TAG, scanning

BEACON = advert_of(manufacturer_data={0x004C: b"\2\x15"})


def test_the_eight_decibel_threshold_tells_large_steps_only():
    _, adapter, diary, _ = scanning(Conditions(threshold_db=8))
    for rssi in SERIES:
        adapter.deliver(TAG, rssi, BEACON)
    assert diary.told() == [-60, -68, -60]


def test_duplicate_data_repeats_the_content_without_a_new_strength():
    wanted = DiscoveryFilter(duplicates=True)
    _, adapter, diary, _ = scanning(Conditions(threshold_db=8), wanted)
    for rssi in SERIES:
        adapter.deliver(TAG, rssi, BEACON)
    assert len(diary.changes) == 8
    assert len(diary.told()) == 3


def test_old_content_stays_beside_the_new():
    _, adapter, _, _ = scanning()
    adapter.deliver(TAG, -60, BEACON)
    adapter.deliver(TAG, -60, advert_of(manufacturer_data={1: b"x"}, service_uuids=("180f",)))
    adapter.deliver(TAG, -60, advert_of(service_uuids=("feaa",)))
    known = adapter.devices[TAG].properties
    assert known["ManufacturerData"] == {0x004C: b"\2\x15", 1: b"x"}
    assert known["UUIDs"] == [full_uuid("180f"), full_uuid("feaa")]
