"""The radio chip below BlueZ: when it listens, and what it takes for a repetition."""

from __future__ import annotations

from sim.air.radio.advert import Section
from sim.air.radio.conditions import SCAN_GAP_MS, SCAN_WINDOW_MS, Conditions


class Controller:
    """One adapter's receiver; all times are milliseconds of one monotonic clock."""

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions
        self._begun_ms = 0
        self._window = -1
        self._known: set[object] = set()

    def begin(self, now_ms: int) -> None:
        """Start the first scan window at this moment."""
        self._begun_ms, self._window = now_ms, -1

    def hears(
        self, mac: str, content: tuple[Section, ...], now_ms: int, *, filtered: bool, every: bool
    ) -> bool:
        """Tell whether a report reaches the host.

        `filtered` discovery has no gap between windows; `every` switches the duplicate filter
        off, as the kernel does during an active scan while an advertisement monitor exists.
        """
        gap_ms = 0 if filtered or not self._conditions.scan_train else SCAN_GAP_MS
        window, at_ms = divmod(now_ms - self._begun_ms, SCAN_WINDOW_MS + gap_ms)
        if at_ms >= SCAN_WINDOW_MS:
            return False
        if window != self._window:
            self._window = window
            self._known.clear()
        return every or self._is_new(mac, content)

    def _is_new(self, mac: str, content: tuple[Section, ...]) -> bool:
        if self._conditions.duplicates == "off":
            return True
        key = mac if self._conditions.duplicates == "address" else (mac, content)
        if key in self._known:
            return False
        self._known.add(key)
        return True
