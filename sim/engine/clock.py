"""Simulated time: one heap of (time, running id, call)."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from badge.errors import MisuseError


class Clock:
    """Runs calls in order of their time; calls of the same millisecond in the order of `at`."""

    def __init__(self) -> None:
        self.now_ms = 0
        self._running_id = 0
        self._heap: list[tuple[int, int, Callable[[], None]]] = []

    def at(self, ms: int, call: Callable[[], None]) -> None:
        """Run `call` at that time; `MisuseError` if it is over."""
        if ms < self.now_ms:
            raise MisuseError(f"{ms} ms is over, it is {self.now_ms} ms")
        self._running_id += 1
        heappush(self._heap, (ms, self._running_id, call))

    def after(self, delay_ms: int, call: Callable[[], None]) -> None:
        """Run `call` that much later."""
        self.at(self.now_ms + delay_ms, call)

    @property
    def next_ms(self) -> int | None:
        """When the next call is due; None if there is none."""
        return self._heap[0][0] if self._heap else None

    def step(self) -> bool:
        """Run the next call; False if there is none."""
        if not self._heap:
            return False
        self.now_ms, _, call = heappop(self._heap)
        call()
        return True

    def run_until(self, ms: int) -> None:
        """Run all calls up to and including that time, and be there."""
        while self._heap and self._heap[0][0] <= ms:
            self.step()
        self.now_ms = max(self.now_ms, ms)
