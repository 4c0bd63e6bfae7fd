"""Inputs in the whole numbers that firmware counts in: micro-degrees, decimetres, bytes of MACs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from badge.contract.events import MAC_PATTERN, FixType, RebootReason
from badge.errors import MisuseError
from badge.inputs import GpsFix
from badge.machines.gps import is_possible

UNKNOWN = -(2**31)
MOST = 2**31 - 1
REBOOT_REASONS: tuple[RebootReason, ...] = (
    "power_on",
    "watchdog",
    "user_reset",
    "firmware_update",
)
FIX_TYPES: tuple[FixType, ...] = ("3d", "2d", "dead_reckoning")
REFUSALS = {  # enum badge_result
    1: "time went back",
    2: "the first input of a badge is a Boot",
    3: "a text is too large for a flash record",
    4: "the core was told something that cannot happen now",
}
_MAC = re.compile(MAC_PATTERN)
_EXACT_M = 1e6  # up to here the core itself makes an accuracy of an HDOP
_IMPOSSIBLE = (MOST, 0, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)


def whole_fix(fix: GpsFix, uere_m: float) -> tuple[int, int, int, int, int, int]:
    """Return lat, lon, accuracy, HDOP, height and speed as `struct badge_fix` has them.

    `uere_m` is the setting in force, for an HDOP of more than three decimals.
    """
    if not is_possible(fix):
        return _IMPOSSIBLE
    accuracy_m, hdop_milli = fix.accuracy_m, UNKNOWN
    if accuracy_m is None and fix.hdop is not None:
        hdop_milli, estimate_m = round(fix.hdop * 1000), fix.hdop * uere_m
        if hdop_milli / 1000 != fix.hdop or estimate_m > _EXACT_M:
            accuracy_m, hdop_milli = estimate_m, UNKNOWN
    return (
        round(round(fix.lat, 6) * 1e6),
        round(round(fix.lon, 6) * 1e6),
        _tenths(accuracy_m),
        hdop_milli,
        _tenths(fix.altitude_m),
        _tenths(fix.speed_kmh),
    )


def _tenths(value: float | None) -> int:
    if value is None:
        return UNKNOWN
    tenths = round(round(value, 1) * 10)
    if abs(tenths) > MOST:
        raise MisuseError(f"{value}: a badge in C holds numbers up to {MOST / 10}")
    return tenths


def clamped(value: int | None, low: int = -1, high: int = MOST) -> int:
    """Return a number as the core can hold it: what is beyond counts as the bound."""
    return UNKNOWN if value is None else min(max(value, low), high)


def heard_bytes(heard: Iterable[tuple[str, int]]) -> bytes:
    """Return what a scan heard, seven bytes a tag; what no known tag can be is left out."""
    return b"".join(
        mac + bytes([clamped(rssi_dbm, -128, 127) & 0xFF])
        for text, rssi_dbm in heard
        if (mac := _mac_bytes(text)) is not None
    )


@lru_cache(maxsize=4096)
def _mac_bytes(text: str) -> bytes | None:
    if not _MAC.fullmatch(text):
        return None
    return bytes.fromhex(text.replace(":", ""))
