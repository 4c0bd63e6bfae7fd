"""The bus dies and lives; programs come and go."""

from __future__ import annotations

import asyncio

import pytest

from sim.air.radio.air import Air
from tests.sim.air.rig import TAG, Ear


def run(story):
    asyncio.run(story)


def test_a_dead_bus_is_an_os_error_until_it_lives_again(offer, eventually):
    async def story():
        air, ear = Air(1), Ear()
        async with offer(air) as bus:
            await ear.scanner.start()
            await bus.die()
            await eventually(lambda: not air.adapters["hci0"].sessions)
            with pytest.raises(OSError):  # noqa: PT011  # a broken pipe first, then no such file
                await Ear().scanner.start()
            await bus.revive()
            again = Ear()
            async with again.scanner:
                air.advertise(TAG, -60)
                await eventually(lambda: again.strengths == [-60])

    run(story())


def test_a_program_that_goes_away_ends_its_scan(offer, eventually):
    async def story():
        air = Air(1)
        async with offer(air) as bus:
            await Ear().scanner.start()
            for peer in list(bus.bus.peers.values()):
                peer.cut()
            await eventually(lambda: not air.adapters["hci0"].sessions)

    run(story())
