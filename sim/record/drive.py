"""A badge through a real track: boot, a worker, the walk, the end of the shift, the last upload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from badge.inputs import Assign, Boot, Cellular, Tick, Unassign, UtcLearned
from sim.engine.clock import Clock
from sim.engine.pump import Pump
from sim.record.sensors import RecordedSensors
from sim.sources.track import Track

DRAIN_MS = 4 * 3_600_000


@dataclass(frozen=True, slots=True)
class Drive:
    """A pump on its way through a track, and who wears it.

    `owns_flash`: the flash outlives the run, so it is told whose it is.
    """

    pump: Pump
    sensors: RecordedSensors
    track: Track
    worker_id: str
    online: bool = True
    owns_flash: bool = False

    def run(self, advance: Callable[[int, int], None]) -> None:
        """Run the whole shift; `advance(now_ms, end_ms)` is told how far it is."""
        clock, give = self.pump.clock, self.pump.receive
        end_ms = self.track.end_utc_ms - self.track.start_utc_ms
        give(Boot())
        self._restate_config()
        give(Cellular(self.online))
        clock.at(0, partial(give, UtcLearned(self.track.start_utc_ms)))
        clock.at(0, partial(give, Assign(self.worker_id)))
        self.sensors.schedule_movements(clock, self.pump)
        clock.at(end_ms, partial(give, Unassign()))
        _run(clock, end_ms, advance)
        if self.online:
            self._drain(end_ms + DRAIN_MS)
        give(Tick())

    def _restate_config(self) -> None:
        """A flash file may hold an older configuration; the one asked for now is in force."""
        if (push := self.pump.badge.restated(kept=self.owns_flash)) is not None:
            self.pump.receive(push)

    def _drain(self, until_ms: int) -> None:
        """Go on until the queue is empty, or the cloud has refused for hours."""
        badge, clock = self.pump.badge, self.pump.clock
        while badge.store.queue.entries and (clock.next_ms or until_ms) < until_ms:
            clock.step()


def _run(clock: Clock, end_ms: int, advance: Callable[[int, int], None]) -> None:
    while (next_ms := clock.next_ms) is not None and next_ms <= end_ms:
        clock.step()
        advance(clock.now_ms, end_ms)
