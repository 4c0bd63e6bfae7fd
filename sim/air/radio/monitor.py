"""One advertisement monitor: patterns to match, and when a device counts as found and as lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.air.radio.advert import LEGACY_MAX_BYTES, Section
from sim.air.radio.timers import Timer, Timers

RSSI_MIN_DBM, RSSI_MAX_DBM = -127, 20
TIMEOUT_MAX_S = 300
LOW_TIMEOUT_S, HIGH_TIMEOUT_S = 5, 10  # BlueZ's defaults when only some are given
SAMPLING_MAX = 255  # in 100 ms; 0 tells every advertisement, 255 none but found and lost


@dataclass(frozen=True, slots=True)
class OrPattern:
    """One pattern of an advertisement monitor: octets at a place of an AD structure's value."""

    start: int
    ad_type: int
    content: bytes

    @property
    def is_possible(self) -> bool:
        """Whether BlueZ takes it: some octets, within what an advertisement holds."""
        end = self.start + len(self.content)
        return bool(self.content) and self.start < LEGACY_MAX_BYTES and end <= LEGACY_MAX_BYTES

    def matches(self, sections: tuple[Section, ...]) -> bool:
        """Tell whether any AD structure of that type carries the octets there."""
        end = self.start + len(self.content)
        return any(
            kind == self.ad_type and value[self.start : end] == self.content
            for kind, value in sections
        )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which strength on, and after how long, a device is found and lost (dBm, seconds)."""

    high_dbm: int
    high_s: int
    low_dbm: int
    low_s: int
    sampling: int = 0


def thresholds_of(
    high_dbm: int | None = None,
    high_s: int | None = None,
    low_dbm: int | None = None,
    low_s: int | None = None,
    sampling: int | None = None,
) -> Thresholds | None:
    """Fill in what a program left out, as BlueZ does; None if it gave nothing at all.

    ValueError if a value is out of its range.
    """
    given = (high_dbm, high_s, low_dbm, low_s, sampling)
    if all(value is None for value in given):
        return None
    low_dbm = RSSI_MIN_DBM if low_dbm is None else low_dbm
    high_dbm = low_dbm if high_dbm is None else high_dbm
    low_s = LOW_TIMEOUT_S if low_s is None else low_s
    high_s = HIGH_TIMEOUT_S if high_s is None else high_s
    if not RSSI_MIN_DBM <= low_dbm <= high_dbm <= RSSI_MAX_DBM:
        raise ValueError("RSSI thresholds")
    if not (1 <= high_s <= TIMEOUT_MAX_S and 1 <= low_s <= TIMEOUT_MAX_S):
        raise ValueError("RSSI timeouts")
    if sampling is not None and sampling > SAMPLING_MAX:
        raise ValueError("RSSI sampling period")
    return Thresholds(high_dbm, high_s, low_dbm, low_s, sampling or 0)


@dataclass(slots=True)
class _Tracked:
    found: bool = False
    seen_s: int | None = None
    high_s: int | None = None
    low_s: int | None = None
    timer: Timer | None = None


class Monitor:
    """Tells `found(path)` and `lost(path)` of devices whose advertisements match a pattern.

    Without thresholds every matching advertisement is told as found.  Seconds are whole ones, as
    BlueZ counts them, so a timeout may be almost a second short.
    """

    def __init__(
        self,
        patterns: tuple[OrPattern, ...],
        timers: Timers,
        found: Callable[[str], None],
        lost: Callable[[str], None],
        thresholds: Thresholds | None = None,
    ) -> None:
        self.patterns, self._thresholds = patterns, thresholds
        self._timers, self._found, self._lost = timers, found, lost
        self._devices: dict[str, _Tracked] = {}

    def matches(self, sections: tuple[Section, ...]) -> bool:
        """Tell whether an advertisement matches any pattern."""
        return any(pattern.matches(sections) for pattern in self.patterns)

    def hear(self, path: str, rssi_dbm: int) -> None:
        """Take in the strength of a matching advertisement."""
        limits = self._thresholds
        if limits is None:
            self._found(path)
            return
        tracked = self._devices.setdefault(path, _Tracked())
        if tracked.timer is not None:
            tracked.timer.cancel()
            tracked.timer = None
        now_s = self._timers.now_ms() // 1000
        self._forget_old(tracked, limits, now_s)
        self._judge(path, tracked, limits, rssi_dbm, now_s)
        if tracked.found:
            tracked.timer = self._timers.after(limits.low_s * 1000, lambda: self._lose(path))

    @staticmethod
    def _forget_old(tracked: _Tracked, limits: Thresholds, now_s: int) -> None:
        if tracked.seen_s is not None:
            if now_s - tracked.seen_s > limits.high_s:
                tracked.high_s = None
            if now_s - tracked.seen_s > limits.low_s:
                tracked.low_s = None
        tracked.seen_s = now_s

    def _judge(
        self, path: str, tracked: _Tracked, limits: Thresholds, rssi_dbm: int, now_s: int
    ) -> None:
        if tracked.found or rssi_dbm <= limits.high_dbm:
            tracked.high_s = None
        elif tracked.high_s is None:
            tracked.high_s = now_s
        elif now_s - tracked.high_s >= limits.high_s:
            tracked.found = True
            self._found(path)
        if not tracked.found or rssi_dbm >= limits.low_dbm:
            tracked.low_s = None
        elif tracked.low_s is None:
            tracked.low_s = now_s
        elif now_s - tracked.low_s >= limits.low_s:
            tracked.found = False
            self._lost(path)

    def _lose(self, path: str) -> None:
        self._devices[path].found = False
        self._devices[path].timer = None
        self._lost(path)

    def forget(self, path: str) -> None:
        """Drop a device that BlueZ has removed; that is told by InterfacesRemoved alone."""
        tracked = self._devices.pop(path, None)
        if tracked is not None and tracked.timer is not None:
            tracked.timer.cancel()

    def end(self, *, told: bool = False) -> None:
        """Stop tracking; `told` says of each found device that it is lost (power off)."""
        for path, tracked in self._devices.items():
            if tracked.timer is not None:
                tracked.timer.cancel()
                if told:
                    self._lost(path)
        self._devices.clear()
