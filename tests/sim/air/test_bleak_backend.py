from __future__ import annotations

import asyncio

import pytest
from bleak import BleakScanner
from bleak.exc import BleakDBusError, BleakError

from sim.air.bleak_backend import AirScanner
from sim.air.radio.air import Air
from sim.air.radio.conditions import Conditions
from tests.sim.air.rig import IBEACON, TAG


def scanner(air: Air, heard: list, **options) -> BleakScanner:
    def note(device, advert):
        heard.append((device.address, advert.rssi))

    return BleakScanner(note, backend=AirScanner, air=air, **options)


def test_a_program_on_any_system_scans_the_air_without_a_bus():
    air, heard, other = Air(2), [], []

    async def story():
        async with (
            scanner(air, heard, bluez={"adapter": "hci1"}) as scanning,
            scanner(air, other, bluez={"adapter": "hci0"}),
        ):
            air.advertise(TAG, -60, adapter="hci1", name="tag", tx_power_dbm=-4)
            air.advertise(TAG, -61, adapter="hci0")
            air.advertise(TAG, -62, adapter="hci1")
            found = scanning.discovered_devices_and_advertisement_data
        air.advertise(TAG, -63, adapter="hci1")
        return found[TAG]

    device, advert = asyncio.run(story())
    assert heard == [(TAG, -60), (TAG, -62)]
    assert other == [(TAG, -61)]
    assert (device.name, advert.tx_power, advert.local_name) == ("tag", -4, "tag")


def test_filters_and_conditions_hold_here_as_well():
    air, heard = Air(1, Conditions(threshold_db=8)), []

    async def story():
        async with scanner(air, heard):
            for rssi in (-60, -63, -68):
                air.advertise(TAG, rssi)
        async with scanner(air, heard, bluez={"filters": {"RSSI": -70}}):
            for rssi in (-60, -63, -71):
                air.advertise(TAG, rssi)

    asyncio.run(story())
    assert [rssi for _, rssi in heard] == [-60, -68, -60, -63]


def test_passive_scanning_needs_patterns_and_hears_by_them():
    air, heard = Air(1), []
    with pytest.raises(BleakError, match="or_patterns"):
        scanner(air, heard, scanning_mode="passive")

    async def story():
        async with scanner(air, heard, scanning_mode="passive", bluez={"or_patterns": [IBEACON]}):
            air.advertise(TAG, -60, manufacturer_data={0x4C: b"\2\x15"})
            air.advertise(TAG, -61, manufacturer_data={0x4D: b"\2\x15"})

    asyncio.run(story())
    assert heard == [(TAG, -60)]


def test_refusals_are_the_errors_that_bleak_raises_on_linux():
    air = Air(1)
    air.adapters["hci0"].refuse("StartDiscovery", "InProgress")

    async def story():
        with pytest.raises(BleakDBusError, match="InProgress"):
            await scanner(air, []).start()
        with pytest.raises(BleakError, match="'hci5' not found"):
            await scanner(air, [], bluez={"adapter": "hci5"}).start()
        started = scanner(air, [])
        await started.start()
        air.restart_bluetoothd()
        with pytest.raises(BleakDBusError, match="No discovery started"):
            await started.stop()

    asyncio.run(story())
