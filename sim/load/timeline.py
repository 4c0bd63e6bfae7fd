"""How latency went over the time of a load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sim.load.counts import LoadCounts
from sim.load.report import Tell

SLICES_MAX = 60


@dataclass(frozen=True, slots=True)
class TimeSlice:
    """Some seconds of a load: answers by their microseconds, and what failed in it."""

    from_s: int
    until_s: int
    us: Counter[int]
    failed: int

    @property
    def answers(self) -> int:
        """How many came."""
        return self.us.total()

    def percentile_ms(self, percent: float) -> float:
        """Give a percentile of its latencies in ms."""
        return _percentile_us(self.us, percent) / 1000


class LatencyTimeline:
    """Latencies of each second; of a long load, of as many seconds as leave `slices_max` slices.

    `told` is to be called as it goes on and at the end, with all that are counted up to then: what
    is new belongs to the second in which it was called before.
    """

    def __init__(self, tell: Tell = lambda counts: None, slices_max: int = SLICES_MAX) -> None:
        self._tell, self._most = tell, slices_max
        self.width_s = 1
        self._us: dict[int, Counter[int]] = {}
        self._failed: Counter[int] = Counter()
        self._failed_before, self._told_s = 0, 0.0

    def told(self, counts: LoadCounts) -> None:
        """Take in what has come since the last call, then tell it on."""
        while self._told_s / self.width_s >= self._most:
            self._widen()
        place, self._told_s = int(self._told_s) // self.width_s, counts.seconds
        noted = counts.latencies.noted
        if noted:
            self._us.setdefault(place, Counter()).update(noted)
        self._failed[place] += counts.failed - self._failed_before
        self._failed_before = counts.failed
        counts.latencies.settle()
        self._tell(counts)

    def slices(self) -> Iterator[TimeSlice]:
        """Give those in which anything came or failed, in order."""
        width_s = self.width_s
        for place in sorted(self._us.keys() | +self._failed):
            us = self._us.get(place, Counter())
            from_s = place * width_s
            yield TimeSlice(from_s, from_s + width_s, us, self._failed[place])

    def _widen(self) -> None:
        self.width_s *= 2
        wider: dict[int, Counter[int]] = {}
        failed: Counter[int] = Counter()
        for place, us in self._us.items():
            wider.setdefault(place // 2, Counter()).update(us)
        for place, count in self._failed.items():
            failed[place // 2] += count
        self._us, self._failed = wider, failed


def _percentile_us(us: Counter[int], percent: float) -> int:
    wanted, met = us.total() * percent / 100, 0
    for value, times in sorted(us.items()):
        met += times
        if met >= wanted:
            return value
    return 0
