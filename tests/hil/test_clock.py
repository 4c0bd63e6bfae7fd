from __future__ import annotations

import asyncio

import pytest

from hil.clock import SystemClock, within
from tests.hil.ble.rig import HeldClock, settle


def test_time_goes_on_and_sleeping_takes_it():
    clock = SystemClock()
    before = clock.monotonic_ns()
    asyncio.run(clock.sleep(0.001))
    assert clock.monotonic_ns() - before >= 1_000_000


def test_work_that_takes_too_long_is_cancelled():
    async def story():
        clock, ended = HeldClock(), []

        async def work():
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

        asked = asyncio.ensure_future(within(clock, work(), 15))
        await clock.go_on(14.9)
        assert not asked.done()
        await clock.go_on(0.1)
        with pytest.raises(TimeoutError, match="within 15 s"):
            await asked
        assert ended == [True]

    asyncio.run(story())


def test_a_result_in_time_leaves_no_timer():
    async def story():
        clock = HeldClock()

        async def work():
            await clock.sleep(1)
            return "done"

        asked = asyncio.ensure_future(within(clock, work(), 15))
        await settle()
        await clock.go_on(1)
        assert await asked == "done"
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())
