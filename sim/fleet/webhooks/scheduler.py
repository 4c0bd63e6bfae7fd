"""Plays all neighbours of a run against each other in simulated time: causes in, posts out.

An answer counts a tenth of a simulated second after its post, however long the receiver took, so
that the same scenario and seed give the same events at any speed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from heapq import heappop, heappush

from sim.fleet.webhooks.poster import Answered, Poster
from sim.fleet.webhooks.truth import Ledger
from sim.platforms.kit.event import Delivery
from sim.platforms.kit.receiver import parse
from sim.platforms.kit.simulation import Cause, Made, Neighbour
from sim.platforms.open import platform

ANSWER_MS = 100
LEAD_MS = 60_000  # a webhook is set up before the run begins
_Waiting = tuple[int, int, str, Delivery, "Future[Answered]"]


class Conductor:
    """Drives neighbours by name; `poster` of a name makes its deliveries."""

    def __init__(
        self,
        neighbours: Mapping[str, Neighbour],
        posters: Mapping[str, Poster],
        ledger: Ledger,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._neighbours, self._posters, self._ledger = neighbours, posters, ledger
        self._wall_ms = wall_ms
        self._now_ms = 0
        self._serial = 0
        self._waiting: list[_Waiting] = []
        self._loose: list[tuple[str, Delivery, Future[Answered]]] = []
        self._accepts = {name: platform(name).accepted for name in neighbours}

    def begin(self, utc_ms: int) -> None:
        """Set everything up before the run starts."""
        self._now_ms = utc_ms - LEAD_MS
        for neighbour in self._neighbours.values():
            neighbour.begin(self._now_ms)
        self.run_until(utc_ms - 1)

    def happens(self, cause: Cause) -> None:
        """Tell everybody of a cause, after all that is due before it; causes come by time."""
        self.run_until(cause.utc_ms)
        for name, neighbour in self._neighbours.items():
            neighbour.happens(cause)
            self._collect(name, neighbour)

    def finish(self) -> None:
        """End when nothing waits any more, however many simulated days that takes."""
        self.run_until(None)
        self.settle()

    def run_until(self, utc_ms: int | None) -> None:
        """Do all that is due up to a time; None: all that will ever be due."""
        while (due_ms := self._next_ms()) is not None and (utc_ms is None or due_ms <= utc_ms):
            self._now_ms = max(self._now_ms, due_ms)
            self._take_answers()
            for name, neighbour in self._neighbours.items():
                for delivery in neighbour.due(self._now_ms):
                    self._post(name, neighbour, delivery)
        if utc_ms is not None:
            self._now_ms = max(self._now_ms, utc_ms)

    def settle(self) -> None:
        """Wait for the answers that change nothing, and note them."""
        for name, delivery, under_way in self._loose:
            self._note_answer(name, delivery, under_way.result()[0])
        self._loose.clear()

    def _next_ms(self) -> int | None:
        times = [one.next_deadline_ms for one in self._neighbours.values()]
        if self._waiting:
            times.append(self._waiting[0][0])
        return min((ms for ms in times if ms is not None), default=None)

    def _post(self, name: str, neighbour: Neighbour, delivery: Delivery) -> None:
        self._introduce(name, delivery)
        self._ledger.post(name, delivery, self._now_ms)
        leaving = neighbour.stamped(delivery, self._now_ms, self._wall_ms())
        under_way = self._posters[name].post(leaving)
        if neighbour.waits_for(delivery):
            self._serial += 1
            due_ms = self._now_ms + ANSWER_MS
            heappush(self._waiting, (due_ms, self._serial, name, delivery, under_way))
            return
        self._loose.append((name, delivery, under_way))
        if len(self._loose) > 1000:
            self.settle()

    def _introduce(self, name: str, delivery: Delivery) -> None:
        """Note an event that no cause made, such as the trial of a webhook."""
        if not self._ledger.knows(name, delivery.keys[0]):
            row = platform(name)
            for key, event in zip(delivery.keys, parse(row, delivery.body), strict=True):
                made = Made(key, event.type, event.utc_ms or self._now_ms, None)
                self._ledger.note(name, [made])

    def _take_answers(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._now_ms:
            _, _, name, delivery, under_way = heappop(self._waiting)
            status, body = under_way.result()
            self._note_answer(name, delivery, status)
            neighbour = self._neighbours[name]
            neighbour.answered(delivery, status, body, self._now_ms)
            self._collect(name, neighbour)

    def _note_answer(self, name: str, delivery: Delivery, status: int | None) -> None:
        accepted = status is not None and self._accepts[name](status)
        self._ledger.answer(name, delivery, accepted=accepted)

    def _collect(self, name: str, neighbour: Neighbour) -> None:
        self._ledger.note(name, neighbour.made)
        neighbour.made.clear()
