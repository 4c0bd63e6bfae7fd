"""Signs that the host holds samples back: said as a doubt, never repaired by guessing.

A host that holds samples back does so for every device on the adapter.  So what any device shows,
known or not, is taken together: a single device that is rarely heard, or that moves, proves
nothing, and a single small step or short gap proves that nothing is held back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

THRESHOLD_DB = 8  # BlueZ after 5.87 tells smaller changes to nobody without an RSSI filter
WINDOW_NS = 9_000_000_000  # a little less than the 10.24 s of one scan window
# Of the latest steps, each of which is large with a chance of about 0.3 when a device is heard
# seldom: sixteen in a row happen once in some hundred million.
_STEPS = 16
_GAPS, _GAPS_MIN = 16, 4
_KNOWN_MAX = 4096  # strangers pass by, with a new address every quarter of an hour


class Doubt(StrEnum):
    """Why a cycle's samples may be fewer than the air held."""

    THRESHOLD = "changes below 8 dB never arrive: is a stranger's BlueZ filter in force?"
    DUPLICATES = "one sample per scan window: the controller filters repetitions"


@dataclass(slots=True)
class _Last:
    at_ns: int
    rssi_dbm: int


class Doubts:
    """Watches how strengths move and how far apart the samples of each device are."""

    def __init__(self) -> None:
        self._last: dict[str, _Last] = {}
        self._steps: deque[int] = deque(maxlen=_STEPS)
        self._gaps: deque[int] = deque(maxlen=_GAPS)

    def note(self, at_ns: int, mac: str, rssi_dbm: int) -> None:
        """Take one valid sample in, whosoever it is."""
        last = self._last.get(mac)
        if last is not None:
            if rssi_dbm != last.rssi_dbm:
                self._steps.append(abs(rssi_dbm - last.rssi_dbm))
            self._gaps.append(at_ns - last.at_ns)
            last.at_ns, last.rssi_dbm = at_ns, rssi_dbm
            return
        if len(self._last) >= _KNOWN_MAX:
            del self._last[next(iter(self._last))]
        self._last[mac] = _Last(at_ns, rssi_dbm)

    def about(self, macs: Set[str]) -> tuple[Doubt, ...]:
        """Return the doubts about samples of these tags, each once, in a fixed order."""
        if self._last.keys().isdisjoint(macs):
            return ()
        found = []
        if len(self._steps) == _STEPS and min(self._steps) >= THRESHOLD_DB:
            found.append(Doubt.THRESHOLD)
        if len(self._gaps) >= _GAPS_MIN and min(self._gaps) >= WINDOW_NS:
            found.append(Doubt.DUPLICATES)
        return tuple(found)
