"""What a run has proven so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(slots=True)
class Proof:
    """Counters of a run, true at any moment; `broken` is the promise that ended it."""

    seed: int
    badges: int
    kills_planned: int
    kills_under_load: int = 0
    kills_at_start: int = 0
    audits: int = 0
    events_acknowledged: int = 0
    events_kept: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    start_s: list[float] = field(default_factory=list)
    wall_s: float = 0.0
    delivered: bool = False
    broken: str | None = None

    @property
    def kills(self) -> int:
        """All kills so far."""
        return self.kills_under_load + self.kills_at_start

    def figures(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        starts = self.start_s or [0.0]
        return {
            "seed": self.seed,
            "badges": self.badges,
            "kills_planned": self.kills_planned,
            "kills_under_load": self.kills_under_load,
            "kills_at_start": self.kills_at_start,
            "audits": self.audits,
            "events_acknowledged": self.events_acknowledged,
            "events_kept": self.events_kept,
            "requests_answered": self.answers["202"],
            "requests_unavailable": self.answers["503"],
            "requests_cut": self.answers["cut"],
            "requests_refused": self.answers["refused"],
            "start_median_s": round(median(starts), 2),
            "start_max_s": round(max(starts), 2),
            "wall_s": round(self.wall_s, 1),
            "delivered": self.delivered,
            "broken": self.broken,
        }
