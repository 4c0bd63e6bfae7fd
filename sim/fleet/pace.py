"""How fast simulated time goes against the clock on the wall."""

from __future__ import annotations

import time
from collections.abc import Callable

from badge.errors import InputError

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def read_speed(text: str) -> float | None:
    """Read `max` (None), `60x` or `60`; InputError for anything else."""
    if text == "max":
        return None
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not 0.001 <= speed <= 1_000_000.0:
        raise InputError(f"--speed {text}: write max, 1x, 60x or another number of times")
    return speed


def read_duration_s(text: str) -> float:
    """Read `90`, `90s`, `10m` or `2h` in seconds; InputError for anything else."""
    number = text[:-1] if text[-1:] in _SECONDS else text
    try:
        duration_s = float(number) * _SECONDS.get(text[-1:], 1.0)
    except ValueError:
        duration_s = -1.0
    if not 0.0 <= duration_s <= 31 * 86_400:
        raise InputError(f"--give-up {text}: write a time like 90s, 10m or 2h")
    return duration_s


class RealtimePace:
    """Simulated ms from the moment of `begin` on; `behind_ms` is how late the run ever was."""

    def __init__(
        self, speed: float, wall_s: Callable[[], float] = time.monotonic, start_ms: int = 0
    ) -> None:
        self.speed = speed
        self._start_ms = start_ms
        self._wall_s = wall_s
        self._began_s = wall_s()
        self.behind_ms = 0

    def begin(self) -> None:
        """Start the clock."""
        self._began_s = self._wall_s()

    def now_ms(self) -> int:
        """Give the simulated time that it should be."""
        return self._start_ms + int((self._wall_s() - self._began_s) * 1000.0 * self.speed)

    def wait_s(self, ms: int) -> float:
        """Give how long to wait for a moment; when it is over, note how late it is."""
        ahead_ms = ms - self.now_ms()
        self.behind_ms = max(self.behind_ms, -ahead_ms)
        return max(ahead_ms, 0) / 1000.0 / self.speed
