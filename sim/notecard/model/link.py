"""The wireless link: off, registering, opening a session, connected; or in the penalty box."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

FAILURES_MAX = 200  # by then any rule has reached its maximum
WATCH_MS = 1000  # how often a running modem looks at its coverage


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take.  All of it policy: the real card publishes none of these numbers."""

    registration_s: float = 2.0
    session_s: float = 0.5
    sync_s: float = 0.6
    gnss_s: float = 3.0
    gnss_search_s: float = 60.0
    search_s: float = 300.0
    boot_s: float = 2.0


@dataclass(slots=True)
class PenaltyRule:
    """How long the penalty box lasts, in minutes: each failure in a row lasts longer."""

    min: float = 15
    rate: float = 1.25
    add: float = 15
    max: float = 4320

    def minutes(self, failures: int) -> float:
        """Of the n-th failure in a row, counted from 1."""
        lasts = self.min
        for _ in range(min(failures, FAILURES_MAX) - 1):
            lasts = min(self.max, lasts * self.rate + self.add)
        return min(self.max, lasts)


class LinkState(Enum):
    """Where the modem is."""

    OFF = "off"
    REGISTERING = "registering"
    OPENING = "opening"
    CONNECTED = "connected"
    PENALTY = "penalty"


class Modem:
    """One modem.  `advance` at least at every `deadline_ms`."""

    def __init__(self, timing: Timing) -> None:
        self.timing = timing
        self.state = LinkState.OFF
        self.since_ms = 0
        self._covered_ms: int | None = None
        self._penalty_until_ms = 0
        self.rule = PenaltyRule()
        self.failures = 0  # in a row
        self.failed_ms: int | None = None  # the first of them
        self.search_s = timing.search_s

    @property
    def connected(self) -> bool:
        """Whether a session with Notehub is open."""
        return self.state is LinkState.CONNECTED

    def advance(self, now_ms: int, wanted: bool, bars: int, refused_s: int = 0) -> bool:
        """Move on as far as time, need and coverage allow; True if the state has changed.

        `refused_s` > 0 means that the network refuses registration: into the penalty box.
        """
        before = self.state
        while self._step(now_ms, wanted, bars, refused_s):
            pass
        return self.state is not before

    def _step(self, now_ms: int, wanted: bool, bars: int, refused_s: int) -> bool:
        elapsed_ms = now_ms - self.since_ms
        if self.state is LinkState.PENALTY:
            return now_ms >= self._penalty_until_ms and self._go(LinkState.OFF, now_ms)
        if not wanted:
            return self.state is not LinkState.OFF and self._go(LinkState.OFF, now_ms)
        if self.state is LinkState.OFF:
            return self._go(LinkState.REGISTERING, now_ms)
        if refused_s:
            return self.punish(now_ms, refused_s)
        if self.state is LinkState.REGISTERING:
            return self._register(now_ms, bars)
        if bars == 0:
            return self._go(LinkState.REGISTERING, now_ms)
        opened = elapsed_ms >= self.timing.session_s * 1000
        return self.state is LinkState.OPENING and opened and self._go(LinkState.CONNECTED, now_ms)

    def _register(self, now_ms: int, bars: int) -> bool:
        if bars == 0:
            self._covered_ms = None
            lost = now_ms - self.since_ms >= self.search_s * 1000
            return lost and self.punish(now_ms, 60 * self.rule.minutes(self.failures + 1))
        if self._covered_ms is None:
            self._covered_ms = now_ms
        if now_ms - self._covered_ms < self.timing.registration_s * 1000:
            return False
        return self._go(LinkState.OPENING, now_ms)

    def punish(self, now_ms: int, seconds: float) -> bool:
        """Into the penalty box for so long."""
        self._penalty_until_ms = now_ms + int(seconds * 1000)
        self.failures += 1
        self.failed_ms = now_ms if self.failed_ms is None else self.failed_ms
        return self._go(LinkState.PENALTY, now_ms)

    def hang_up(self, now_ms: int) -> None:
        """End the session in good order; it is registered for anew if it is still wanted."""
        if self.state not in (LinkState.OFF, LinkState.PENALTY):
            self._go(LinkState.OFF, now_ms)

    def forgive(self, now_ms: int) -> None:
        """Out of the penalty box, as hub.sync with `allow` asks."""
        self._penalty_until_ms = min(self._penalty_until_ms, now_ms)

    def penalty_left_s(self, now_ms: int) -> int:
        """Seconds that the penalty still lasts; 0 outside."""
        in_box = self.state is LinkState.PENALTY
        return max(0, -(-(self._penalty_until_ms - now_ms) // 1000)) if in_box else 0

    def _go(self, state: LinkState, now_ms: int) -> bool:
        self.state, self.since_ms, self._covered_ms = state, now_ms, None
        if state is LinkState.CONNECTED:
            self.failures, self.failed_ms = 0, None
        return True

    def deadline_ms(self, now_ms: int) -> int | None:
        """When `advance` is due again; None while the modem rests."""
        if self.state is LinkState.OFF:
            return None
        if self.state is LinkState.PENALTY:
            return self._penalty_until_ms
        watch_ms = now_ms + WATCH_MS
        if self.state is LinkState.OPENING:
            return min(watch_ms, self.since_ms + int(self.timing.session_s * 1000))
        if self.state is LinkState.REGISTERING and self._covered_ms is not None:
            return min(watch_ms, self._covered_ms + int(self.timing.registration_s * 1000))
        return watch_ms

    def status(self, now_ms: int) -> str:
        """The words of hub.status and hub.sync.status for this state."""
        waited_s = (now_ms - self.since_ms) // 1000
        if self.state is LinkState.REGISTERING:
            return f"waiting for wireless service {waited_s} sec [----] {{cell-registration-wait}}"
        if self.state is LinkState.OPENING:
            return "starting communications {socket-connecting}"
        if self.state is LinkState.PENALTY:
            return f"modem now OFF {{modem-off}} ({self.penalty_words(now_ms)})"
        return "connected (session open) {connected}" if self.connected else "disconnected"

    def penalty_words(self, now_ms: int) -> str:
        """Why the card does not connect, and for how long; "" outside the penalty box."""
        if self.state is not LinkState.PENALTY:
            return ""
        left_min = self.penalty_left_s(now_ms) / 60
        return (
            f"network: can't connect ({left_min:.1f} min"
            " remaining) {registration-failure}{network}{extended-network-failure}"
        )
