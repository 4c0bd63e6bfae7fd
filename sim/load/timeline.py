"""How latency went over the time of a load, and the page that shows it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sim.load.counts import LoadCounts
from sim.load.report import PROBE_HEADINGS, Tell, probe_row
from sim.load.run import Loaded

SLICES_MAX = 60
HEADINGS = ("what", "requests", "50 % ms", "99 % ms", "most ms", "failed")


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

    def rows(self) -> list[list[str]]:
        """Give a row a slice: its seconds, answers, latencies, failures."""
        return [
            [
                f"{place * self.width_s} to {(place + 1) * self.width_s} s",
                f"{us.total():,}",
                *(f"{_percentile_us(us, percent) / 1000:,.3f}" for percent in (50, 99, 100)),
                f"{self._failed[place]:,}",
            ]
            for place, us in sorted(self._us.items())
        ]

    def _widen(self) -> None:
        self.width_s *= 2
        wider: dict[int, Counter[int]] = {}
        failed: Counter[int] = Counter()
        for place, us in self._us.items():
            wider.setdefault(place // 2, Counter()).update(us)
        for place, count in self._failed.items():
            failed[place // 2] += count
        self._us, self._failed = wider, failed


def page_of(loaded: Loaded, timeline: LatencyTimeline, title: str) -> dict[str, Any]:
    """Give the page's table: percentiles, answers by status, then time; or the rates tried."""
    if loaded.probes:
        tried = [[*probe_row(rate, c, holds=good)[:-1], good] for rate, c, good in loaded.probes]
        return {"table": {"title": title, "heads": PROBE_HEADINGS[:-1], "rows": tried}}
    counts = loaded.counts
    figures = counts.document()
    empty = [""] * (len(HEADINGS) - 2)
    percentiles = [
        [f"latency, {name}" + ("" if name == "mean" else " %"), f"{value:,.3f} ms", *empty, None]
        for name, value in figures["latency_ms"].items()
    ]
    outcomes = [[f"answer {name}", f"{n:,}", *empty, None] for name, n in _outcomes(counts)]
    return {
        "table": {
            "title": title,
            "heads": HEADINGS,
            "rows": [*percentiles, *outcomes, *([*row, None] for row in timeline.rows())],
        }
    }


def _outcomes(counts: LoadCounts) -> list[tuple[str, int]]:
    found = sorted(counts.labels.items())
    return [*found, ("none: no connection was free", counts.unsent)] if counts.unsent else found


def _percentile_us(us: Counter[int], percent: float) -> int:
    wanted, met = us.total() * percent / 100, 0
    for value, times in sorted(us.items()):
        met += times
        if met >= wanted:
            return value
    return 0
