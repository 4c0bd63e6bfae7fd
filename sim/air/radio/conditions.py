"""The lasting peculiarities of a radio, a kernel and a BlueZ that decide what a program hears."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from badge.errors import InputError

SCAN_WINDOW_MS = 10_240  # the kernel ends an active scan after DISCOV_LE_TIMEOUT
SCAN_GAP_MS = 5_000  # BlueZ waits IDLE_DISCOV_TIMEOUT before the next one
TEMPORARY_MS = 30_000  # BlueZ forgets a device not heard for TemporaryTimeout
THRESHOLD_DB = 8  # RSSI_THRESHOLD of BlueZ

Duplicates = Literal["off", "address", "content"]
Exempt = Literal["filtered", "strength"]


@dataclass(frozen=True, slots=True)
class Conditions:
    """A quiet, ideal BlueZ by default: every advertisement in the air reaches the program.

    `version`: what BlueZ calls itself.  `threshold_db`: smaller changes of RSSI are not told, but
    to whom is `threshold_exempt`: a discovery with any filter ("filtered"), or only one by RSSI or
    path loss ("strength", BlueZ after 5.87).  `duplicates`: what the controller's own filter takes
    for a repetition within one scan window.  `scan_train`: 10.24 s of listening, then a gap of 5 s
    (next to none for a filtered discovery), and a new start for every change of filters.
    `le_only`: an adapter without BR/EDR.  `monitors`: whether passive scanning exists.
    `strict`: what a real BlueZ does and an ideal one would not: hides devices without
    discoverable flags from an unfiltered discovery, drops what cannot be connected to at its end,
    ignores path loss, lets one client's pattern decide for all, merges signals.
    `modern`: how BlueZ 5.87 differs from 5.66 beyond that.
    """

    version: str = "5.66"
    threshold_db: int = 0
    threshold_exempt: Exempt = "strength"
    duplicates: Duplicates = "off"
    scan_train: bool = False
    le_only: bool = False
    monitors: bool = True
    central: bool = True
    temporary_ms: int = TEMPORARY_MS
    strict: bool = False
    modern: bool = False


_REAL = Conditions(
    threshold_db=THRESHOLD_DB, threshold_exempt="filtered", scan_train=True, strict=True
)
# What each was compared with is in docs/air.md.
PROFILES = {
    "ideal": Conditions(),
    "5.66": _REAL,
    "5.87": replace(_REAL, version="5.87", modern=True),
}
DEFAULT_PROFILE = "5.66"


def profile(name: str = DEFAULT_PROFILE, adapter: str = "dual") -> Conditions:
    """Return the conditions of a BlueZ by name, on an adapter `le` or `dual`; else InputError."""
    if name not in PROFILES:
        raise InputError(f"BlueZ {name!r}: there is {', '.join(PROFILES)}")
    if adapter not in ("le", "dual"):
        raise InputError(f"an adapter {adapter!r}: write le or dual")
    return replace(PROFILES[name], le_only=adapter == "le")
