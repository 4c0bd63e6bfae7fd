"""A lithium cell: charge in, volts and percent out, less of both in the cold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from badge.errors import InputError, MisuseError

# percent and mV at rest: the usual table of a 4.2 V lithium polymer (LiCoO2) cell
REST_PERCENT = np.array([0.0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 95, 100])
REST_MV = np.array(
    [3270.0, 3610, 3690, 3710, 3730, 3750, 3770, 3800, 3840, 3870, 3950, 4020, 4110, 4150, 4200]
)
# usable share of the capacity at a fifth of it an hour: cell makers warrant about 80 % at 0 °C and
# 60 % at -20 °C; resistance doubles every 15 degrees or so of cold
COLD_C = np.array([-30.0, -20, -10, 0, 10, 25, 45, 60])
CAPACITY_SHARE = np.array([0.40, 0.60, 0.72, 0.82, 0.92, 1.0, 1.0, 0.97])
RESISTANCE_SHARE = np.array([8.0, 5.0, 3.2, 2.1, 1.5, 1.0, 0.85, 0.8])


@lru_cache(maxsize=256)
def _capacity_share(celsius: float) -> float:
    return float(np.interp(celsius, COLD_C, CAPACITY_SHARE))


@lru_cache(maxsize=256)
def _resistance_share(celsius: float) -> float:
    return float(np.interp(celsius, COLD_C, RESISTANCE_SHARE))


@dataclass(frozen=True, slots=True)
class Cell:
    """What kind of battery it is; 2000 mAh is the badge's (contract section 6)."""

    capacity_mah: float = 2000.0
    resistance_mohm: float = 120.0
    health: float = 1.0

    def __post_init__(self) -> None:
        if not (self.capacity_mah > 0.0 and 0.0 < self.health <= 1.0):
            raise InputError(
                f"battery: {self.capacity_mah} mAh at health {self.health} cannot be; capacity "
                "must be above 0 and health above 0 up to 1."
            )

    def usable_mah(self, celsius: float) -> float:
        """Give the charge that can be had at a temperature (held beyond -30 and 60 °C)."""
        return self.capacity_mah * self.health * _capacity_share(celsius)


@dataclass(slots=True)
class Battery:
    """One battery in use.  Charge is counted in whole µA·ms: splitting a span changes nothing."""

    cell: Cell
    used_ua_ms: int = 0

    def drain(self, microamps: int, for_ms: int) -> None:
        """Draw a current for a time."""
        if microamps < 0 or for_ms < 0:
            raise MisuseError("a battery is drained by currents and times that are not negative")
        self.used_ua_ms += microamps * for_ms

    def percent(self, celsius: float = 25.0) -> int:
        """Give whole percent left, 0 to 100, at this temperature; warming brings some back."""
        return round(self._share(celsius) * 100.0)

    def voltage_mv(self, microamps: int = 0, celsius: float = 25.0) -> int:
        """Give whole mV under a load: rest voltage less current times resistance."""
        rest = np.interp(self._share(celsius) * 100.0, REST_PERCENT, REST_MV)
        drop = microamps * self.cell.resistance_mohm * _resistance_share(celsius) / 1e6
        return round(float(rest) - drop)

    def empty(self, celsius: float = 25.0) -> bool:
        """Say whether nothing more can be had at this temperature."""
        return self._share(celsius) <= 0.0

    def hours_left(self, microamps: int, celsius: float = 25.0) -> float:
        """Give how long it lasts at that current; infinite at none."""
        left_uah = self._share(celsius) * self.cell.usable_mah(celsius) * 1000.0
        return left_uah / microamps if microamps > 0 else float("inf")

    def _share(self, celsius: float) -> float:
        full = self.cell.usable_mah(celsius) * 1000.0 * 3_600_000.0
        return max(1.0 - self.used_ua_ms / full, 0.0)


def charged(percent: float, cell: Cell | None = None, celsius: float = 25.0) -> Battery:
    """Give a battery that reads so many percent at that temperature."""
    if not 0.0 <= percent <= 100.0:
        raise InputError(f"battery: a charge of {percent} % is not 0 to 100.")
    cell = cell or Cell()
    full = cell.usable_mah(celsius) * 1000.0 * 3_600_000.0
    return Battery(cell, round(full * (1.0 - percent / 100.0)))
