"""What of a file could not be used: how often, for which reason, of how many in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WARN_ABOVE = 0.1
"""A larger share of a file left out is worth a warning: the walk may not be the user's any more."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Counts by reason, most frequent first, of `total` things of a kind (`unit`, in the plural).

    `passed_over` counts what is no such thing at all (lines of a log that are no sentence).
    """

    counts: tuple[tuple[str, int], ...] = ()
    total: int = 0
    unit: str = "points"
    passed_over: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int], total: int, unit: str, passed_over: int = 0) -> Skipped:
        """Ordered, and without the reasons that never came up."""
        found = ((reason, count) for reason, count in counts.items() if count)
        ordered = tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))
        return cls(ordered, total, unit, passed_over)

    def and_also(self, reason: str, count: int) -> Skipped:
        """The same, with one reason more; reasons of the same name are added up."""
        counts = dict(self.counts)
        counts[reason] = counts.get(reason, 0) + count
        return Skipped.of(counts, self.total, self.unit, self.passed_over)

    @property
    def count(self) -> int:
        """All that was left out."""
        return sum(count for _, count in self.counts)

    @property
    def is_much(self) -> bool:
        """Whether so much is missing that the user must hear of it loudly."""
        return self.count > WARN_ABOVE * self.total

    def sentence(self, name: object) -> str:
        """For people: `walk.gpx: 358 of 871 points skipped: 358 without a time`; empty: nothing."""
        if not self.counts:
            return ""
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.counts)
        text = f"{name}: {self.count} of {self.total} {self.unit} skipped: {reasons}"
        return f"warning: {text}" if self.is_much else text

    def as_json(self) -> dict[str, object]:
        """For machines: the counts by reason, their sum and what it is of."""
        return {
            "skipped": self.count,
            "of": self.total,
            "unit": self.unit,
            "reasons": dict(self.counts),
            "passed_over": self.passed_over,
        }


NOTHING_SKIPPED = Skipped()
