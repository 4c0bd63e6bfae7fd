"""The counters of card.usage.get: in all, and hour by hour for a month."""

from __future__ import annotations

from dataclasses import dataclass, field

HOUR_S = 3600
HOURS_KEPT = 30 * 24 * 2  # so that `offset` can look one period of 30 days back
PERIODS = {"1hour": 1, "1day": 24, "30day": 720}  # in hours
COUNTERS = (
    "bytes_sent",
    "bytes_received",
    "notes_sent",
    "notes_received",
    "sessions_standard",
    "sessions_secure",
)


@dataclass(slots=True)
class Usage:
    """Counts by the names of the answer; `hours` has them by the hour's number since 1970."""

    bytes_sent: int = 0
    bytes_received: int = 0
    notes_sent: int = 0
    notes_received: int = 0
    sessions_standard: int = 0
    sessions_secure: int = 0
    hours: dict[int, dict[str, int]] = field(default_factory=dict)

    def count(self, utc_s: int, **counts: int) -> None:
        """Add to counters at a moment; before the time is known only the totals grow."""
        for name, more in counts.items():
            setattr(self, name, getattr(self, name) + more)
        if not utc_s:
            return
        hour = self.hours.setdefault(utc_s // HOUR_S, {})
        for name, more in counts.items():
            hour[name] = hour.get(name, 0) + more
        for old in sorted(self.hours)[:-HOURS_KEPT]:
            del self.hours[old]

    def totals(self) -> dict[str, int]:
        """Everything since activation."""
        return {name: getattr(self, name) for name in COUNTERS}

    def between(self, begin_s: int, end_s: int) -> dict[str, int]:
        """What whole hours between two moments have counted."""
        found = dict.fromkeys(COUNTERS, 0)
        for number, hour in self.hours.items():
            if begin_s // HOUR_S <= number < -(-end_s // HOUR_S):
                for name, counted in hour.items():
                    found[name] = found.get(name, 0) + counted
        return found
