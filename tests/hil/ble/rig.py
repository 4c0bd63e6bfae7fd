"""Time that a test holds, and a radio that does what the test wrote down."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from itertools import count


class HeldClock:
    """Time that stands still until the test lets it go on."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self.order = count()

    def monotonic_ns(self) -> int:
        return self.now_ns

    async def sleep(self, delay_s: float) -> None:
        wake = asyncio.get_running_loop().create_future()
        heapq.heappush(self.waiting, (self.now_ns + round(delay_s * 1e9), next(self.order), wake))
        await wake

    async def go_on(self, seconds: float) -> None:
        end_ns = self.now_ns + round(seconds * 1e9)
        await settle()
        while self.waiting and self.waiting[0][0] <= end_ns:
            self.now_ns, _, wake = heapq.heappop(self.waiting)
            if not wake.done():
                wake.set_result(None)
            await settle()
        self.now_ns = end_ns


async def settle() -> None:
    """Let every task do what it can do now."""
    for _ in range(50):
        await asyncio.sleep(0)


class Radio:
    """A radio that does what the test wrote down for its next starts."""

    place = "hci0"

    def __init__(self, *plan: Exception | str | None) -> None:
        self.plan = list(plan)
        self.starts = self.stops = 0
        self.sink: Callable[..., None] | None = None

    async def start(self, sink: Callable[..., None]) -> None:
        self.starts += 1
        step = self.plan.pop(0) if self.plan else None
        if step == "hang":
            await asyncio.Event().wait()
        if isinstance(step, Exception):
            raise step
        self.sink = sink

    async def stop(self) -> None:
        self.stops += 1
        self.sink = None


def run(story: Callable[[], Awaitable[object]]) -> None:
    """Run a story; the limit is for one that hangs, no time of this computer counts in it."""

    async def bounded() -> None:
        await asyncio.wait_for(story(), 60)

    asyncio.run(bounded())
