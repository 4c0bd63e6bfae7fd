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


class Sync:
    """Wanted, running or at rest.  Minutes come from the hub settings, pending from the files."""

    def __init__(self, sync_s: float) -> None:
        self._sync_ms = int(sync_s * 1000)
        self.requested_ms: int | None = None
        self.completed_ms: int | None = None
        self.started_ms: int | None = None
        self.alert = False
        self._out_ms = 0
        self._in_ms = 0
        self.wanted = False
        self.log: deque[SyncLogLine] = deque(maxlen=LOG_LINES)
        self._logged = 0

    def request(self, now_ms: int) -> None:
        """An explicit hub.sync, or a note with sync:true."""
        self.requested_ms = now_ms
        self.wanted = True

    def plan(self, now_ms: int, hub: dict[str, Any], pending: bool) -> None:
        """Want a sync when the cadence of hub.set says so."""
        if hub.get("mode", "periodic") not in ("periodic", "continuous"):
            return
        due_ms = self._due_ms(hub, pending)
        self.wanted |= due_ms is not None and now_ms >= due_ms

    def _due_ms(self, hub: dict[str, Any], pending: bool) -> int | None:
        out_ms = 60_000 * int(hub.get("outbound", 0))
        in_ms = 60_000 * int(hub.get("inbound", 0))
        due = [self._out_ms + out_ms] if out_ms > 0 and pending else []
        due += [self._in_ms + in_ms] if in_ms > 0 else []
        return min(due, default=None)

    def begin(self, now_ms: int) -> None:
        """The link is up: start."""
        self.started_ms, self.wanted, self.alert = now_ms, False, False

    def ended(self, now_ms: int) -> bool:
        """Whether a running sync has reached its end by now."""
        return self.started_ms is not None and now_ms >= self.started_ms + self._sync_ms

    def complete(self, now_ms: int) -> None:
        """Everything was exchanged."""
        self.started_ms = None
        self.completed_ms = self._out_ms = self._in_ms = now_ms

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

    def deadline_ms(self, hub: dict[str, Any], pending: bool) -> int | None:
        """When `plan` or `ended` will say something new."""
        if self.started_ms is not None:
            return self.started_ms + self._sync_ms
        if hub.get("mode", "periodic") not in ("periodic", "continuous") or self.wanted:
            return None
        return self._due_ms(hub, pending)

    def note(self, utc_s: int, text: str) -> None:
        """Write a line into the sync log."""
        self._logged += 1
        self.log.append(SyncLogLine(utc_s, self._logged, 1, "sync", text))
