"""Events that a backend must take, and events that it must refuse, out of the contract's types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from badge.contract.events import EVENT_TYPES, EventType

Event = dict[str, Any]
MAC = "F4:A7:2E:11:03:BC"

WHOLE: dict[EventType, Event] = {
    "shift_start": {"worker_id": "W-042", "assigned_by": "W-001"},
    "shift_end": {"worker_id": "W-042", "end_reason": "manual"},
    "gps": {
        "lat": 33.749005,
        "lon": -84.387791,
        "accuracy_m": 2.4,
        "altitude_m": 320.5,
        "speed_kmh": 3.1,
        "fix_type": "3d",
    },
    "gps_no_fix": {"timeout_s": 10, "last_known_lat": 33.749005, "last_known_lon": -84.387791},
    "ble_proximity": {"tag_mac": MAC, "rssi": -62, "detection_count": 3},
    "ble_lost": {"tag_mac": MAC, "last_rssi": -78, "duration_s": 240},
    "motion": {"previous_state": "stationary", "new_state": "moving", "duration_s": 31},
    "upload_heartbeat": {},
    "low_battery": {"battery_pct": 10, "voltage_mv": 3610},
    "reboot": {"reason": "power_on", "previous_uptime_s": 0, "events_in_queue": 0},
}
"""A payload of every type with all its fields."""

BY_NAME: dict[str, Event] = {str(kind): payload for kind, payload in WHOLE.items()}
OPTIONAL: dict[EventType, tuple[str, ...]] = {
    "shift_start": ("assigned_by",),
    "gps": ("altitude_m", "speed_kmh"),
    "gps_no_fix": ("last_known_lat", "last_known_lon"),
    "low_battery": ("voltage_mv",),
}
CHOICES: dict[tuple[EventType, str], tuple[str, ...]] = {
    ("shift_end", "end_reason"): ("manual", "auto_stationary", "low_battery", "reboot"),
    ("gps", "fix_type"): ("3d", "2d", "dead_reckoning"),
    ("reboot", "reason"): ("power_on", "watchdog", "user_reset", "firmware_update"),
}
EDGES: tuple[tuple[EventType, str, Any], ...] = (
    ("gps", "lat", 90),
    ("gps", "lat", -90.0),
    ("gps", "lon", 180.0),
    ("gps", "lon", -180),
    ("gps", "accuracy_m", 0),
    ("gps", "altitude_m", -430.5),
    ("ble_proximity", "rssi", -127),
    ("ble_proximity", "rssi", -1),
    ("ble_proximity", "detection_count", 1),
    ("ble_lost", "duration_s", 0),
    ("low_battery", "battery_pct", 0),
    ("low_battery", "battery_pct", 100),
    ("shift_start", "worker_id", "Łukasz Ünal 山田"),
    ("gps_no_fix", "timeout_s", 0),
)
"""Values at the edge of what the schema allows."""

_NOT_TEXT: tuple[object, ...] = (None, 7, True, ["W"], {"a": 1}, "")
_NOT_WHOLE: tuple[object, ...] = (None, "7", 7.5, True, [7], {})
_NOT_A_NUMBER: tuple[object, ...] = (None, "7.5", True, [7.5], {})
_NOT_A_WORD: tuple[object, ...] = (None, "never", 1, True, "")


def event(
    device_id: str,
    number: object,
    kind: str = "upload_heartbeat",
    payload: Event | None = None,
    **envelope: Any,
) -> Event:
    """A valid event of a type, with other envelope fields where they are named."""
    body = BY_NAME.get(kind, {}) if payload is None else payload
    return {
        "device_id": device_id,
        "firmware_version": "0.3.1",
        "event_type": kind,
        "timestamp_utc": "2026-03-14T08:32:15Z",
        "sequence_number": number,
        "payload": body,
    } | envelope


def allowed_payloads(kind: EventType) -> Iterator[tuple[str, Event]]:
    """Every way in which the schema lets a payload be, each with a word about it."""
    whole = WHOLE[kind]
    yield "all fields", whole
    yield "no optional field", {k: v for k, v in whole.items() if k not in OPTIONAL.get(kind, ())}
    yield "a field that is not known", {**whole, "note_of_tomorrow": {"a": [1, None]}}
    for (other, name), words in CHOICES.items():
        if other == kind:
            yield from ((f"{name} {word}", {**whole, name: word}) for word in words)
    for other, name, value in EDGES:
        if other == kind:
            yield f"{name} {value}", {**whole, name: value}


def forbidden_payloads(kind: EventType) -> Iterator[tuple[str, object]]:
    """Every way in which the schema forbids a payload, each with a word about it."""
    whole = WHOLE[kind]
    none_at_all: tuple[object, ...] = (None, [], "{}", 1)
    for value in none_at_all:
        yield f"payload {value!r}", value
    for name in whole:
        if name not in OPTIONAL.get(kind, ()):
            yield f"no {name}", {k: v for k, v in whole.items() if k != name}
        for value in _wrong_values(kind, name, whole[name]):
            yield f"{name} {value!r}", {**whole, name: value}
    if kind == "gps_no_fix":
        yield "last_known_lat alone", {k: v for k, v in whole.items() if k != "last_known_lon"}
        yield "last_known_lon alone", {k: v for k, v in whole.items() if k != "last_known_lat"}
    if kind == "motion":
        yield "states that do not differ", {**whole, "new_state": whole["previous_state"]}


def _wrong_values(kind: str, name: str, right: object) -> Iterator[object]:
    if name in ("end_reason", "fix_type", "reason", "previous_state", "new_state"):
        yield from _NOT_A_WORD
        return
    if name == "tag_mac":
        yield from (None, MAC.lower(), MAC.replace(":", "-"), MAC + "\n", MAC[:-3], 7)
        return
    if isinstance(right, str):
        yield from _NOT_TEXT
        return
    if isinstance(right, float):
        yield from _NOT_A_NUMBER
        yield from {"lat": (90.1, -91), "lon": (180.1, -181)}.get(
            name.removeprefix("last_known_"), ()
        )
        yield from (-0.1,) if name in ("accuracy_m", "speed_kmh") else ()
        return
    yield from _NOT_WHOLE
    if name in ("rssi", "last_rssi"):
        yield from (0, 20, -128)
    elif name == "detection_count":
        yield from (0, -1)
    elif name == "battery_pct":
        yield from (-1, 101)
    else:
        yield -1


def forbidden_envelopes(device_id: str) -> Iterator[tuple[str, Event]]:
    """Every way in which the schema forbids an envelope of this device, but for its number."""
    good = event(device_id, 0)
    for name in ("firmware_version", "event_type", "timestamp_utc", "payload"):
        yield f"no {name}", {k: v for k, v in good.items() if k != name}
        yield f"{name} null", {**good, name: None}
    for version in ("1.2", "01.2.3", "1.2.3-rc1", "v1.2.3", "1.2.3\n", 1, ""):
        yield f"firmware_version {version!r}", {**good, "firmware_version": version}
    for kind in ("gps2", "GPS", "", 7, "upload_heartbeat\n"):
        yield f"event_type {kind!r}", {**good, "event_type": kind}
    for moment in (
        "2026-03-14T08:32:15",
        "2026-03-14T08:32:15+00:00",
        "2026-03-14T08:32:15+02:00",
        "2026-03-14 08:32:15Z",
        "2026-02-30T08:32:15Z",
        "2026-02-29T08:32:15Z",
        "2026-03-14T24:00:00Z",
        "2026-03-14T08:60:15Z",
        "2026-03-14T08:32:61Z",
        "2026-3-14T8:32:15Z",
        "2026-03-14T08:32:15Z\n",
        "14.03.2026",
        1_773_477_135,
        "",
    ):
        yield f"timestamp_utc {moment!r}", {**good, "timestamp_utc": moment}
    yield "an unknown field", {**good, "received_at": "2026-03-14T08:32:15Z"}


FORBIDDEN_NUMBERS: tuple[object, ...] = (None, "7", 7.5, True, 0, -1, 2**63, [7], {})
"""What no sequence number may be; a number written 7.0 is left out, since JSON readers differ."""

ALL_TYPES = EVENT_TYPES
