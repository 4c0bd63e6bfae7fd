"""One badge of a scenario whose law is the badge in Python, on a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from badge.badge import Badge
from badge.inputs import GpsFix, Input, Movement
from badge.ports import Observer
from sim.engine.clock import Clock
from sim.engine.pump import Pump
from sim.fleet.field.life import FieldLife
from sim.fleet.field.sensors import Heard
from sim.fleet.field.store import TruthStore
from sim.scenario.plan.days import WornDay


class FieldBadge(FieldLife):
    """A badge from its first boot on, input by input; others may watch it.

    It is its pump's sensors itself, because a fix tells it the time of day too.
    """

    __slots__ = ("badge", "clock", "device", "observers", "store")

    clock: Clock
    store: TruthStore

    def _furnish(self) -> None:
        self.clock = Clock()
        self.store = TruthStore(self.clock)
        self.badge = Badge(self.config, self.store, self.firmware)
        self.observers: tuple[Observer, ...] = ()

    def observe(self, *observers: Observer) -> None:
        """Let others see everything, what its sensors tell and what it logs included."""
        self.observers = observers
        self._renew_device()

    def run_until(self, ms: int) -> None:
        """Do all that is due up to a time, or stop where an answer is waited for or it breaks."""
        clock, uplink = self.clock, self.uplink
        ms = min(ms, self.worn.life.ends_ms - 1)
        while uplink.waiting is None and (next_ms := clock.next_ms) is not None and next_ms <= ms:
            clock.step()

    def fix(self, now_ms: int) -> tuple[int, GpsFix] | None:
        """Poll the receiver: (in how many ms, the fix)."""
        found = self._found(now_ms)
        if found is None:
            return None
        return found.delay_ms, GpsFix(found.lat, found.lon, hdop=found.dop)

    def heard(self, start_ms: int, end_ms: int) -> Heard | None:
        """Give what the scanner hears in a cycle."""
        return self._sensors.heard(start_ms, end_ms)

    def _renew_device(self) -> None:
        self.device = Pump(
            self.badge,
            self.clock,
            self,
            self.uplink,
            None,
            self.observers,
            self.power,
        )

    def _give(self, what: Input) -> None:
        self.device.receive(what)

    @property
    def _shift_open(self) -> bool:
        return self.badge.state == "active"

    @property
    def runs(self) -> str:
        """The firmware that runs."""
        return self.badge.firmware_version

    @property
    def running_version(self) -> str:
        """The firmware that flash knows to run."""
        return self.store.state.running_version

    @property
    def next_sequence(self) -> int:
        """The number of the next event."""
        return self.store.queue.next_sequence

    def _feel(self, day: WornDay) -> None:
        self._next_change(iter(day.journey.changes()))

    def _next_change(self, changes: Iterator[tuple[int, bool]]) -> None:
        for ms, moving in changes:
            due_ms = max(ms, self.clock.now_ms)
            self.clock.at(due_ms, partial(self._change, moving, changes))
            return

    def _change(self, moving: bool, changes: Iterator[tuple[int, bool]]) -> None:
        self._give(Movement(moving))
        self._next_change(changes)
