"""The kinds of faults, how hard each may strike, and when (contract section 3; design habit 11)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS

How = Literal["of requests", "of events", "of boots", "windows an hour", "strikes an hour"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: its rate where it is mild and where it is wild, in the unit of `how`.

    `shortest_ms` and `longest_ms` bound its windows, if it comes in windows.
    """

    name: str
    how: How
    mild: float
    wild: float
    says: str
    shortest_ms: int = 0
    longest_ms: int = 0


_M = MINUTE_MS
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("request_lost", "of requests", 0.05, 0.5, "a request never arrives"),
        Kind("answer_lost", "of requests", 0.05, 0.5, "stored, but the answer never arrives"),
        Kind("duplicated", "of requests", 0.05, 0.5, "a request and its answer arrive twice"),
        Kind("delayed", "of requests", 0.05, 0.4, "an answer comes after the badge gave up"),
        Kind("reordered", "of requests", 0.05, 0.4, "a request arrives after later ones"),
        Kind("outage", "windows an hour", 0.1, 0.4, "no coverage", 10 * _M, 300 * _M),
        Kind("server_error", "of requests", 0.1, 0.6, "408, 500, 502, 503 or 504, stored or not"),
        Kind("rate_limited", "windows an hour", 0.2, 1.0, "429, Retry-After", 2 * _M, 40 * _M),
        Kind("poisoned", "of events", 0.01, 0.2, "the cloud refuses an event: 207, 400"),
        Kind("too_large", "windows an hour", 0.2, 1.0, "413 from a few events on", 5 * _M, 60 * _M),
        Kind("unauthorized", "windows an hour", 0.1, 0.6, "the key counts not", 5 * _M, 90 * _M),
        Kind("schema_deprecated", "windows an hour", 0.1, 0.6, "firmware too old", 5 * _M, 90 * _M),
        Kind("power_cut", "strikes an hour", 0.1, 0.8, "off at any effect, back much later"),
        Kind("watchdog", "strikes an hour", 0.1, 0.8, "reset between two effects"),
        Kind("brown_out", "strikes an hour", 0.1, 0.8, "off at a byte of a flash operation"),
        Kind("late_clock", "of boots", 0.3, 1.0, "UTC learnt late, and wrong at first"),
        Kind("gps_silent", "windows an hour", 0.2, 1.0, "no fix, or too late", 2 * _M, 60 * _M),
        Kind("scanner_dead", "windows an hour", 0.2, 1.0, "no scan, or late", 2 * _M, 60 * _M),
        Kind("accelerometer_stuck", "windows an hour", 0.2, 1.0, "or mumbling", 5 * _M, 90 * _M),
        Kind("battery_cliff", "strikes an hour", 0.05, 0.4, "the charge falls to nothing"),
        Kind("config_push", "strikes an hour", 0.3, 4.0, "good and bad ones, in the middle"),
        Kind("firmware_update", "strikes an hour", 0.1, 1.0, "kept, or rolled back"),
    )
}

Windows = tuple[tuple[int, int], ...]


def draw_windows(rng: random.Random, kind: Kind, rate: float, end_ms: int) -> Windows:
    """Draw a kind's windows up to `end_ms`: (first ms, ms after the last), by their start."""
    windows: list[tuple[int, int]] = []
    at_ms = 0.0
    while rate > 0:
        at_ms += rng.expovariate(rate) * HOUR_MS
        if at_ms >= end_ms:
            break
        start_ms = int(at_ms)
        length_ms = int(kind.shortest_ms * (kind.longest_ms / kind.shortest_ms) ** rng.random())
        windows.append((start_ms, min(start_ms + length_ms, end_ms)))
        at_ms = start_ms + length_ms
    return tuple(windows)


def is_inside(windows: Windows, now_ms: int) -> bool:
    """Tell whether a moment lies in one of the windows."""
    return any(start_ms <= now_ms < end_ms for start_ms, end_ms in windows)
