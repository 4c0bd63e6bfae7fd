"""One event in the badge's queue, before and after it knows its time of day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from badge.contract.events import EventType

# Timestamps have four digits of year (section 1): a later one could not be written.
UNIX_MS_END = 253_370_764_800_000  # the year 9999 begins


def timestamp(unix_s: int) -> str:
    """Write Unix seconds as `2026-03-14T08:32:15Z` (contract section 1)."""
    return f"{_minute(unix_s // 60)}{unix_s % 60:02d}Z"


# A minute's events share all but the seconds; strftime costs more than the rest of an event.
@lru_cache(maxsize=256)
def _minute(unix_min: int) -> str:
    return datetime.fromtimestamp(unix_min * 60, UTC).strftime("%Y-%m-%dT%H:%M:")


@dataclass(slots=True)
class Entry:
    """A logged event.  `age_ms` is the badge's lifetime clock (uptime summed over boots).

    `unix_ms` stays None until the badge learns UTC; it is set once (contract section 3, Clock).
    """

    sequence_number: int
    event_type: EventType
    payload: Mapping[str, Any]
    firmware_version: str
    age_ms: int
    unix_ms: int | None = None

    def event(self, device_id: str) -> dict[str, Any]:
        """Return the wire form of contract section 1; the entry must know its time."""
        assert self.unix_ms is not None
        return {
            "device_id": device_id,
            "firmware_version": self.firmware_version,
            "event_type": self.event_type,
            "timestamp_utc": timestamp(self.unix_ms // 1000),
            "sequence_number": self.sequence_number,
            "payload": self.payload,
        }
