"""From boot to shift to power-off (contract section 3, States and Shift)."""

from __future__ import annotations

from enum import StrEnum

from badge.contract.events import EndReason, is_worker_id
from badge.inputs import Assign
from badge.machines.core import NEVER, Core, Due
from badge.machines.table import Key, Row, Table, ignore, never


class ShiftIs(StrEnum):
    """SHIFT_END lasts as long as the final upload attempt; CLOSING is the same on an empty
    battery, and ends in OFF.
    """

    BOOTING = "booting"
    UNASSIGNED = "unassigned"
    ACTIVE = "active"
    SHIFT_END = "shift end"
    CLOSING = "closing"
    OFF = "off"


class ShiftFact(StrEnum):
    """What the button, the clocks, the battery and the upload say."""

    BOOTED = "booted"
    BOOTED_IN_SHIFT = "booted, a shift was open"
    ASSIGNED = "assigned"
    STRANGER = "assigned to someone not in worker_ids"
    UNASSIGNED = "unassigned"
    STILL_TOO_LONG = "stationary too long"
    BATTERY_EMPTY = "battery empty"
    ATTEMPT_OVER = "final upload attempt over"


class Shift:
    """Logs shift_start and shift_end; its owner reads `state` to switch the sensors."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._rows = SHIFT.rows
        self.state: StrEnum = ShiftIs.BOOTING
        self.started_ms = 0
        self.duration_s: int | None = None

    def on(self, fact: ShiftFact, assign: Assign | None = None) -> None:
        """Apply a fact; `assign` is what an assignment brings."""
        self.state, action = self._rows[self.state, fact]
        action(self, assign)

    def watch_stillness(self, stationary_since_ms: int | None) -> None:
        """Set the deadline of the automatic end; None while the badge moves."""
        core, config = self._core, self._core.config
        core.due[Due.AUTO_END] = NEVER
        if stationary_since_ms is not None and self.state is ShiftIs.ACTIVE:
            # Both must have passed (section 3, Shift); now at the earliest, since a push may
            # shorten them.
            core.due[Due.AUTO_END] = max(
                stationary_since_ms + config.auto_end_stationary_s * 1000,
                self.started_ms + config.auto_end_min_shift_s * 1000,
                core.now_ms,
            )

    def _start(self, assign: Assign) -> None:
        core = self._core
        self.started_ms, self.duration_s = core.now_ms, None
        payload = {"worker_id": assign.worker_id}
        if assign.assigned_by and is_worker_id(assign.assigned_by):
            payload["assigned_by"] = assign.assigned_by
        core.log(
            "shift_start",
            payload,
            worker_id=assign.worker_id,
            shift_started_age_ms=core.age_ms,
        )

    def _end(self, reason: EndReason) -> None:
        core = self._core
        core.due[Due.AUTO_END] = NEVER
        # By the lifetime clock: a shift that a reboot ends began in an earlier boot.
        self.duration_s = (core.age_ms - core.state.shift_started_age_ms) // 1000
        # The worker leaves the state in the same record: a boot finds both or neither.
        payload = {"worker_id": core.state.worker_id, "end_reason": reason}
        core.log("shift_end", payload, worker_id=None)

    def _close(self, assign: Assign | None) -> None:
        self.duration_s = None

    def _end_by_button(self, assign: Assign | None) -> None:
        self._end("manual")

    def _end_by_stillness(self, assign: Assign | None) -> None:
        self._end("auto_stationary")

    def _end_by_battery(self, assign: Assign | None) -> None:
        self._end("low_battery")

    def _end_by_reboot(self, assign: Assign | None) -> None:
        self._end("reboot")


_S, _F = ShiftIs, ShiftFact
_ROWS: dict[Key, Row] = {(state, fact): (state, never) for state in ShiftIs for fact in ShiftFact}
_ROWS |= {
    (_S.BOOTING, _F.BOOTED): (_S.UNASSIGNED, ignore),
    (_S.BOOTING, _F.BOOTED_IN_SHIFT): (_S.UNASSIGNED, Shift._end_by_reboot),
    (_S.UNASSIGNED, _F.ASSIGNED): (_S.ACTIVE, Shift._start),
    (_S.UNASSIGNED, _F.STRANGER): (_S.UNASSIGNED, ignore),
    (_S.UNASSIGNED, _F.UNASSIGNED): (_S.UNASSIGNED, ignore),
    (_S.UNASSIGNED, _F.BATTERY_EMPTY): (_S.CLOSING, Shift._close),
    (_S.UNASSIGNED, _F.ATTEMPT_OVER): (_S.UNASSIGNED, ignore),
    (_S.ACTIVE, _F.ASSIGNED): (_S.ACTIVE, ignore),
    (_S.ACTIVE, _F.STRANGER): (_S.ACTIVE, ignore),
    (_S.ACTIVE, _F.UNASSIGNED): (_S.SHIFT_END, Shift._end_by_button),
    (_S.ACTIVE, _F.STILL_TOO_LONG): (_S.SHIFT_END, Shift._end_by_stillness),
    (_S.ACTIVE, _F.BATTERY_EMPTY): (_S.CLOSING, Shift._end_by_battery),
    (_S.ACTIVE, _F.ATTEMPT_OVER): (_S.ACTIVE, ignore),
    (_S.SHIFT_END, _F.ASSIGNED): (_S.ACTIVE, Shift._start),
    (_S.SHIFT_END, _F.STRANGER): (_S.SHIFT_END, ignore),
    (_S.SHIFT_END, _F.UNASSIGNED): (_S.SHIFT_END, ignore),
    (_S.SHIFT_END, _F.BATTERY_EMPTY): (_S.CLOSING, ignore),
    (_S.SHIFT_END, _F.ATTEMPT_OVER): (_S.UNASSIGNED, ignore),
    (_S.CLOSING, _F.ASSIGNED): (_S.CLOSING, ignore),
    (_S.CLOSING, _F.STRANGER): (_S.CLOSING, ignore),
    (_S.CLOSING, _F.UNASSIGNED): (_S.CLOSING, ignore),
    (_S.CLOSING, _F.BATTERY_EMPTY): (_S.CLOSING, ignore),
    (_S.CLOSING, _F.ATTEMPT_OVER): (_S.OFF, ignore),
}
SHIFT = Table("shift", ShiftIs, ShiftFact, _ROWS)
