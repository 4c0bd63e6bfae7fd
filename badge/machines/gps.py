"""When a position is asked for, and what is made of the answer (contract section 3, GPS)."""

from __future__ import annotations

from enum import StrEnum
from math import inf
from typing import Any

from badge.effects import PollGps, PowerGps
from badge.inputs import GpsFix
from badge.machines.core import NEVER, Core, Due
from badge.machines.table import Table, ignore, never

# Section 2, gps_no_fix: only if a fix was had in the last 5 minutes.
LAST_KNOWN_MAX_MS = 300_000
# Section 3, GPS: after more than 5 consecutive polls taken while stationary.
STATIONARY_POLLS_BEFORE_SLOW = 5


class GpsIs(StrEnum):
    """The receiver is off, on between two polls, or asked and not yet answered."""

    OFF = "off"
    IDLE = "idle"
    WAITING = "waiting"


class GpsFact(StrEnum):
    """What the shift, the clock, the receiver and the accelerometer say."""

    SHIFT_STARTED = "shift started"
    SHIFT_ENDED = "shift ended"
    POLL_DUE = "poll due"
    FIX = "fix"
    TIMED_OUT = "timed out"
    MOVED = "movement began"


class Gps:
    """Polls during a shift; logs `gps` or `gps_no_fix` once a poll."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._rows = GPS.rows
        self.state: StrEnum = GpsIs.OFF
        self._stationary = True
        self._stationary_polls = 0
        self._polled_ms = 0
        self._asked_s = 0
        self._last_fix: tuple[float, float, int] | None = None
        self.configure()

    def configure(self) -> None:
        """Take the numbers of the present configuration."""
        config = self._core.config
        self._interval_ms = config.gps_interval_s * 1000
        # A long interval in the configuration is not to become shorter by standing still.
        self._slow_ms = max(config.gps_stationary_interval_s, config.gps_interval_s) * 1000
        # A poll is over when the next one is due: one answer belongs to one poll.
        self._timeout_s = min(config.gps_timeout_s, config.gps_interval_s)
        self._uere_m = config.gps_uere_m
        self._poll_effect = PollGps(self._timeout_s * 1000)

    def on(self, fact: GpsFact, stationary: bool = True) -> None:
        """Apply a fact; `stationary` is the motion machine's word at this moment."""
        self._stationary = stationary
        self.state, action = self._rows[self.state, fact]
        action(self, None)

    def fix(self, fix: GpsFix) -> None:
        """Take a position; it counts only while a poll waits for it, and if it can be one."""
        # Not even as a fix: it would log what the ingest refuses, and the poll still waits.
        if not is_possible(fix):
            return
        self.state, action = self._rows[self.state, GpsFact.FIX]
        action(self, fix)

    def _start(self, fix: GpsFix | None) -> None:
        self._core.effects.append(PowerGps(True))
        self._stationary_polls = 0
        self._poll(fix)

    def _stop(self, fix: GpsFix | None) -> None:
        due = self._core.due
        # An open poll ends without gps_no_fix: outside ACTIVE nothing of GPS is logged.
        due[Due.GPS_POLL] = due[Due.GPS_TIMEOUT] = NEVER
        self._core.effects.append(PowerGps(False))

    def _poll(self, fix: GpsFix | None) -> None:
        core = self._core
        self._polled_ms = now_ms = core.now_ms
        self._stationary_polls = self._stationary_polls + 1 if self._stationary else 0
        slow = self._stationary_polls > STATIONARY_POLLS_BEFORE_SLOW
        core.due[Due.GPS_POLL] = now_ms + (self._slow_ms if slow else self._interval_ms)
        # A fix after exactly the timeout still counts: "wait <= gps_timeout_s".
        self._asked_s = self._timeout_s
        core.due[Due.GPS_TIMEOUT] = now_ms + self._timeout_s * 1000 + 1
        core.effects.append(self._poll_effect)

    def _give_up_and_poll(self, fix: GpsFix | None) -> None:
        """A push shortened the interval under a poll that still waits."""
        self._log_no_fix(fix)
        self._poll(fix)

    def _poll_soon(self, fix: GpsFix | None) -> None:
        """On motion the next poll is due at max(now, last poll + interval)."""
        core = self._core
        # Motion begins the count anew, or the next stop would be slow at once.
        self._stationary_polls = 0
        core.due[Due.GPS_POLL] = max(core.now_ms, self._polled_ms + self._interval_ms)

    def _log_fix(self, fix: GpsFix) -> None:
        core = self._core
        core.due[Due.GPS_TIMEOUT] = NEVER
        # 6 decimals at source (section 2): some 11 cm, and the same text on every machine.
        lat, lon = rounded(fix.lat, 6), rounded(fix.lon, 6)
        accuracy_m = fix.accuracy_m
        if accuracy_m is None:
            # The Notecard tells dop alone: accuracy_m = dop × gps_uere_m (section 3, GPS).
            accuracy_m = (fix.hdop if fix.hdop is not None else 1.0) * self._uere_m
        payload: dict[str, Any] = {"lat": lat, "lon": lon, "accuracy_m": rounded(accuracy_m, 1)}
        if fix.altitude_m is not None:
            payload["altitude_m"] = rounded(fix.altitude_m, 1)
        if fix.speed_kmh is not None:
            payload["speed_kmh"] = rounded(fix.speed_kmh, 1)
        payload["fix_type"] = fix.fix_type
        self._last_fix = (lat, lon, core.now_ms)
        core.log("gps", payload)

    def _log_no_fix(self, fix: GpsFix | None) -> None:
        core = self._core
        core.due[Due.GPS_TIMEOUT] = NEVER
        payload: dict[str, Any] = {"timeout_s": self._asked_s}
        if self._last_fix and core.now_ms - self._last_fix[2] <= LAST_KNOWN_MAX_MS:
            payload["last_known_lat"], payload["last_known_lon"] = self._last_fix[:2]
        core.log("gps_no_fix", payload)


