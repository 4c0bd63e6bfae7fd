"""Plays all platforms of a run against each other in simulated time: causes in, posts out.

An answer counts a tenth of a simulated second after its post, however long the receiver took, so
that the same scenario and seed give the same events at any speed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from heapq import heappop, heappush

from sim.fleet.webhooks.poster import Answered, Poster
from sim.fleet.webhooks.truth import WebhookTruth
from sim.platforms.kit.cause import Cause
from sim.platforms.kit.delivery import Delivery
from sim.platforms.kit.receiver import parse
from sim.platforms.kit.simulation import Made, Simulation
from sim.platforms.open import platform

ANSWER_MS = 100
LEAD_MS = 60_000  # a webhook is set up before the run begins
_Waiting = tuple[int, int, str, Delivery, "Future[Answered]"]


class Scheduler:
    """Drives simulations by name; `poster` of a name makes its deliveries."""

    def __init__(
        self,
        simulations: Mapping[str, Simulation],
        posters: Mapping[str, Poster],
        truth: WebhookTruth,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._simulations, self._posters, self._truth = simulations, posters, truth
        self._wall_ms = wall_ms
        self._now_ms = 0
        self._serial = 0
        self._waiting: list[_Waiting] = []
        self._loose: list[tuple[str, Delivery, Future[Answered]]] = []
        self._accepts = {name: platform(name).accepted for name in simulations}

    def begin(self, utc_ms: int) -> None:
        """Set everything up before the run starts."""
        self._now_ms = utc_ms - LEAD_MS
        for simulation in self._simulations.values():
            simulation.begin(self._now_ms)
        self.run_until(utc_ms - 1)

    def happens(self, cause: Cause) -> None:
        """Tell everybody of a cause, after all that is due before it; causes come by time."""
        self.run_until(cause.utc_ms)
        for name, simulation in self._simulations.items():
            simulation.happens(cause)
            self._collect(name, simulation)

    def finish(self) -> None:
        """End when nothing waits any more, however many simulated days that takes."""
        self.run_until(None)
        self.settle()

    def run_until(self, utc_ms: int | None) -> None:
        """Do all that is due up to a time; None: all that will ever be due."""
        while (due_ms := self._next_ms()) is not None and (utc_ms is None or due_ms <= utc_ms):
            self._now_ms = max(self._now_ms, due_ms)
            self._take_answers()
            for name, simulation in self._simulations.items():
                for delivery in simulation.due(self._now_ms):
                    self._post(name, simulation, delivery)
        if utc_ms is not None:
            self._now_ms = max(self._now_ms, utc_ms)

    def settle(self) -> None:
        """Wait for the answers that change nothing, and note them."""
        for name, delivery, under_way in self._loose:
            self._note_answer(name, delivery, under_way.result()[0])
        self._loose.clear()

    def _next_ms(self) -> int | None:
        times = [one.next_deadline_ms for one in self._simulations.values()]
        if self._waiting:
            times.append(self._waiting[0][0])
        return min((ms for ms in times if ms is not None), default=None)

    def _post(self, name: str, simulation: Simulation, delivery: Delivery) -> None:
        self._introduce(name, delivery)
        self._truth.post(name, delivery, self._now_ms)
        leaving = simulation.stamped(delivery, self._now_ms, self._wall_ms())
        under_way = self._posters[name].post(leaving)
        if simulation.waits_for(delivery):
            self._serial += 1
            due_ms = self._now_ms + ANSWER_MS
            heappush(self._waiting, (due_ms, self._serial, name, delivery, under_way))
            return
        self._loose.append((name, delivery, under_way))
        if len(self._loose) > 1000:
            self.settle()

    def _introduce(self, name: str, delivery: Delivery) -> None:
        """Note an event that no cause made, such as the trial of a webhook."""
        if not self._truth.knows(name, delivery.keys[0]):
            row = platform(name)
            for key, event in zip(delivery.keys, parse(row, delivery.body), strict=True):
                made = Made(key, event.type, event.utc_ms or self._now_ms, None)
                self._truth.note(name, [made])

    def _take_answers(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._now_ms:
            _, _, name, delivery, under_way = heappop(self._waiting)
            status, body = under_way.result()
            self._note_answer(name, delivery, status)
            simulation = self._simulations[name]
            simulation.answered(delivery, status, body, self._now_ms)
            self._collect(name, simulation)

    def _note_answer(self, name: str, delivery: Delivery, status: int | None) -> None:
        accepted = status is not None and self._accepts[name](status)
        self._truth.answer(name, delivery, accepted=accepted)

    def _collect(self, name: str, simulation: Simulation) -> None:
        self._truth.note(name, simulation.made)
        simulation.made.clear()
