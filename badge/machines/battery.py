"""Low-battery events: once per crossing of 10 % and of 5 % (contract section 3, Battery)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from badge.inputs import Battery
from badge.machines.core import Core
from badge.machines.table import Table, ignore

LOW_PCT, CRITICAL_PCT = 10, 5


class ThresholdIs(StrEnum):
    """Armed thresholds fire; fired ones wait for a reading above them."""

    ARMED = "armed"
    FIRED = "fired"


class BatteryFact(StrEnum):
    """A reading compared with the threshold."""

    AT_OR_BELOW = "at or below"
    ABOVE = "above"


class Threshold:
    """One of the two levels; whether it is armed survives a reboot."""

    def __init__(self, core: Core, pct: int) -> None:
        self._core = core
        self._rows = THRESHOLD.rows
        self.pct = pct
        # In the state, not in RAM: armed flags survive a reboot (section 3, Battery).
        self._flag = "low_armed" if pct == LOW_PCT else "critical_armed"
        armed = getattr(core.state, self._flag)
        self.state: StrEnum = ThresholdIs.ARMED if armed else ThresholdIs.FIRED

    def read(self, battery: Battery) -> None:
        """Apply a reading."""
        fact = BatteryFact.AT_OR_BELOW if battery.pct <= self.pct else BatteryFact.ABOVE
        self.state, action = self._rows[self.state, fact]
        action(self, battery)

    def _fire(self, battery: Battery) -> None:
        payload: dict[str, Any] = {"battery_pct": battery.pct}
        if battery.voltage_mv is not None and battery.voltage_mv >= 0:
            payload["voltage_mv"] = battery.voltage_mv
        self._core.log("low_battery", payload, **{self._flag: False})

    def _arm(self, battery: Battery) -> None:
        self._core.change(**{self._flag: True})


_S, _F = ThresholdIs, BatteryFact
THRESHOLD = Table(
    "battery threshold",
    ThresholdIs,
    BatteryFact,
    {
        (_S.ARMED, _F.AT_OR_BELOW): (_S.FIRED, Threshold._fire),
        (_S.ARMED, _F.ABOVE): (_S.ARMED, ignore),
        (_S.FIRED, _F.AT_OR_BELOW): (_S.FIRED, ignore),
        (_S.FIRED, _F.ABOVE): (_S.ARMED, Threshold._arm),
    },
)
