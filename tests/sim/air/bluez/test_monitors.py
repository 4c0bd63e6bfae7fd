"""Passive scans of unmodified bleak."""

from __future__ import annotations

import asyncio

import pytest
from bleak.exc import (
    BleakError,
)

from sim.air.radio.air import Air
from sim.air.radio.conditions import Conditions
from tests.sim.air.rig import EDDYSTONE, IBEACON, TAG, Ear


def run(story):
    asyncio.run(story)


def test_a_passive_scan_hears_what_its_patterns_describe(offer, eventually):
    async def story():
        air = Air(1)
        ear = Ear(scanning_mode="passive", bluez={"or_patterns": [IBEACON, EDDYSTONE]})
        async with offer(air), ear.scanner:
            await eventually(lambda: air.adapters["hci0"].monitors)
            air.advertise(TAG, -60, manufacturer_data={0x004C: b"\2\x15"})
            air.advertise(TAG, -61, manufacturer_data={0x004C: b"\x10\x05"})
            air.advertise(TAG, -62, service_data={"FEAA": b"\0"})
            await eventually(lambda: len(ear.heard) == 2)
        assert ear.strengths == [-60, -62]
        assert not air.adapters["hci0"].monitors

    run(story())


def test_without_monitors_bleak_says_what_passive_scanning_needs(offer):
    async def story():
        ear = Ear(scanning_mode="passive", bluez={"or_patterns": [IBEACON]})
        async with offer(Air(1, Conditions(monitors=False))):
            with pytest.raises(BleakError, match="BlueZ >= 5"):
                await ear.scanner.start()

    run(story())
