"""Lets an air's timers run on the event loop."""

from __future__ import annotations

import asyncio

from sim.air.radio.timers import Timers


class TimerPump:
    """Wakes up at the next moment of the queue, and earlier when an earlier one is added."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        timers.on_sooner = self._rearm
        self._rearm()

    def close(self) -> None:
        """Let nothing happen any more."""
        self._timers.on_sooner = None
        if self._handle is not None:
            self._handle.cancel()

    def _rearm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        due_ms = self._timers.next_ms()
        if due_ms is not None:
            delay_s = max(due_ms - self._timers.now_ms(), 0) / 1000
            self._handle = self._loop.call_later(delay_s, self._run)

    def _run(self) -> None:
        self._timers.run_due()
        self._rearm()
