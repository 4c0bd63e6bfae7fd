"""The badge's radio: one cycle after the other, through power and trouble."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from badge.errors import InputError
from hil.ble.sampler import Cycle
from hil.tags import NoTags, ScannerTags

TAG = "AA:BB:CC:DD:EE:01"


class Radio:
    """A scanner that insists on being asked in turn."""

    status = SimpleNamespace(trouble="")

    def __init__(self, refusals=0):
        self.refusals, self.on, self.busy, self.fail = refusals, False, False, None
        self.heard = ((TAG, -60), (TAG, -40))

    async def power(self, on):
        if on and self.refusals:
            self.refusals -= 1
            raise InputError("scanner hci0: bluetoothd does not run")
        assert on or not self.busy, "switched off in the middle of a cycle"
        self.on = on

    async def scan(self, duration_s):
        assert self.on
        assert not self.busy
        self.busy = True
        try:
            await asyncio.sleep(duration_s)
            if self.fail:
                raise self.fail
            return Cycle(0, 1, self.heard)
        finally:
            self.busy = False


async def _up(tags):
    await tags.power(True)
    for _ in range(5):
        await asyncio.sleep(0)


def play(story, radio):
    async def run():
        tags = ScannerTags(radio)
        await _up(tags)
        await story(tags)
        await tags.power(False)

    asyncio.run(run())


def test_cycles_asked_for_early_wait_for_their_turn():
    async def story(tags):
        found = await asyncio.gather(*(tags.scan(0.01) for _ in range(3)))
        assert found == [((TAG, -60), (TAG, -40))] * 3
        assert tags.heard == {TAG: -40}

    play(story, Radio())


def test_switching_off_ends_a_cycle_first():
    async def story(tags):
        scanning = asyncio.create_task(tags.scan(10))
        await asyncio.sleep(0.01)
        await tags.power(False)
        assert await scanning is None

    play(story, Radio())


def test_a_radio_that_does_not_start_is_tried_until_it_does(monkeypatch):
    monkeypatch.setattr("hil.tags.AGAIN_S", 0.01)

    async def story(tags):
        assert "bluetoothd does not run" in tags.trouble
        assert await tags.scan(0.01) is None
        await asyncio.sleep(0.1)
        assert tags.trouble == ""
        assert await tags.scan(0.01)
        assert (tags.cycles, tags.cycles_down) == (2, 1)

    play(story, Radio(refusals=2))


def test_a_cycle_that_fails_is_no_sample_and_the_radio_is_started_anew():
    radio = Radio()

    async def story(tags):
        radio.fail = InputError("scanner: it ended by itself")
        assert await tags.scan(0.01) is None
        radio.fail = None
        await _up(tags)
        assert await tags.scan(0.01)

    play(story, radio)


def test_a_cycle_without_samples_and_no_scanner_at_all():
    radio = Radio()
    radio.heard = None

    async def story(tags):
        assert await tags.scan(0.01) is None
        none = NoTags()
        await none.power(True)
        assert await none.scan(1) is None

    play(story, radio)
