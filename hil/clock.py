"""The clock that the scanner lives by, so that tests can hold it in their hands."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Protocol, TypeVar

_T = TypeVar("_T")


class Clock(Protocol):
    """Monotonic nanoseconds, and waiting by the same time."""

    def monotonic_ns(self) -> int:
        """Return the present moment."""

    async def sleep(self, delay_s: float) -> None:
        """Wait."""


class SystemClock:
    """The computer's own monotonic clock."""

    def monotonic_ns(self) -> int:
        """Return the present moment."""
        return time.monotonic_ns()

    async def sleep(self, delay_s: float) -> None:
        """Wait."""
        await asyncio.sleep(delay_s)


async def within(clock: Clock, work: Coroutine[object, object, _T], timeout_s: float) -> _T:
    """Return the work's result; TimeoutError, with the work cancelled, if it takes too long."""
    task = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep(timeout_s))
    try:
        await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TimeoutError(f"no result within {timeout_s:g} s")
        return task.result()
    finally:
        for pending in (task, timer):
            pending.cancel()
        await asyncio.gather(task, timer, return_exceptions=True)
