"""Unmodified bleak on the virtual air, over the socket."""

from __future__ import annotations

import asyncio
import random

import pytest
from bleak import BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
)

from sim.air.feed import Tag, from_geometry, play
from sim.air.radio.air import Air
from sim.air.radio.conditions import Conditions
from tests.sim.air.rig import EDDYSTONE_UUID, SERIES, TAG, Ear


def run(story):
    asyncio.run(story)


def test_an_active_scan_hears_everything_that_a_tag_says(offer, eventually):
    async def story():
        air, ear = Air(1), Ear()
        async with offer(air), ear.scanner:
            air.advertise(
                TAG,
                -60,
                name="tag",
                manufacturer_data={0x004C: b"\2\x15uuid"},
                service_data={"FEAA": b"\0\xee"},
                service_uuids=("FEAA",),
                tx_power_dbm=-59,
                flags=6,
            )
            air.advertise(TAG, -61)
            await eventually(lambda: len(ear.heard) == 2)
            device, advert = ear.adverts[-1]
            assert (device.address, device.name, advert.rssi) == (TAG, "tag", -61)
            assert advert.manufacturer_data == {0x004C: b"\2\x15uuid"}
            assert advert.service_data == {EDDYSTONE_UUID: b"\0\xee"}
            assert (advert.service_uuids, advert.tx_power) == ([EDDYSTONE_UUID], -59)
            assert list(ear.scanner.discovered_devices_and_advertisement_data) == [TAG]

    run(story())


def test_a_nameless_device_has_no_name_and_a_broken_one_is_readable(offer, eventually):
    async def story():
        air, ear = Air(1), Ear()
        async with offer(air), ear.scanner:
            air.advertise(TAG, -60)
            air.advertise(TAG, -60, name=b"tag\0\xff")
            air.advertise(TAG, -60, name=b"\xfftag")
            await eventually(lambda: len(ear.heard) == 3)
            assert [advert.local_name for _, advert in ear.adverts] == [None, "tag", "tag"]

    run(story())


def test_a_service_filter_and_a_pattern_reach_the_air(offer, eventually):
    async def story():
        air = Air(2)
        by_service = Ear("hci0", service_uuids=[EDDYSTONE_UUID])
        by_name = Ear("hci1", bluez={"filters": {"Pattern": "tag"}})
        async with offer(air), by_service.scanner, by_name.scanner:
            for adapter in ("hci0", "hci1"):
                air.advertise(TAG, -60, adapter=adapter, name="tag")
                air.advertise(TAG, -61, adapter=adapter, service_uuids=("FEAA",))
            await eventually(lambda: by_name.heard and by_service.heard)
        assert (by_service.strengths, by_name.strengths, air.heard) == ([-61], [-60], 2)

    run(story())


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({}, [-60, -68, -60]),
        ({"RSSI": -127}, list(SERIES)),
        ({"DuplicateData": True}, [-60, -60, -60, -60, -60, -68, -68, -60]),
    ],
)
def test_the_threshold_of_blue_z_as_bleak_shows_it(offer, eventually, filters, told):
    async def story():
        air, ear = Air(1, Conditions(threshold_db=8)), Ear(bluez={"filters": filters})
        async with offer(air), ear.scanner:
            for rssi in SERIES:
                air.advertise(TAG, rssi, manufacturer_data={1: b"x"})
            await eventually(lambda: len(ear.heard) >= len(told))
            assert ear.strengths == told

    run(story())


def test_values_that_are_no_strength_arrive_as_the_host_gives_them(offer, eventually):
    async def story():
        air, ear = Air(1), Ear()
        async with offer(air), ear.scanner:
            for rssi in (-127, 127, -60):
                air.advertise(TAG, rssi)
            air.adapters["hci0"].touch(TAG, Connected=True)
            await eventually(lambda: len(ear.heard) == 4)
            assert ear.strengths == [-127, 127, -60, -60]  # the last one is a phantom

    run(story())


