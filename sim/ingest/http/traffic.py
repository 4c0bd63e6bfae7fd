"""Counters of a running server."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sim.ingest.api.answers import Answer


@dataclass(slots=True)
class Traffic:
    """Requests since the start, and events in them; `accepted` includes duplicates."""

    requests: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    conflicts: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    def count(self, answer: Answer) -> None:
        """Count one answer."""
        self.requests += 1
        self.accepted += answer.tally.accepted
        self.duplicates += answer.tally.duplicates
        self.rejected += answer.tally.rejected
        self.conflicts += answer.tally.conflicts
        self.statuses[answer.status] += 1

    def figures(self) -> dict[str, int]:
        """Return the five counters by name."""
        names = ("requests", "accepted", "duplicates", "rejected", "conflicts")
        return {name: getattr(self, name) for name in names}
