from __future__ import annotations

import pytest

from sim.air.radio.advert import advert_of
from sim.air.radio.air import Air
from sim.air.radio.conditions import Conditions
from sim.air.radio.filters import DiscoveryFilter
from sim.air.radio.monitor import Monitor, OrPattern
from sim.air.radio.refusals import AirRefusalError
from tests.sim.air.rig import SERIES, TAG, scanning

BEACON = advert_of(manufacturer_data={0x004C: b"\2\x15"})


def test_an_rssi_filter_lifts_the_threshold():
    _, adapter, diary, _ = scanning(Conditions(threshold_db=8), DiscoveryFilter(rssi_dbm=-127))
    for rssi in SERIES:
        adapter.deliver(TAG, rssi, BEACON)
    assert tuple(diary.told()) == SERIES


def test_the_last_stop_invalidates_what_only_a_discovery_knows():
    _, adapter, diary, _ = scanning()
    adapter.deliver(TAG, -50, advert_of(tx_power_dbm=4))
    adapter.start("other")
    adapter.stop("me")
    assert diary.gone == []
    adapter.stop("other")
    assert diary.gone == ["RSSI", "TxPower"]
    assert diary.changes[-1] == {"Discovering": False}


def test_the_refusals_of_blue_z():
    air, adapter, _, _ = scanning()
    refused = []
    for call in (lambda: adapter.start("me"), lambda: adapter.stop("you")):
        with pytest.raises(AirRefusalError) as caught:
            call()
        refused.append((caught.value.name, caught.value.text))
    air.power(False)
    with pytest.raises(AirRefusalError) as caught:
        adapter.start("me")
    refused.append((caught.value.name, caught.value.text))
    assert refused == [
        ("InProgress", "Operation already in progress"),
        ("Failed", "No discovery started"),
        ("NotReady", "Resource Not Ready"),
    ]


def test_an_ordered_refusal_comes_as_often_as_ordered_and_is_counted():
    _, adapter, _, _ = scanning()
    adapter.refuse("StopDiscovery", "Failed", times=2)
    for _ in range(2):
        with pytest.raises(AirRefusalError):
            adapter.stop("me")
    adapter.stop("me")
    assert adapter.fault_counts["StopDiscovery Failed"] == 2


def test_power_off_ends_the_discovery_and_power_on_does_not_resume_it():
    air, adapter, _, _ = scanning()
    air.power(False)
    air.power(True)
    assert not adapter.deliver(TAG, -60, BEACON)
    adapter.start("me")
    assert adapter.deliver(TAG, -60, BEACON)


def test_blue_z_forgets_a_device_that_it_has_not_heard_for_thirty_seconds():
    air, adapter, diary, clock = scanning()
    adapter.deliver(TAG, -60, BEACON)
    clock[0] = 29_999
    air.timers.run_due()
    assert diary.removed == []
    clock[0] = 30_000
    air.timers.run_due()
    assert diary.removed == [TAG]


def test_a_device_that_ended_with_blue_z_is_not_forgotten_a_second_time():
    air, adapter, diary, clock = scanning()
    adapter.deliver(TAG, -60, BEACON)
    air.restart_bluetoothd(crashed=True)
    clock[0] = 60_000
    air.timers.run_due()
    assert diary.removed == []


def test_a_passive_listener_hears_what_matches_its_patterns():
    air, found = Air(1), []
    adapter = air.adapters["hci0"]
    patterns = (OrPattern(2, 0xFF, b"\2\x15"),)
    adapter.watch("me", Monitor(patterns, air.timers, found.append, found.append))
    assert adapter.deliver(TAG, -60, BEACON)
    assert not adapter.deliver(TAG, -60, advert_of(manufacturer_data={0x4C: b"\2\x16"}))
    adapter.unwatch("me")
    assert not adapter.deliver(TAG, -60, BEACON)
    assert found == ["/org/bluez/hci0/dev_AA_BB_CC_DD_EE_01"]
