"""How long it took, in an HdrHistogram: three digits from a microsecond to an hour."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

US_MAX = 3_600_000_000
DIGITS = 3
# Two values that agree in so many leading bits are one to a histogram of three digits.
SAME_BITS = 11
SAME_FROM_US = 1 << SAME_BITS
PERCENTILES = (50.0, 90.0, 99.0, 99.9, 99.99, 100.0)


class Latencies:
    """Microseconds; `note` is cheap, and `percentiles` takes in what was noted."""

    def __init__(self) -> None:
        library: Any = import_module("hdrh.histogram")  # typed as Any: it has no stubs
        self._histogram = library.HdrHistogram(1, US_MAX, DIGITS)
        self._noted: dict[int, int] = {}

    @property
    def noted(self) -> dict[int, int]:
        """Counts by microseconds that are not in the histogram yet; a hot loop adds here."""
        return self._noted

    @property
    def count(self) -> int:
        """How many there are."""
        self.settle()
        return int(self._histogram.get_total_count())

    def note(self, microseconds: int, times: int = 1) -> None:
        """Add one, or several alike; what the histogram cannot tell apart is one here, too."""
        if microseconds >= SAME_FROM_US:
            shift = microseconds.bit_length() - SAME_BITS
            microseconds = microseconds >> shift << shift
        self._noted[microseconds] = self._noted.get(microseconds, 0) + times

    def settle(self) -> None:
        """Take in what was noted."""
        for microseconds, times in self._noted.items():
            self._histogram.record_value(min(max(microseconds, 1), US_MAX), times)
        self._noted.clear()

    def percentile_ms(self, percent: float) -> float:
        """Give a percentile in milliseconds; 0 if nothing was noted."""
        self.settle()
        if not self._histogram.get_total_count():
            return 0.0
        return int(self._histogram.get_value_at_percentile(percent)) / 1000

    def mean_ms(self) -> float:
        """Give the mean in milliseconds."""
        self.settle()
        return float(self._histogram.get_mean_value()) / 1000

    def percentiles(self) -> Mapping[str, float]:
        """Give the usual ones in milliseconds by their names."""
        return {f"{percent:g}": self.percentile_ms(percent) for percent in PERCENTILES}