def test_twenty_radios_in_one_room_hear_equal_series(offer, eventually):
    class Room:
        def __init__(self):
            self.noise = random.Random(7)
            self.truth = {f"hci{i}": [] for i in range(20)}

        def rssi_dbm(self, mac, adapter, at_ms):
            rssi = -40 - abs(int(mac[-2:], 16) - int(adapter[3:])) - self.noise.randint(0, 6)
            self.truth[adapter].append((mac, rssi))
            return rssi

    async def story():
        air, room = Air(20), Room()
        tags = [Tag(f"AA:BB:CC:DD:EE:{i:02X}", 100) for i in range(20)]
        ears = {name: Ear(name) for name in air.adapters}
        async with offer(air) as bus:
            for ear in ears.values():
                await ear.scanner.start()
            reports = from_geometry(tags, list(ears), room, until_ms=500)
            now = asyncio.get_running_loop().time
            settings = {"now_s": now, "sleep": asyncio.sleep, "drain": bus.drain}
            sent = await play(air, reports, speed=float("inf"), **settings)
            await eventually(lambda: sum(len(ear.heard) for ear in ears.values()) == sent)
            for ear in ears.values():
                await ear.scanner.stop()
        assert sent > 1000
        assert {name: ear.heard for name, ear in ears.items()} == room.truth

    run(story())


@pytest.mark.parametrize("name", ["InProgress", "NotReady", "Failed"])
def test_a_refused_start_is_bleaks_own_error(offer, name):
    async def story():
        air = Air(1)
        air.adapters["hci0"].refuse("StartDiscovery", name)
        async with offer(air):
            with pytest.raises(BleakDBusError, match=f"org.bluez.Error.{name}"):
                await Ear().scanner.start()
            async with Ear().scanner:
                assert air.adapters["hci0"].sessions

    run(story())


def test_bleak_recovers_from_a_stop_that_is_in_progress(offer):
    async def story():
        air = Air(1)
        async with offer(air):
            async with Ear().scanner:
                air.adapters["hci0"].refuse("StopDiscovery", "InProgress")
            # The second half of its recovery was refused as a second start of the same client.
            assert air.adapters["hci0"].fault_counts["StopDiscovery InProgress"] == 1

    run(story())


def test_a_second_scan_of_the_same_program_is_in_progress(offer):
    async def story():
        async with offer(Air(1)), Ear().scanner:
            with pytest.raises(BleakDBusError, match="Operation already in progress"):
                await Ear().scanner.start()

    run(story())


@pytest.mark.parametrize("crashed", [False, True])
def test_a_restart_of_bluetoothd_is_silence_until_scanning_starts_again(offer, eventually, crashed):
    async def story():
        air, ear = Air(1), Ear()
        async with offer(air):
            await ear.scanner.start()
            air.advertise(TAG, -60)
            await eventually(lambda: len(ear.heard) == 1)
            air.restart_bluetoothd(crashed=crashed)
            assert not air.advertise(TAG, -61)
            with pytest.raises(BleakDBusError, match="No discovery started"):
                await ear.scanner.stop()
            await ear.scanner.start()
            air.advertise(TAG, -62)
            await eventually(lambda: len(ear.heard) == 2)
            await ear.scanner.stop()
        assert ear.strengths == [-60, -62]

    run(story())


def test_without_bluetoothd_the_service_is_unknown(offer):
    async def story():
        air = Air(1)
        air.stop_bluetoothd()
        async with offer(air):
            with pytest.raises(BleakDBusError, match="ServiceUnknown"):
                await Ear().scanner.start()

    run(story())


def test_an_unplugged_adapter_is_not_found_until_it_is_back(offer, eventually):
    async def story():
        air, ear = Air(2), Ear("hci1")
        async with offer(air):
            await ear.scanner.start()
            air.unplug("hci1")
            assert not air.advertise(TAG, -60, adapter="hci1")
            await asyncio.sleep(0.01)
            with pytest.raises(BleakError, match="'hci1' not found"):
                await Ear("hci1").scanner.start()
            air.plug("hci1")
            await asyncio.sleep(0.01)
            with pytest.raises(BleakDBusError):
                await ear.scanner.stop()
            await ear.scanner.start()
            air.advertise(TAG, -61, adapter="hci1")
            await eventually(lambda: ear.strengths == [-61])
            await ear.scanner.stop()

    run(story())


@pytest.mark.parametrize(
    ("air", "reason"),
    [
        (lambda: Air(0), BleakBluetoothNotAvailableReason.NO_BLUETOOTH),
        (lambda: Air(1, Conditions(central=False)), "NO_BLE_CENTRAL_ROLE"),
        (lambda: powered_off(), "POWERED_OFF"),
    ],
)
def test_why_there_is_no_bluetooth(offer, air, reason):
    async def story():
        async with offer(air()):
            with pytest.raises(BleakBluetoothNotAvailableError) as caught:
                await BleakScanner().start()
            assert caught.value.reason.name == getattr(reason, "name", reason)

    run(story())


def powered_off() -> Air:
    air = Air(1)
    air.power(False)
    return air
