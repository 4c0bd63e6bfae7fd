"""A device's events as they are to be explained: by boots, with the second of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from badge.errors import InputError


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """One event; `second` is Unix time, cut off as the badge cuts it.

    `clock_set_s`: by so many seconds the clock was set just before it (0: it was not); `second` is
    then of a clock that was not.
    """

    number: int
    kind: str
    second: int
    payload: dict[str, Any]
    firmware: str
    event: dict[str, Any]
    is_held: bool = True  # false: it is supposed, so that those behind it can be
    clock_set_s: int = 0


def seen(events: Iterable[dict[str, Any]], place: str) -> list[SeenEvent]:
    """Read events in the order of their numbers; InputError for one that is none."""
    found = []
    for event in events:
        number = event["sequence_number"]
        try:
            moment = datetime.fromisoformat(event["timestamp_utc"]).timestamp()
        except ValueError:
            raise InputError(f"{place}: event {number}: timestamp_utc is no moment") from None
        found.append(
            SeenEvent(
                number,
                event["event_type"],
                int(moment),
                event["payload"],
                event["firmware_version"],
                event,
            )
        )
    return found


_IN_SHIFT = ("gps", "gps_no_fix", "motion", "ble_proximity", "ble_lost", "shift_end")
_BOOTED_BEFORE_S = 1500  # shorter than a window, which would log a heartbeat


def with_beginning(
    events: list[SeenEvent], gps_interval_s: int, gps_timeout_s: int
) -> list[SeenEvent]:
    """Put a boot, and a shift if one was open, before events whose boot is not held."""
    first = events[0]
    if first.kind == "reboot":
        return events
    supposed = [
        _supposed(
            "reboot",
            first,
            first.second - _BOOTED_BEFORE_S,
            {"reason": "power_on", "previous_uptime_s": 0, "events_in_queue": 0},
        )
    ]
    shift = next((one for one in events if one.kind in (*_IN_SHIFT, "shift_start")), None)
    if shift is not None and shift.kind != "shift_start":
        end = next((one for one in events if one.kind == "shift_end"), None)
        worker = "W-000" if end is None else end.payload["worker_id"]
        begins_s = _first_poll_s(events, gps_interval_s, gps_timeout_s)
        supposed.append(_supposed("shift_start", first, begins_s, {"worker_id": worker}))
    count = len(supposed)
    return [
        *(replace(one, number=first.number - count + n) for n, one in enumerate(supposed)),
        *events,
    ]


def _first_poll_s(events: list[SeenEvent], interval_s: int, timeout_s: int) -> int:
    """Give when the poll of the first position began, by those behind it."""
    found: list[int] = []
    for one in events:
        if one.kind in ("gps", "gps_no_fix"):
            wait_s = timeout_s if one.kind == "gps_no_fix" else 0
            at_s = one.second - wait_s - len(found) * interval_s
            if found and at_s > found[0] + timeout_s:
                break  # a slow one: it tells nothing of the others
            found.append(at_s)
    first_s = events[0].second
    return max(min(min(found, default=first_s), first_s), first_s - timeout_s)


def _supposed(kind: str, first: SeenEvent, second: int, payload: dict[str, Any]) -> SeenEvent:
    return SeenEvent(0, kind, second, payload, first.firmware, {}, is_held=False)


def boots(events: list[SeenEvent]) -> list[list[SeenEvent]]:
    """Cut before every reboot; what comes before the first one has no boot of its own."""
    parts: list[list[SeenEvent]] = []
    for one in events:
        if one.kind == "reboot" or not parts:
            parts.append([])
        parts[-1].append(one)
    return parts
