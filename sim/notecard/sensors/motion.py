"""The accelerometer: movements counted second by second, and the verdict moving or stopped."""

from __future__ import annotations

from collections import deque
from typing import Any

from sim.notecard.model.clock import CardClock
from sim.notecard.world.attached import Attachments
from sim.notecard.world.world import World

BUCKET_S = 60  # default length of one bucket of movements
MEMORY_S = 24 * 3600
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Accelerometer:
    """Looks at the world once a second, late if nobody asks earlier."""

    def __init__(
        self, clock: CardClock, world: World, attached: Attachments, config: dict[str, Any]
    ) -> None:
        self._clock, self._world, self.config = clock, world, config
        self._attached = attached
        self.orientations = [attached.orientation]  # since the last question
        self.fell = False
        self.count = 0
        self.last_s = 0
        self.moving = False
        self._seen_ms = clock.now_ms
        self._buckets: deque[int] = deque(maxlen=MEMORY_S)
        self._filled_s = 0
        self._forgotten = 0  # buckets that have set something off already

    @property
    def started(self) -> bool:
        """Whether card.motion.mode has switched it on."""
        return bool(self.config.get("start"))

    @property
    def stopped(self) -> bool:
        """Whether card.motion.mode has switched it off."""
        return self.config.get("start") is False

    @property
    def bucket_s(self) -> int:
        """Seconds in one bucket."""
        return int(self.config.get("seconds") or BUCKET_S)

    def begin(self) -> None:
        """Count from now on, as after card.motion.mode start:true."""
        self.count, self.last_s, self.moving = 0, 0, False
        self._buckets.clear()
        self._filled_s = self._forgotten = 0

    def advance(self) -> tuple[bool, bool]:
        """Catch up with the clock; (moved, verdict changed) since the last call."""
        moved = changed = False
        first_ms = max(self._seen_ms, self._clock.now_ms - MEMORY_S * 1000)
        for at_ms in range(first_ms + 1000, self._clock.now_ms + 1, 1000):
            self._seen_ms = at_ms
            moving = self._world.moving_at(self._clock.epoch_ms + at_ms) or self._jolted
            moved |= moving
            changed |= self._second(moving, at_ms)
        self._look_at_hand()
        return moved, changed

    @property
    def _jolted(self) -> bool:
        """A bump is over between two samples at 1.6 Hz, but not at the 25 Hz of 1 to 5."""
        return self._attached.jolting and int(self.config.get("sensitivity", -1)) > 0

    def _look_at_hand(self) -> None:
        if self.orientations[-1] != self._attached.orientation:
            self.orientations.append(self._attached.orientation)
        self.fell |= self._attached.falling

    def _second(self, moving: bool, at_ms: int) -> bool:
        if not self._buckets or self._filled_s >= self.bucket_s:
            changed = self._judge()
            self._buckets.append(0)
            self._filled_s = 0
            self._forgotten = max(0, self._forgotten - (len(self._buckets) == MEMORY_S))
        else:
            changed = False
        self._filled_s += 1
        if moving:
            self.count += 1
            self._buckets[-1] += 1
            self.last_s = (self._clock.epoch_ms + at_ms) // 1000 if self._clock.known else 0
            changed |= self._judge() if not self.moving else False
        return changed

    def _judge(self) -> bool:
        threshold = int(self.config.get("motion", 0))
        moving = bool(threshold and self._buckets and self._buckets[-1] >= threshold)
        changed, self.moving = moving is not self.moving, moving
        return changed

    def movements(self, minutes: int) -> str:
        """One base-36 digit a bucket over the last minutes, newest first; ``*`` over 35."""
        buckets = list(self._buckets)[-max(1, minutes * 60 // self.bucket_s) :]
        return "".join(_DIGITS[n] if n < len(_DIGITS) else "*" for n in reversed(buckets))

    def full_buckets(self, count: int) -> list[int]:
        """The last `count` buckets that have not set anything off yet."""
        return list(self._buckets)[self._forgotten :][-count:]

    def forget_full(self) -> None:
        """What has set something off does not do it again."""
        self._forgotten = len(self._buckets)

    def deadline_ms(self) -> int:
        """When the next second is over."""
        return self._seen_ms + 1000
