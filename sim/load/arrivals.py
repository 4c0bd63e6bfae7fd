"""When each batch is due: a constant rate, or one that rises; fixed before the first is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

from badge.errors import InputError

RATE_MAX = 1_000_000.0
_PER = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Requests a second at the beginning and at the end of so many seconds, rising evenly."""

    first_per_s: float
    last_per_s: float
    seconds: float

    @property
    def total(self) -> int:
        """How many there are."""
        return int((self.first_per_s + self.last_per_s) / 2 * self.seconds)

    def at_ns(self, number: int) -> int:
        """When one is due after the beginning; numbers count from 0."""
        return self.timetable()(number)

    def timetable(self) -> Callable[[int], int]:
        """Give `at_ns` as a function that a hot loop may call."""
        first, slope = self.first_per_s, (self.last_per_s - self.first_per_s) / self.seconds
        if not slope:
            period_ns = 1e9 / first
            return lambda number: int(number * period_ns)
        # number = first·t + slope·t²/2, solved for t
        return lambda number: int(
            (sqrt(max(first**2 + 2 * slope * number, 0.0)) - first) / slope * 1e9
        )


def constant(rate_per_s: float, seconds: float) -> Arrivals:
    """Give arrivals at one rate."""
    return Arrivals(rate_per_s, rate_per_s, seconds)


def read_rate(text: str, option: str = "--rate") -> float:
    """Read `500/s`, `500` or `30/m` in requests a second; InputError for anything else."""
    number, slash, unit = text.partition("/")
    try:
        rate = float(number) / (_PER[unit] if slash else 1.0)
    except (ValueError, KeyError):
        rate = 0.0
    if not 0.001 <= rate <= RATE_MAX:
        also = ", ramp or find" if option == "--rate" else ""
        raise InputError(f"{option} {text}: write requests a second like 500/s{also}")
    return rate
