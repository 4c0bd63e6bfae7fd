"""What is due later: one queue of moments on an injected clock, so that tests hold the time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count

Action = Callable[[], None]


class Timer:
    """One moment; `cancel` keeps its action from happening."""

    __slots__ = ("action", "due_ms")

    def __init__(self, due_ms: int, action: Action) -> None:
        self.due_ms = due_ms
        self.action: Action | None = action

    def cancel(self) -> None:
        """Let the action never happen; nothing if it has."""
        self.action = None


class Timers:
    """Actions in the order of their moments; of equal moments the first asked comes first.

    `now_ms` is a monotonic clock.  Nothing happens by itself: `run_due` does what is due, and
    `on_sooner`, if set, is told whenever the next moment has become an earlier one.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.now_ms = now_ms
        self.on_sooner: Action | None = None
        self._heap: list[tuple[int, int, Timer]] = []
        self._order = count()

    def after(self, delay_ms: int, action: Action) -> Timer:
        """Do something in `delay_ms`."""
        timer = Timer(self.now_ms() + delay_ms, action)
        heapq.heappush(self._heap, (timer.due_ms, next(self._order), timer))
        if self.on_sooner is not None and self._heap[0][2] is timer:
            self.on_sooner()
        return timer

    def next_ms(self) -> int | None:
        """Return the moment of the next action; None if there is none."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_due(self) -> None:
        """Do everything whose moment has come, in order."""
        while self._heap and self._heap[0][0] <= self.now_ms():
            timer = heapq.heappop(self._heap)[2]
            if timer.action is not None:
                timer.action()
