from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.air.radio.adapter import AirRefusalError
from sim.air.radio.advert import Advert
from sim.air.radio.air import Air
from sim.air.radio.conditions import Conditions
from sim.air.radio.filters import DiscoveryFilter, OrPattern

TAG = "AA:BB:CC:DD:EE:01"
SERIES = (-60, -61, -63, -60, -67, -68, -69, -60)
BEACON = Advert(manufacturer_data={0x004C: b"\2\x15"})


class Diary:
    """Writes down what BlueZ would announce."""

    def __init__(self, air: Air) -> None:
        self.changes: list[dict[str, object]] = []
        self.gone: list[str] = []
        self.removed: list[str] = []
        air.witness(self)

    def device_added(self, adapter, device):
        self.changes.append({"RSSI": device.properties["RSSI"]})

    def device_changed(self, adapter, device, changed, gone):
        self.changes.append(changed)
        self.gone += gone

    def device_removed(self, adapter, device):
        self.removed.append(device.mac)

    def adapter_changed(self, adapter, changed):
        self.changes.append(changed)

    def told(self) -> list[object]:
        return [change["RSSI"] for change in self.changes if "RSSI" in change]


def scanning(conditions: Conditions | None = None, wanted: DiscoveryFilter | None = None):
    clock = [0]
    air = Air(1, conditions, lambda: clock[0])
    adapter = air.adapters["hci0"]
    adapter.set_filter("me", wanted)
    adapter.start("me")
    return air, adapter, Diary(air), clock


def test_the_eight_decibel_threshold_tells_large_steps_only():
    _, adapter, diary, _ = scanning(Conditions(threshold_db=8))
    for rssi in SERIES:
        adapter.deliver(TAG, rssi, BEACON)
    assert diary.told() == [-60, -68, -60]


def test_an_rssi_filter_lifts_the_threshold():
    _, adapter, diary, _ = scanning(Conditions(threshold_db=8), DiscoveryFilter(rssi_dbm=-127))
    for rssi in SERIES:
        adapter.deliver(TAG, rssi, BEACON)
    assert tuple(diary.told()) == SERIES


def test_duplicate_data_repeats_the_content_without_a_new_strength():
    wanted = DiscoveryFilter(duplicates=True)
    _, adapter, diary, _ = scanning(Conditions(threshold_db=8), wanted)
    for rssi in SERIES:
        adapter.deliver(TAG, rssi, BEACON)
    assert len(diary.changes) == 8
    assert len(diary.told()) == 3


def test_the_last_stop_invalidates_what_only_a_discovery_knows():
    _, adapter, diary, _ = scanning()
    adapter.deliver(TAG, -50, Advert(tx_power_dbm=4))
    adapter.start("other")
    adapter.stop("me")
    assert diary.gone == []
    adapter.stop("other")
    assert diary.gone == ["RSSI", "TxPower"]
    assert diary.changes[-1] == {"Discovering": False}


@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        (DiscoveryFilter(), True),
        (DiscoveryFilter(transport="bredr"), False),
        (DiscoveryFilter(rssi_dbm=-60), True),
        (DiscoveryFilter(rssi_dbm=-59), False),
        (DiscoveryFilter(pathloss_db=56), True),
        (DiscoveryFilter(pathloss_db=55), False),
        (DiscoveryFilter(pattern="AA:BB"), True),
        (DiscoveryFilter(pattern="tag"), True),
        (DiscoveryFilter(pattern="gat"), False),
        (DiscoveryFilter(uuids=("a", "b")), True),
        (DiscoveryFilter(uuids=("c",)), False),
    ],
)
def test_a_discovery_filter_admits_as_blue_z_documents_it(wanted, heard):
    _, adapter, _, _ = scanning(wanted=wanted)
    advert = Advert(name="tag-1", service_uuids=("b",), tx_power_dbm=-4)
    assert adapter.deliver(TAG, -60, advert) is heard


def test_filters_of_several_clients_add_up():
    _, adapter, _, _ = scanning(wanted=DiscoveryFilter(rssi_dbm=-40))
    assert not adapter.deliver(TAG, -60, BEACON)
    adapter.start("other")
    assert adapter.deliver(TAG, -60, BEACON)
    adapter.leave("other")
    assert not adapter.deliver(TAG, -60, BEACON)


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


def test_an_ordered_refusal_strikes_as_often_as_ordered_and_is_counted():
    _, adapter, _, _ = scanning()
    adapter.refuse("StopDiscovery", "Failed", times=2)
    for _ in range(2):
        with pytest.raises(AirRefusalError):
            adapter.stop("me")
    adapter.stop("me")
    assert adapter.struck["StopDiscovery Failed"] == 2


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
    clock[0] = 30_000
    air.sweep()
    assert diary.removed == []
    clock[0] = 30_001
    air.sweep()
    assert diary.removed == [TAG]


def test_old_content_stays_beside_the_new():
    _, adapter, _, _ = scanning()
    adapter.deliver(TAG, -60, BEACON)
    adapter.deliver(TAG, -60, Advert(manufacturer_data={1: b"x"}, service_uuids=("a",)))
    adapter.deliver(TAG, -60, Advert(service_uuids=("b",)))
    known = adapter.devices[TAG].properties
    assert known["ManufacturerData"] == {0x004C: b"\2\x15", 1: b"x"}
    assert known["UUIDs"] == ["a", "b"]


def test_a_passive_listener_hears_what_matches_its_patterns():
    air = Air(1)
    adapter = air.adapters["hci0"]
    adapter.watch("me", (OrPattern(2, 0xFF, b"\2\x15"),))
    assert adapter.deliver(TAG, -60, BEACON)
    assert not adapter.deliver(TAG, -60, Advert(manufacturer_data={0x4C: b"\2\x16"}))
    adapter.unwatch("me")
    assert not adapter.deliver(TAG, -60, BEACON)


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
