"""What the e-ink display shows, redrawn only when it changes (contract section 3, Display)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from badge.effects import Draw, Screen, ScreenState
from badge.inputs import Battery
from badge.machines.battery import CRITICAL_PCT, LOW_PCT
from badge.machines.core import Core
from badge.machines.shift import Shift, ShiftIs

_SCREENS: dict[StrEnum, ScreenState] = {
    ShiftIs.UNASSIGNED: "UNASSIGNED",
    ShiftIs.ACTIVE: "ACTIVE",
    ShiftIs.SHIFT_END: "SHIFT_END",
    ShiftIs.CLOSING: "SHIFT_END",
    ShiftIs.OFF: "OFF",
}


class Display:
    """Remembers what it shows; `battery` and `connected` are what was last told."""

    def __init__(self, core: Core, shift: Shift) -> None:
        self._core, self._shift = core, shift
        self._shown: tuple[Any, ...] | None = None
        self.battery: Battery | None = None
        self.connected = True

    def draw(self) -> None:
        """Redraw if the state, a battery crossing, the cellular link or the known start changed."""
        core, state = self._core, _SCREENS[self._shift.state]
        if self._shift.state is ShiftIs.CLOSING and self._shift.duration_s is None:
            state = "UNASSIGNED"  # the battery went empty without a shift
        pct = 100 if self.battery is None else self.battery.pct
        band = (pct <= LOW_PCT) + (pct <= CRITICAL_PCT)
        # The start time is shown as soon as it is known, and never before.
        dated = state == "ACTIVE" and core.unix_offset_ms is not None
        # What the redraw depends on, and no more: e-ink wears, and a percent is no change.
        content = (state, core.state.worker_id, band, self.connected, dated)
        if content != self._shown:
            self._shown = content
            core.effects.append(Draw(self._screen(state, low=band > 0)))

    def _screen(self, state: ScreenState, *, low: bool) -> Screen:
        core, active = self._core, state == "ACTIVE"
        pct = None if self.battery is None else self.battery.pct
        return Screen(
            state,
            core.firmware_version,
            worker_id=core.state.worker_id if active else None,
            shift_started_utc=core.utc_at(core.state.shift_started_age_ms) if active else None,
            shift_duration_s=self._shift.duration_s if state == "SHIFT_END" else None,
            battery_pct=pct if active else None,
            low_battery=low,
            no_cellular=not self.connected,
        )
