"""When the card syncs with Notehub, and the phases of one sync."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

LOG_LINES = 64
PHASES = (
    "sync starting {sync-begin}",
    "sync sending changes {sync-get-local-changes}",
    "sync receiving changes {sync-get-remote-changes}",
)


@dataclass(frozen=True, slots=True)
class SyncLogLine:
    """One line of the sync log that hosts read from ``_synclog.qi``."""

    time_s: int
    sequence: int
    level: int
    subsystem: str
    text: str

    def body(self) -> dict[str, Any]:
        """The note's body."""
        return {
            "time": self.time_s,
            "sequence": self.sequence,
            "level": self.level,
            "subsystem": self.subsystem,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Cadence:
    """Minutes between syncs of each direction, 0 for never; `epoch_ms` aligns them to UTC."""

    outbound_min: int = 0
    inbound_min: int = 0
    epoch_ms: int | None = None

    def next_ms(self, last_ms: int, period_min: int) -> int:
        """When the sync after `last_ms` is due, by the card's clock."""
        period_ms = 60_000 * period_min
        if self.epoch_ms is None:
            return last_ms + period_ms
        return ((self.epoch_ms + last_ms) // period_ms + 1) * period_ms - self.epoch_ms


class Sync:
    """Wanted, running or at rest; which way is asked for too."""

    def __init__(self, sync_s: float) -> None:
        self._sync_ms = int(sync_s * 1000)
        self.requested_ms: int | None = None
        self.completed_ms: int | None = None
        self.started_ms: int | None = None
        self.alert = False
        self.scanned = False  # the last one carried what triangulation found
        self._out_ms = 0
        self._in_ms = 0
        self.wanted = False
        self.outbound = self.inbound = True  # the ways of the one that is wanted or runs
        self.log: deque[SyncLogLine] = deque(maxlen=LOG_LINES)
        self._logged = 0

    def request(self, now_ms: int) -> None:
        """An explicit hub.sync, or a note with sync:true."""
        self.requested_ms = now_ms
        self.want()

    def request_way(self, now_ms: int, *, outbound: bool) -> None:
        """A hub.sync of one direction only; what is wanted already is kept."""
        self.requested_ms = now_ms
        if outbound:
            self.want(inbound=False)
        else:
            self.want(outbound=False)

    def want(self, *, outbound: bool = True, inbound: bool = True) -> None:
        """Want these ways, beside those that are wanted already."""
        before = self.wanted
        self.outbound = outbound or (before and self.outbound)
        self.inbound = inbound or (before and self.inbound)
        self.wanted = True

    def plan(self, now_ms: int, cadence: Cadence, pending: bool) -> None:
        """Want a sync when the cadence says so; explicit ones leave the cadence alone."""
        out_min, in_min = cadence.outbound_min, cadence.inbound_min
        out = out_min > 0 and pending and now_ms >= cadence.next_ms(self._out_ms, out_min)
        inward = in_min > 0 and now_ms >= cadence.next_ms(self._in_ms, in_min)
        if out:
            self._out_ms = now_ms
        if inward:
            self._in_ms = now_ms
        if out or inward:
            self.want(outbound=out or pending, inbound=inward)

    def _due_ms(self, cadence: Cadence, pending: bool) -> int | None:
        due = []
        if cadence.outbound_min > 0 and pending:
            due.append(cadence.next_ms(self._out_ms, cadence.outbound_min))
        if cadence.inbound_min > 0:
            due.append(cadence.next_ms(self._in_ms, cadence.inbound_min))
        return min(due, default=None)

    def begin(self, now_ms: int, *, scanned: bool = False) -> None:
        """The link is up: start."""
        self.started_ms, self.wanted, self.alert = now_ms, False, False
        self.scanned = scanned

    def ended(self, now_ms: int) -> bool:
        """Whether a running sync has reached its end by now."""
        return self.started_ms is not None and now_ms >= self.started_ms + self._sync_ms

    def complete(self, now_ms: int) -> None:
        """Everything was exchanged."""
        self.started_ms, self.completed_ms = None, now_ms

    def abort(self) -> None:
        """The link went away in the middle: what was not exchanged is wanted again."""
        if self.started_ms is not None:
            self.started_ms, self.wanted, self.alert = None, True, True

    def phase(self, now_ms: int) -> str:
        """The words of hub.sync.status while a sync runs."""
        if self.started_ms is None:
            return ""
        part = len(PHASES) * (now_ms - self.started_ms) // max(1, self._sync_ms)
        return PHASES[min(len(PHASES) - 1, part)]

    def deadline_ms(self, cadence: Cadence, pending: bool) -> int | None:
        """When `plan` or `ended` will say something new."""
        if self.started_ms is not None:
            return self.started_ms + self._sync_ms
        return None if self.wanted else self._due_ms(cadence, pending)

    def note(self, utc_s: int, text: str) -> None:
        """Write a line into the sync log."""
        self._logged += 1
        self.log.append(SyncLogLine(utc_s, self._logged, 1, "sync", text))
