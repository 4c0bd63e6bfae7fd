"""The lasting peculiarities of a radio, a kernel and a BlueZ that decide what a scanner hears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SCAN_WINDOW_MS = 10_240  # the kernel ends an active scan after DISCOV_LE_TIMEOUT
SCAN_GAP_MS = 5_000  # BlueZ waits IDLE_DISCOV_TIMEOUT before the next one
TEMPORARY_MS = 30_000  # BlueZ forgets a device not heard for TemporaryTimeout

Duplicates = Literal["off", "address", "content"]


@dataclass(frozen=True, slots=True)
class Conditions:
    """A quiet, ideal BlueZ by default: every advertisement in the air reaches the program.

    `threshold_db` 8 is BlueZ after 5.87: without an RSSI filter only larger changes are told.
    `duplicates`: what the controller's own filter takes for a repetition within one scan window.
    `scan_train`: 10.24 s of listening, then a gap of 5 s (none for a filtered discovery).
    `le_only`: on such an adapter BlueZ takes a filter of transport alone for no filter.
    `monitors`: whether passive scanning exists (BlueZ 5.56, experimental).
    """

    threshold_db: int = 0
    duplicates: Duplicates = "off"
    scan_train: bool = False
    le_only: bool = False
    monitors: bool = True
    central: bool = True
    temporary_ms: int = TEMPORARY_MS
