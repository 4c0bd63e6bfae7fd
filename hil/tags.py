"""The badge's radio: a scanner that may be down, and one that is not there."""

from __future__ import annotations

import asyncio
from typing import Any

from badge.errors import InputError
from hil.ble.sampler import Cycle
from hil.ble.scanner import Scanner
from hil.clock import Clock, SystemClock

AGAIN_S = 10.0


class ScannerTags:
    """A `Scanner` that is switched on for as long as it takes (`hil.ports.Tags`).

    `trouble` is a sentence while it does not run; `heard` is the last cycle's strongest per tag.
    """

    def __init__(self, scanner: Scanner, clock: Clock | None = None) -> None:
        self.scanner = scanner
        self._clock = clock or SystemClock()
        self._on: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._cycle: asyncio.Task[Cycle] | None = None
        self._up = False
        self.trouble = ""
        self.heard: dict[str, int] = {}
        self.cycles = self.cycles_down = 0

    async def power(self, on: bool) -> None:
        """See `Tags`: returns at once, and keeps trying while it does not start."""
        if on and self._on is None:
            self._on = asyncio.create_task(self._start())
        elif not on and self._on is not None:
            task, self._on = self._on, None
            await _end(task)
            self._up, self.trouble = False, ""
            self.heard = {}
            await _end(self._cycle)  # the scanner does not end a cycle that is under way
            await self.scanner.power(False)

    async def _start(self) -> None:
        while True:
            try:
                await self.scanner.power(True)
            except InputError as error:
                self.trouble = str(error)
                await self._clock.sleep(AGAIN_S)
            else:
                self._up, self.trouble = True, ""
                return

    async def scan(self, duration_s: float) -> tuple[tuple[str, int], ...] | None:
        """See `Tags`."""
        self.cycles += 1
        if not self._up:
            self.cycles_down += 1
            return None
        try:
            cycle = await self._listen(duration_s)
        except InputError as error:
            await self._restart(str(error))
            cycle = None
        if cycle is None:
            self.cycles_down += 1
            return None
        self.trouble = self.scanner.status.trouble
        if cycle.heard is None:
            self.cycles_down += 1
            return None
        self.heard = dict(sorted(cycle.heard, key=lambda one: one[1]))
        return cycle.heard

    async def _listen(self, duration_s: float) -> Cycle | None:
        """Return a cycle, or None if it was cut short because the scanner was switched off.

        The badge asks for the next cycle at the end of its own one, and the radio's ends a moment
        later: so one waits for the other, and the scanner lets them follow without a gap.
        """
        async with self._turn:
            if not self._up:
                return None
            self._cycle = task = asyncio.create_task(self.scanner.scan(duration_s))
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:
                task.cancel()
                raise
        return None if task.cancelled() else task.result()

    async def _restart(self, trouble: str) -> None:
        await self.power(False)
        await self.power(True)
        self.trouble = trouble


async def _end(task: asyncio.Task[Any] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.wait({task})


class NoTags:
    """`--scanner none`: no cycle is a sample, so nothing is said about tags."""

    trouble = ""
    cycles = cycles_down = 0

    def __init__(self) -> None:
        self.heard: dict[str, int] = {}

    async def power(self, on: bool) -> None:
        """See `Tags`."""

    async def scan(self, duration_s: float) -> None:
        """See `Tags`: there is no scanner."""
