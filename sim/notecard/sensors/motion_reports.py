"""What movement sets off by itself: a sync (card.motion.sync), a note (card.motion.track)."""

from __future__ import annotations

from typing import Any

from sim.notecard.model.services import Services
from sim.notecard.sensors.motion import Accelerometer

MOTION_FILE = "_motion.qo"


class MotionReports:
    """Looks at the buckets of the accelerometer each time one is full."""

    def __init__(self, card: Services, sensor: Accelerometer) -> None:
        self._card, self._sensor = card, sensor
        self._done_ms: dict[str, int] = {}
        self._orientation = card.attached.orientation
        self._next_ms = card.clock.now_ms

    @property
    def on(self) -> bool:
        """Whether one of the two is started."""
        state = self._card.state
        return any(state.family(name).get("start") for name in ("motion.sync", "motion.track"))

    def advance(self) -> None:
        """Judge both by what the accelerometer has counted."""
        self._next_ms = self._card.clock.now_ms + 1000
        turned = self._card.attached.orientation != self._orientation
        self._orientation = self._card.attached.orientation
        sync = self._card.state.family("motion.sync")
        if self._due("motion.sync", sync, turned):
            self._card.sync_now()
        track = self._card.state.family("motion.track")
        if self._due("motion.track", track, turned, at_once=bool(turned and track.get("now"))):
            self._note(track)

    def _due(self, name: str, kept: dict[str, Any], turned: bool, *, at_once: bool = False) -> bool:
        if not kept.get("start"):
            return False
        now_ms = self._card.clock.now_ms
        if not at_once:
            rested_ms = now_ms - self._done_ms.get(name, -(1 << 60))
            if rested_ms < 60_000 * int(kept.get("minutes", 0)):
                return False
            if not self._moved(kept, turned):
                return False
        self._done_ms[name] = now_ms
        return True

    def _moved(self, kept: dict[str, Any], turned: bool) -> bool:
        """With a threshold of 0 only a change of orientation counts."""
        threshold = int(kept.get("threshold", 1))
        if threshold <= 0:
            return turned
        full = self._sensor.full_buckets(int(kept.get("count", 0)) or 1)
        moved = sum(1 for count in full if count > 0)
        if moved < threshold:
            return False
        self._sensor.forget_full()
        return True

    def _note(self, kept: dict[str, Any]) -> None:
        sensor = self._sensor
        body = {
            "count": sensor.count,
            "movements": sensor.movements(10),
            "orientation": self._card.attached.orientation,
            "motion": sensor.last_s,
        }
        file = str(kept.get("file") or MOTION_FILE)
        self._card.log_note(file, {name: value for name, value in body.items() if value})

    def deadline_ms(self) -> int | None:
        """When to look again."""
        return self._next_ms if self.on else None
