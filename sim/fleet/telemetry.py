"""A run as counts while it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from badge.host.telemetry.span import Attributes
from badge.host.telemetry.watch import TELEMETRY
from sim.fleet.job import Progress
from sim.fleet.output.parts import BadgeResult


class WatchedProgress:
    """The latest progress of a run, read whenever metrics are sent."""

    def __init__(self, total_badge_ms: int) -> None:
        self.latest = Progress()
        self._total_badge_ms = total_badge_ms
        counts = {
            "badge.simulate.events": ("{event}", "Events logged.", "events"),
            "badge.simulate.accepted": ("{event}", "Events that a backend accepted.", "accepted"),
            "badge.simulate.rejected": ("{event}", "Events that a backend refused.", "rejected"),
            "badge.simulate.retries": ("{request}", "Uploads that were tried again.", "retries"),
        }
        for name, (unit, said, field) in counts.items():
            TELEMETRY.counter(name, unit, said, partial(self._count, field))
        TELEMETRY.gauge(
            "badge.simulate.progress",
            "1",
            "How much of the simulated time is over.",
            lambda: [(self.latest.badge_ms / max(total_badge_ms, 1), {})],
        )

    def ended(self, results: Sequence[BadgeResult], *, whole: bool) -> None:
        """Take in what came out: the last progress may be older."""
        logged = sum(one.events.total() for one in results)
        accepted = sum(one.fates["delivered"] for one in results)
        over_ms = self._total_badge_ms if whole else self.latest.badge_ms
        self.latest = replace(self.latest, badge_ms=over_ms, events=logged, accepted=accepted)

    def _count(self, field: str) -> list[tuple[float, Attributes]]:
        return [(getattr(self.latest, field), {})]
