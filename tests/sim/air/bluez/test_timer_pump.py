from __future__ import annotations

import asyncio

from sim.air.bluez.timer_pump import TimerPump
from sim.air.radio.timers import Timers
from tests.sim.air.oracle import JumpingLoop


def test_timers_happen_at_their_moments_and_not_after_the_pump_is_closed():
    loop = JumpingLoop()

    async def story():
        timers, done = Timers(lambda: round(loop.time() * 1000)), []
        begun_ms = timers.now_ms()
        pump = TimerPump(timers)
        for delay_ms in (3000, 1000, 2000):
            timers.after(delay_ms, lambda: done.append(timers.now_ms() - begun_ms))
        await asyncio.sleep(2.5)
        pump.close()
        await asyncio.sleep(5)
        return done

    try:
        assert loop.run_until_complete(story()) == [1000, 2000]
    finally:
        loop.close()
