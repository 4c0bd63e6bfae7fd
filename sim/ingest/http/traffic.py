"""Counters of a running server."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from sim.ingest.api.answers import Answer
from sim.ingest.http.refusals import Refusals

REMEDIES = {
    400: "is it a batch as docs/ingest.md shows it?",
    401: "is the key in the route, in X-Actual-Api-Key, and is it this badge's?",
    404: "is the path /api/events?",
    408: "--patience gives a client more time",
    413: "send at most 500 events, and 1 MiB",
    415: "send it uncompressed",
    422: "--min-firmware and --current-firmware say what is too old",
    429: "--rate-limit says how many requests a minute",
    503: "the client is told to come back",
}
_TEXT_MAX = 160


@dataclass(slots=True)
class Traffic:
    """Requests since the start, and events in them; `accepted` includes duplicates.

    `first_refusals` has a line for the first answer of each kind that turned something away: a
    route without its key must not look like a server that nobody calls.  `refusals` has all of
    them, by reason and device.
    """

    requests: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    conflicts: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    first_refusals: list[str] = field(default_factory=list)
    refusals: Refusals = field(default_factory=Refusals)
    _kinds: set[tuple[int, str]] = field(default_factory=set)

    def note(self, answer: Answer) -> None:
        """Keep the line of a refusal that is the first of its kind; it is not counted."""
        kind = answer.status, str(answer.body.get("code", ""))
        if answer.status >= 400 and kind not in self._kinds:
            self._kinds.add(kind)
            self.first_refusals.append(_refusal(answer))

    def count(self, answer: Answer) -> None:
        """Count one answer."""
        self.note(answer)
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


def _refusal(answer: Answer) -> str:
    """Say what was answered and what to look at; foreign text must not drive the terminal."""
    text = json.dumps(str(answer.body.get("error", "")))[1:-1][:_TEXT_MAX]
    remedy = REMEDIES.get(answer.status)
    return f"first {answer.status}: {text}" + (f" ({remedy})" if remedy else "")
