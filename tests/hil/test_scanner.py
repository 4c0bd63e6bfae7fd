from __future__ import annotations

import asyncio
import itertools

import pytest

from badge.errors import InputError, MisuseError
from hil.ble.sampler import Sampler
from hil.ble.scanner import Scanner, open_scanner
from hil.clock import SystemClock

TAG = "AA:BB:CC:DD:EE:01"


class Radio:
    place = "test"

    async def start(self, sink):
        self.sink = sink

    async def stop(self):
        self.sink = None


def scanner_on(radio) -> Scanner:
    return Scanner(radio, Sampler(), SystemClock())


@pytest.mark.parametrize("spec", ["", "bluez", "bleak:", "bleak:hci0:1", "bleak:../x"])
def test_what_names_no_scanner_is_refused_with_what_does(spec):
    with pytest.raises(InputError, match="bleak:hci0"):
        open_scanner(spec)


def test_cycles_follow_each_other_without_a_gap():
    async def story():
        found = []
        async with scanner_on(Radio()) as scanner:
            async for cycle in scanner.cycles(0.01):
                found.append(cycle)
                await asyncio.sleep(0.003)  # a slow reader moves no edge
                if len(found) == 5:
                    return found
        return None

    cycles = asyncio.run(story())
    assert all(a.end_ns == b.start_ns for a, b in itertools.pairwise(cycles))
    assert all(c.end_ns - c.start_ns == 10_000_000 for c in cycles)


def test_a_scan_after_a_pause_begins_now():
    async def story():
        async with scanner_on(Radio()) as scanner:
            first = await scanner.scan(0.01)
            await asyncio.sleep(0.02)
            return first, await scanner.scan(0.01)

    first, second = asyncio.run(story())
    assert second.start_ns >= first.end_ns + 10_000_000


def test_a_cancelled_scan_leaves_the_next_one_whole():
    async def story():
        async with scanner_on(Radio()) as scanner:
            asked = asyncio.ensure_future(scanner.scan(5))
            await asyncio.sleep(0.005)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            return await scanner.scan(0.01)

    cycle = asyncio.run(story())
    assert cycle.end_ns - cycle.start_ns == 10_000_000
    assert cycle.heard == ()


def test_power_off_and_on_again_keeps_counting():
    async def story():
        radio = Radio()
        scanner = scanner_on(radio)
        for _ in range(2):
            await scanner.power(True)
            await scanner.power(True)
            asked = asyncio.ensure_future(scanner.scan(0.01))
            await asyncio.sleep(0)
            radio.sink.hear(SystemClock().monotonic_ns(), TAG, -60)
            await asked
            await scanner.power(False)
        return scanner.status

    assert asyncio.run(story()).counts.sampled == 2


def test_scanning_while_switched_off_is_misuse():
    with pytest.raises(MisuseError, match="switched off"):
        asyncio.run(scanner_on(Radio()).scan(0.01))


def test_an_error_that_ends_the_radio_ends_the_scan():
    async def story():
        radio = Radio()
        async with scanner_on(radio) as scanner:
            asked = asyncio.ensure_future(scanner.scan(5))
            await asyncio.sleep(0)
            radio.sink.hear(1, "0E7C1A3B-1111-2222-3333-444455556666", -60)
            await asked

    with pytest.raises(InputError, match="macOS"):
        asyncio.run(story())