def rounded(value: float, places: int) -> float:
    """Round to so many decimals; there is no -0.0, since firmware counts in whole numbers."""
    return round(value, places) + 0.0


def is_possible(fix: GpsFix) -> bool:
    """Say whether an event made from it fits the schema (contract section 2, Ranges)."""
    return (
        -90 <= fix.lat <= 90
        and -180 <= fix.lon <= 180
        and 0 <= (fix.accuracy_m or 0) < inf
        and 0 <= (fix.hdop or 0) < inf
        and 0 <= (fix.speed_kmh or 0) < inf
        and -inf < (fix.altitude_m or 0) < inf
    )


_S, _F = GpsIs, GpsFact
GPS = Table(
    "gps",
    GpsIs,
    GpsFact,
    {
        (_S.OFF, _F.SHIFT_STARTED): (_S.WAITING, Gps._start),
        (_S.OFF, _F.SHIFT_ENDED): (_S.OFF, never),
        (_S.OFF, _F.POLL_DUE): (_S.OFF, never),
        (_S.OFF, _F.FIX): (_S.OFF, ignore),
        (_S.OFF, _F.TIMED_OUT): (_S.OFF, never),
        (_S.OFF, _F.MOVED): (_S.OFF, ignore),
        (_S.IDLE, _F.SHIFT_STARTED): (_S.IDLE, never),
        (_S.IDLE, _F.SHIFT_ENDED): (_S.OFF, Gps._stop),
        (_S.IDLE, _F.POLL_DUE): (_S.WAITING, Gps._poll),
        (_S.IDLE, _F.FIX): (_S.IDLE, ignore),
        (_S.IDLE, _F.TIMED_OUT): (_S.IDLE, never),
        (_S.IDLE, _F.MOVED): (_S.IDLE, Gps._poll_soon),
        (_S.WAITING, _F.SHIFT_STARTED): (_S.WAITING, never),
        (_S.WAITING, _F.SHIFT_ENDED): (_S.OFF, Gps._stop),
        (_S.WAITING, _F.POLL_DUE): (_S.WAITING, Gps._give_up_and_poll),
        (_S.WAITING, _F.FIX): (_S.IDLE, Gps._log_fix),
        (_S.WAITING, _F.TIMED_OUT): (_S.IDLE, Gps._log_no_fix),
        (_S.WAITING, _F.MOVED): (_S.WAITING, Gps._poll_soon),
    },
)
