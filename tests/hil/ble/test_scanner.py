"""The radio as the badge's port, and as a program's: one cycle after the other."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from badge.errors import InputError, MisuseError
from hil.ble.errors import ScannerError
from hil.ble.sampler import Sampler
from hil.ble.scanner import NoScanner, Scanner, open_scanner
from tests.hil.ble.rig import HeldClock, Radio, run, settle

TAG = "AA:BB:CC:DD:EE:01"
MACOS = "0E7C1A3B-1111-2222-3333-444455556666"
DOWN = ScannerError("scanner hci0: bluetoothd does not run")


def scanner_on(*plan):
    clock, radio = HeldClock(), Radio(*plan)
    return Scanner(radio, Sampler(), clock), clock, radio


async def soon(work):
    """Begin something that waits for time to go on."""
    task = asyncio.ensure_future(work)
    await settle()
    return task


@pytest.mark.parametrize("spec", ["", "bluez", "bleak:", "bleak:hci0:1", "bleak:../x"])
def test_what_names_no_scanner_is_refused_with_what_does(spec):
    with pytest.raises(InputError, match="bleak:hci0"):
        open_scanner(spec)


# -- for a program -------------------------------------------------------------------------------


def test_cycles_follow_each_other_without_a_gap():
    async def story():
        scanner, clock, _ = scanner_on()
        found = []

        async def read():
            async for cycle in scanner.cycles(5):
                found.append(cycle)
                await clock.sleep(1)  # a slow reader moves no edge

        async with scanner:
            reading = await soon(read())
            await clock.go_on(26)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        assert len(found) == 5
        assert all(a.end_ns == b.start_ns for a, b in itertools.pairwise(found))
        assert all(one.end_ns - one.start_ns == 5_000_000_000 for one in found)

    run(story)


@pytest.mark.parametrize(("pause_s", "gap_s"), [(2.4, 0), (2.6, 2.6)])
def test_only_a_cycle_soon_after_the_last_one_continues_it(pause_s, gap_s):
    async def story():
        scanner, clock, _ = scanner_on()
        async with scanner:
            first = await soon(scanner.listen(5))
            await clock.go_on(5)
            await clock.go_on(pause_s)
            second = await soon(scanner.listen(5))
            await clock.go_on(5)
            gap_ns = (await second).start_ns - (await first).end_ns
            assert gap_ns == round(gap_s * 1e9)

    run(story)


def test_a_cancelled_cycle_leaves_the_next_one_whole():
    async def story():
        scanner, clock, _ = scanner_on()
        async with scanner:
            asked = await soon(scanner.listen(5))
            await clock.go_on(2)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            again = await soon(scanner.listen(5))
            await clock.go_on(5)
            cycle = await again
        assert (cycle.end_ns - cycle.start_ns, cycle.heard) == (5_000_000_000, ())

    run(story)


def test_listening_while_switched_off_is_misuse():
    async def story():
        scanner, _, _ = scanner_on()
        with pytest.raises(MisuseError, match="switched off"):
            await scanner.listen(5)

    run(story)


def test_an_error_that_ends_the_radio_ends_the_cycle():
    async def story():
        scanner, _, radio = scanner_on()
        async with scanner:
            asked = await soon(scanner.listen(5))
            radio.sink.hear(1, MACOS, -60)
            with pytest.raises(InputError, match="macOS"):
                await asked

    run(story)


def test_a_program_is_told_that_its_radio_does_not_start():
    async def story():
        scanner, clock, _ = scanner_on(*[DOWN] * 6)

        async def enter():
            async with scanner:
                raise AssertionError

        asked = await soon(enter())
        await clock.go_on(60)
        with pytest.raises(ScannerError, match="bluetoothd does not run"):
            await asked

    run(story)


# -- for the badge -------------------------------------------------------------------------------


async def on(scanner, clock):
    """Switch it on; a cycle that begins in the moment of a restart is no sample."""
    await scanner.power(True)
    await clock.go_on(1)


def test_cycles_asked_for_early_wait_for_their_turn():
    async def story():
        scanner, clock, radio = scanner_on()
        await on(scanner, clock)
        asked = [await soon(scanner.scan(5)) for _ in range(3)]
        for number in range(3):
            radio.sink.hear(clock.now_ns, TAG, -60 + number)
            radio.sink.hear(clock.now_ns, TAG, -90)
            await clock.go_on(5)
        assert [await one for one in asked] == [((TAG, -60 + n), (TAG, -90)) for n in range(3)]
        assert scanner.heard == {TAG: -58}
        await scanner.power(False)
        assert scanner.heard == {}

    run(story)


def test_switching_off_ends_a_cycle_and_those_that_wait():
    async def story():
        scanner, clock, radio = scanner_on()
        await on(scanner, clock)
        asked = [await soon(scanner.scan(5)) for _ in range(2)]
        await scanner.power(False)
        assert [await one for one in asked] == [None, None]
        assert (radio.starts, scanner.trouble) == (1, "")

    run(story)


def test_off_and_on_again_at_once_ends_the_one_before_the_other_begins():
    async def story():
        scanner, clock, radio = scanner_on()
        await on(scanner, clock)
        await asyncio.gather(scanner.power(False), scanner.power(True))
        await clock.go_on(1)  # a cycle that begins in the moment of a restart is no sample
        asked = await soon(scanner.scan(5))
        radio.sink.hear(clock.now_ns, TAG, -60)
        await clock.go_on(5)
        assert (await asked, radio.starts) == (((TAG, -60),), 2)
        await scanner.power(False)

    run(story)


def test_a_radio_that_does_not_start_is_tried_until_it_does():
    async def story():
        scanner, clock, radio = scanner_on(*[DOWN] * 8)
        await on(scanner, clock)
        assert "bluetoothd does not run" in scanner.trouble
        asked = await soon(scanner.scan(5))
        await clock.go_on(5)
        assert await asked is None
        await clock.go_on(120)  # with pauses of 1, 2, 4 … 30 s between attempts
        assert (radio.starts, scanner.trouble) == (9, "")
        asked = await soon(scanner.scan(5))
        await clock.go_on(5)
        assert await asked == ()
        assert (scanner.asked, scanner.down) == (2, 1)
        await scanner.power(False)

    run(story)


def test_an_address_that_no_tag_can_have_is_told_and_the_radio_is_started_anew():
    async def story():
        scanner, clock, radio = scanner_on()
        await on(scanner, clock)
        asked = await soon(scanner.scan(5))
        radio.sink.hear(clock.now_ns, MACOS, -60)
        assert await asked is None
        await clock.go_on(1)
        assert ("macOS" in scanner.trouble, radio.starts) == (True, 2)
        asked = await soon(scanner.scan(5))
        await clock.go_on(5)
        assert await asked == ()
        assert scanner.trouble == ""
        await scanner.power(False)

    run(story)


def test_power_off_and_on_again_keeps_counting():
    async def story():
        scanner, clock, radio = scanner_on()
        for _ in range(2):
            await on(scanner, clock)
            await on(scanner, clock)
            asked = await soon(scanner.scan(5))
            radio.sink.hear(clock.now_ns, TAG, -60)
            await clock.go_on(5)
            await asked
            await scanner.power(False)
        assert scanner.status.counts.sampled == 2

    run(story)


def test_scanning_while_switched_off_and_no_scanner_at_all():
    async def story():
        scanner, _, _ = scanner_on()
        assert await scanner.scan(5) is None
        none = NoScanner()
        await none.power(True)
        assert await none.scan(5) is None

    run(story)
