"""Moving or stationary (contract section 3, Motion)."""

from __future__ import annotations

from enum import StrEnum

from badge.machines.core import NEVER, Core, Due
from badge.machines.table import Table, ignore, never


class MotionIs(StrEnum):
    """SETTLING: movement has ceased, but not for long enough to call it stationary."""

    STATIONARY = "stationary"
    SETTLING = "settling"
    MOVING = "moving"


class MotionFact(StrEnum):
    """What the accelerometer and the clock say."""

    BEGAN = "movement began"
    CEASED = "movement ceased"
    SETTLED = "ceased for stationary_after_s"


class Motion:
    """Tracks movement always; its owner is told of accepted changes and how long a state held."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._rows = MOTION.rows
        self.state: StrEnum = MotionIs.STATIONARY
        self.since_ms = core.now_ms
        self.changed_after_ms: int | None = None

    @property
    def stationary(self) -> bool:
        """True from the moment `stationary` was accepted until movement begins."""
        return self.state is MotionIs.STATIONARY

    def on(self, fact: MotionFact) -> int | None:
        """Apply a fact; return how long the previous state held, in ms, if it changed."""
        self.changed_after_ms = None
        self.state, action = self._rows[self.state, fact]
        action(self)
        return self.changed_after_ms

    def _change(self) -> None:
        self._core.due[Due.SETTLE] = NEVER
        self.changed_after_ms = self._core.now_ms - self.since_ms
        self.since_ms = self._core.now_ms

    def _wait(self) -> None:
        # stationary is accepted after stationary_after_s without movement, moving at once.
        self._core.due[Due.SETTLE] = self._core.now_ms + self._core.config.stationary_after_s * 1000

    def _move_on(self) -> None:
        self._core.due[Due.SETTLE] = NEVER


_S, _F = MotionIs, MotionFact
MOTION = Table(
    "motion",
    MotionIs,
    MotionFact,
    {
        (_S.STATIONARY, _F.BEGAN): (_S.MOVING, Motion._change),
        (_S.STATIONARY, _F.CEASED): (_S.STATIONARY, ignore),
        (_S.STATIONARY, _F.SETTLED): (_S.STATIONARY, never),
        (_S.SETTLING, _F.BEGAN): (_S.MOVING, Motion._move_on),
        (_S.SETTLING, _F.CEASED): (_S.SETTLING, ignore),
        (_S.SETTLING, _F.SETTLED): (_S.STATIONARY, Motion._change),
        (_S.MOVING, _F.BEGAN): (_S.MOVING, ignore),
        (_S.MOVING, _F.CEASED): (_S.SETTLING, Motion._wait),
        (_S.MOVING, _F.SETTLED): (_S.MOVING, never),
    },
)
