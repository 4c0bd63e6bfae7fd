"""Signs that the host holds samples back: said as a doubt, never repaired by guessing."""

from __future__ import annotations

from collections import deque
from collections.abc import Set
from dataclasses import dataclass, field
from enum import StrEnum

THRESHOLD_DB = 8  # BlueZ after 5.87 tells smaller changes to nobody without an RSSI filter
WINDOW_NS = 9_000_000_000  # a little less than the 10.24 s of one scan window
_STEPS, _STEPS_MIN, _GAPS_MIN = 16, 5, 4
_KNOWN_MAX = 4096


class Doubt(StrEnum):
    """Why a cycle's samples may be fewer than the air held."""

    THRESHOLD = "changes below 8 dB never arrive: is a stranger's BlueZ filter in force?"
    DUPLICATES = "one sample per scan window: the controller filters repetitions"


@dataclass(slots=True)
class _Trace:
    at_ns: int
    rssi_dbm: int
    steps: deque[int] = field(default_factory=lambda: deque(maxlen=_STEPS))
    gaps: deque[int] = field(default_factory=lambda: deque(maxlen=_GAPS_MIN))

    def note(self, at_ns: int, rssi_dbm: int) -> None:
        if rssi_dbm != self.rssi_dbm:
            self.steps.append(abs(rssi_dbm - self.rssi_dbm))
        self.gaps.append(at_ns - self.at_ns)
        self.at_ns, self.rssi_dbm = at_ns, rssi_dbm

    def doubts(self) -> set[Doubt]:
        found = set()
        if len(self.steps) >= _STEPS_MIN and min(self.steps) >= THRESHOLD_DB:
            found.add(Doubt.THRESHOLD)
        if len(self.gaps) >= _GAPS_MIN and min(self.gaps) >= WINDOW_NS:
            found.add(Doubt.DUPLICATES)
        return found


class Doubts:
    """Watches how each tag's strength moves and how far apart its samples are."""

    def __init__(self) -> None:
        self._traces: dict[str, _Trace] = {}

    def note(self, at_ns: int, mac: str, rssi_dbm: int) -> None:
        """Take one valid sample in."""
        trace = self._traces.get(mac)
        if trace is not None:
            trace.note(at_ns, rssi_dbm)
            return
        if len(self._traces) >= _KNOWN_MAX:
            del self._traces[next(iter(self._traces))]
        self._traces[mac] = _Trace(at_ns, rssi_dbm)

    def about(self, macs: Set[str]) -> tuple[Doubt, ...]:
        """Return the doubts about samples of these tags, each once, in a fixed order."""
        traces = [self._traces[mac] for mac in macs if mac in self._traces]
        found = {doubt for trace in traces for doubt in trace.doubts()}
        return tuple(doubt for doubt in Doubt if doubt in found)
