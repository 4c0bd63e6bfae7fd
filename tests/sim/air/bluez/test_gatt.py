"""Unmodified BleakClient on a tag that can be configured."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError

from sim.air.feed import Report, as_configured
from sim.air.radio.air import Air
from sim.air.radio.conditions import profile
from sim.air.radio.content import content_of
from sim.air.radio.peripheral import (
    BATTERY_LEVEL,
    CONFIGURATION,
    INTERVAL,
    NAME,
    TX_POWER,
    Peripheral,
)
from tests.patience import eventually
from tests.sim.air.rig import TAG

LOCKED = "00002a29-0000-1000-8000-00805f9b34fb"


async def sending(air):
    rows = itertools.repeat(Report(0, "hci0", TAG, -60))
    for report in as_configured(rows, air.peripherals):
        air.deliver(report.adapter, report.mac, report.rssi_dbm, report.advert)
        await asyncio.sleep(0.002)


def connected(offer, story):
    """Run a story with a client that is connected to a tag, on a BlueZ 5.66."""

    async def run():
        air = Air(1, profile())
        air.peripherals[TAG] = tag = Peripheral("gate 4", interval_ms=100)
        async with offer(air):
            task = asyncio.create_task(sending(air))
            try:
                device = await BleakScanner.find_device_by_address(TAG, timeout=5)
                async with BleakClient(device, timeout=5) as client:
                    assert tag.connected
                    await story(client, tag)
                assert not tag.connected
                # A tag that nobody is connected to advertises again.
                heard = air.heard
                async with BleakScanner():
                    await eventually(lambda: air.heard > heard)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_a_program_reads_writes_and_is_notified(offer):
    async def story(client, tag):
        assert CONFIGURATION in [service.uuid for service in client.services]
        assert bytes(await client.read_gatt_char(NAME)) == b"gate 4"
        told = []
        await client.start_notify(INTERVAL, lambda _, value: told.append(bytes(value)))
        await client.write_gatt_char(INTERVAL, b"\xe8\x03", response=True)
        await eventually(lambda: told)
        assert (told, tag.slowed) == ([b"\xe8\x03"], 10)
        await client.stop_notify(INTERVAL)
        await client.write_gatt_char(NAME, b"gate 5", response=True)
        await client.write_gatt_char(TX_POWER, b"\xfc", response=True)
        assert (tag.name, tag.gain_db) == ("gate 5", -8)

    connected(offer, story)


def test_the_battery_is_told_as_it_falls(offer):
    async def story(client, tag):
        told = []
        await client.start_notify(BATTERY_LEVEL, lambda _, value: told.append(value[0]))
        assert (await client.read_gatt_char(BATTERY_LEVEL))[0] == 100
        tag.battery_pct = 99
        await eventually(lambda: 99 in told)

    connected(offer, story)


@pytest.mark.parametrize(
    ("uuid", "value", "name"),
    [
        (LOCKED, b"mine", "Not Permitted"),
        (NAME, b"x" * 21, "InvalidValueLength"),
        (NAME, b"\xff", "InvalidValueLength"),
        (INTERVAL, b"\1\0", "InvalidValueLength"),
        (TX_POWER, b"\x7f", "InvalidValueLength"),
    ],
)
def test_what_a_tag_cannot_be_is_refused(offer, uuid, value, name):
    async def story(client, tag):
        before = bytes(await client.read_gatt_char(uuid))
        with pytest.raises(BleakError, match=name):
            await client.write_gatt_char(uuid, value, response=True)
        assert bytes(await client.read_gatt_char(uuid)) == before

    connected(offer, story)


def test_a_configured_tag_advertises_its_name_and_less_often():
    tag = Peripheral("gate 4", interval_ms=100, tx_dbm=4)
    interval, power = tag.services[2].characteristics[1:]
    interval.put((400).to_bytes(2, "little"))
    power.put(b"\0")
    rows = [Report(100 * i, "hci0", TAG, -60) for i in range(40)]
    heard = list(as_configured(rows, {TAG: tag}))
    assert len(heard) == 10
    assert {one.rssi_dbm for one in heard} == {-64}
    assert content_of(heard[0].advert.response).name == b"gate 4"
    assert list(as_configured(rows, {})) == rows
