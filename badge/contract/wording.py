"""The rules of the contract in words: what a validator's finding says to a human.

Messages are ASCII and of bounded length, whatever the input was: they go to terminals and logs.
"""

from __future__ import annotations

import json
from typing import get_args

from pydantic_core import ErrorDetails

from badge.contract.events import (
    EVENT_TYPES,
    NESTING_LIMIT,
    SEQUENCE_MAX,
    EndReason,
    FixType,
    MotionState,
    RebootReason,
)
from badge.contract.patterns import message

MISSING = "Missing required field"
UNKNOWN = "Unknown envelope field"
_SHOWN_CHARS = 40

_LATITUDE = "must be a number from -90 to 90"
_LONGITUDE = "must be a number from -180 to 180"
_RSSI = "must be an integer from -127 to -1 (dBm)"
_SECONDS = "must be a whole number of seconds, 0 or more"
_COUNT = "must be an integer, 0 or more"
_WORKER = "must be a non-empty string without NUL"


def _one_of(words: tuple[str, ...]) -> str:
    return f"must be one of {', '.join(words)}"


RULES = {
    "device_id": "must be ACT- and eight upper-case hexadecimal digits, like ACT-3F8A21B4",
    "firmware_version": "must be major.minor.patch without leading zeros, like 0.3.1",
    "event_type": _one_of(EVENT_TYPES),
    "timestamp_utc": "must be an existing moment in UTC that ends in Z, like 2026-03-14T08:32:15Z",
    "sequence_number": f"must be an integer from 1 to {SEQUENCE_MAX}",
    "payload": "must be an object",
    "worker_id": _WORKER,
    "assigned_by": _WORKER,
    "end_reason": _one_of(get_args(EndReason)),
    "lat": _LATITUDE,
    "lon": _LONGITUDE,
    "accuracy_m": "must be a number of metres, 0 or more",
    "altitude_m": "must be a number of metres",
    "speed_kmh": "must be a number, 0 or more",
    "fix_type": _one_of(get_args(FixType)),
    "timeout_s": _SECONDS,
    "last_known_lat": _LATITUDE,
    "last_known_lon": _LONGITUDE,
    "tag_mac": "must be six upper-case bytes, like F4:A7:2E:11:03:BC",
    "rssi": _RSSI,
    "last_rssi": _RSSI,
    "detection_count": "must be an integer, 1 or more",
    "duration_s": _SECONDS,
    "previous_state": _one_of(get_args(MotionState)),
    "new_state": _one_of(get_args(MotionState)),
    "battery_pct": "must be an integer from 0 to 100",
    "voltage_mv": _COUNT,
    "reason": _one_of(get_args(RebootReason)),
    "previous_uptime_s": _SECONDS,
    "events_in_queue": _COUNT,
}
MEANINGS = {
    "device_id": "The badge's serial number, assigned at provisioning, immutable.",
    "firmware_version": "Semantic version of the firmware that generated the event.",
    "event_type": "What happened; decides the fields of the payload.",
    "timestamp_utc": "When the event was generated on the badge, never when it was uploaded.",
    "sequence_number": "Per device, from 1, rising, never reused; with device_id the dedup key.",
    "payload": "The fields of this event type; unknown ones are kept.",
    "worker_id": "The worker, in the customer's own format.",
    "assigned_by": "The foreman's worker ID, if a foreman assigned the badge.",
    "end_reason": "Why the shift ended.",
    "lat": "WGS84 latitude in degrees, 6 decimals at the source.",
    "lon": "WGS84 longitude in degrees, 6 decimals at the source.",
    "accuracy_m": "Estimated horizontal accuracy in metres.",
    "altitude_m": "Metres above sea level.",
    "speed_kmh": "Speed from the GPS module in km/h.",
    "fix_type": "How the position was obtained.",
    "timeout_s": "How long the badge waited for a fix, in seconds.",
    "last_known_lat": "Latitude of the last fix, if that was in the last 5 minutes.",
    "last_known_lon": "Longitude of the last fix, if that was in the last 5 minutes.",
    "tag_mac": "Bluetooth address of the equipment tag.",
    "rssi": "Signal strength in dBm when the event was generated.",
    "last_rssi": "Signal strength in dBm when the tag was last heard.",
    "detection_count": "Consecutive scans at or above the threshold before this event.",
    "duration_s": "Seconds that the state which ended here had lasted.",
    "previous_state": "The state until now.",
    "new_state": "The state from now on.",
    "battery_pct": "Charge in percent.",
    "voltage_mv": "Battery voltage in millivolts.",
    "reason": "Why the badge restarted.",
    "previous_uptime_s": "Seconds that the badge had run before it restarted.",
    "events_in_queue": "Events waiting for upload at the restart.",
}
_OPTIONAL = {
    "assigned_by",
    "altitude_m",
    "speed_kmh",
    "last_known_lat",
    "last_known_lon",
    "voltage_mv",
}


def place(detail: ErrorDetails) -> str:
    """Name the field inside its event: `payload.lat`; empty for the event itself."""
    if detail["type"] in ("union_tag_not_found", "union_tag_invalid"):
        return "event_type"
    # (index, event type, field, …): the validator adds the type once it has chosen it.
    return ".".join(_name(str(part)) for part in detail["loc"][2:])


def rule(detail: ErrorDetails) -> str:
    """Say which rule is broken, and by what."""
    kind, given = detail["type"], detail["input"]
    field = str(detail["loc"][-1]) if len(detail["loc"]) > 2 else ""
    match kind:
        case "missing" | "union_tag_not_found":
            return MISSING
        case "extra_forbidden":
            return UNKNOWN
        case "too_deep":
            return f"is nested deeper than {NESTING_LIMIT} levels"
        case "union_tag_invalid":
            return f"{RULES['event_type']}, not {shown(given.get('event_type'))}"
        case "not_json":
            return "holds what JSON has not: NaN, Infinity or half a surrogate pair"
        case "both_or_neither" | "states_equal":
            return detail["msg"]
    if given is None and field in _OPTIONAL:
        return "is optional: leave it out instead of null"
    if field in RULES:
        return f"{RULES[field]}, not {shown(given)}"
    return "must be a JSON object" if not field else message(detail)


def shown(value: object) -> str:
    """Write a JSON value in at most some 40 ASCII characters."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    if isinstance(value, int) and value.bit_length() > 100:
        return "an integer of more than 100 bits"
    if isinstance(value, str) and len(value) > _SHOWN_CHARS:
        return json.dumps(value[:_SHOWN_CHARS]) + "..."
    return json.dumps(value, default=lambda _: "a value that JSON does not have")


def _name(key: str) -> str:
    """Write a key so that it cannot break a line or drive a terminal."""
    if key.isidentifier() and key.isascii() and len(key) <= _SHOWN_CHARS:
        return key
    return shown(key)
