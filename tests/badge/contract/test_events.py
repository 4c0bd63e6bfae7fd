"""The owner's schema, rule by rule (contract sections 1 and 2)."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given

from badge.contract.events import EVENT_TYPES, Event, EventType
from badge.contract.validation import judge, judge_json
from tests.strategies import changed, events, unhurried

OWNERS_BATCH = """[
{"device_id": "ACT-3F8A21B4", "firmware_version": "0.3.1", "event_type": "shift_start",
 "timestamp_utc": "2026-03-14T06:47:00Z", "sequence_number": 1041,
 "payload": {"worker_id": "W-007"}},
{"device_id": "ACT-3F8A21B4", "firmware_version": "0.3.1", "event_type": "gps",
 "timestamp_utc": "2026-03-14T06:47:15Z", "sequence_number": 1042,
 "payload": {"lat": 33.749001, "lon": -84.387982, "accuracy_m": 4.2, "fix_type": "3d"}},
{"device_id": "ACT-3F8A21B4", "firmware_version": "0.3.1", "event_type": "ble_proximity",
 "timestamp_utc": "2026-03-14T06:47:20Z", "sequence_number": 1043,
 "payload": {"tag_mac": "F4:A7:2E:11:03:BC", "rssi": -62, "detection_count": 4}}
]"""
MAC = "F4:A7:2E:11:03:BC"
GOOD: dict[str, dict[str, Any]] = {  # every field of every type
    "shift_start": {"worker_id": "W-042", "assigned_by": "jsmith"},
    "shift_end": {"worker_id": "W-042", "end_reason": "manual"},
    "gps": {
        "lat": 33.749001,
        "lon": -84.387982,
        "accuracy_m": 4.2,
        "altitude_m": 320.5,
        "speed_kmh": 0.0,
        "fix_type": "3d",
    },
    "gps_no_fix": {"timeout_s": 10, "last_known_lat": 33.7, "last_known_lon": -84.3},
    "ble_proximity": {"tag_mac": MAC, "rssi": -62, "detection_count": 3},
    "ble_lost": {"tag_mac": MAC, "last_rssi": -80, "duration_s": 0},
    "motion": {"previous_state": "moving", "new_state": "stationary", "duration_s": 95},
    "upload_heartbeat": {},
    "low_battery": {"battery_pct": 10, "voltage_mv": 3600},
    "reboot": {"reason": "power_on", "previous_uptime_s": 0, "events_in_queue": 0},
}
NAN, INF = float("nan"), float("inf")


def event(event_type: str = "gps") -> dict[str, Any]:
    return {
        "device_id": "ACT-3F8A21B4",
        "firmware_version": "0.3.1",
        "event_type": event_type,
        "timestamp_utc": "2026-03-14T08:32:15Z",
        "sequence_number": 1042,
        "payload": GOOD[event_type],
    }


def paths(value: dict[str, Any]) -> list[str]:
    return [fault.path for fault in judge([value]).faults]


ENVELOPE_ACCEPTS = [
    ("device_id", ["ACT-00000000", "ACT-FFFFFFFF"]),
    ("firmware_version", ["0.0.0", "10.20.30"]),
    (
        "timestamp_utc",
        ["2026-03-14T08:32:15.5Z", "2024-02-29T00:00:00.123456789Z", "2000-02-29T23:59:59Z"],
    ),
    ("sequence_number", [1, 2**63 - 1]),
]
ENVELOPE_REFUSES = [
    (
        "device_id",
        ["ACT-3f8a21b4", "ACT-3F8A21B", "ACT-3F8A21B44", "XACT-3F8A21B4", "ACT-3F8A21B4\n"],
    ),
    ("device_id", ["", "ACT-3F8A21BG", 1, None]),
    ("firmware_version", ["0.3", "0.3.1.4", "00.3.1", "0.03.1", "v0.3.1", "0.3.1-rc1", "0.3.1\n"]),
    ("event_type", ["", "GPS", "gps ", "tamper", 1, None, [], {}]),
    ("timestamp_utc", ["2026-03-14T08:32:15+00:00", "2026-03-14T08:32:15", "2026-03-14T08:32:15z"]),
    ("timestamp_utc", ["2026-03-14 08:32:15Z", "2026-03-14T08:32Z", "2026-03-14T08:32:15Z\n"]),
    ("timestamp_utc", ["2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z"]),
    ("timestamp_utc", ["2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z"]),
    ("timestamp_utc", ["2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z"]),
    (
        "timestamp_utc",
        ["2026-01-01T00:00:00.Z", "0000-01-01T00:00:00Z", "0000-02-29T00:00:00Z", 1773477135, None],
    ),
    ("timestamp_utc", ["２０２６-03-14T08:32:15Z"]),
    ("sequence_number", [0, -1, 2**63, True, False, "1", 1.0, 1.5, NAN, INF, None, 10**30]),
    ("payload", [None, [], "", 1, True]),
]
PAYLOAD_ACCEPTS = [
    ("shift_start", "worker_id", ["x", "W" * 200, "Jörg"]),
    ("gps", "lat", [-90, 90, 33, 0.0]),
    ("gps", "lon", [-180, 180]),
    ("gps", "accuracy_m", [0, 1e6]),
    ("gps", "altitude_m", [-430.5]),
    ("gps", "fix_type", ["3d", "2d", "dead_reckoning"]),
    ("ble_proximity", "rssi", [-127, -1]),
    ("low_battery", "battery_pct", [0, 100]),
    ("shift_end", "end_reason", ["manual", "auto_stationary", "low_battery", "reboot"]),
    ("reboot", "reason", ["power_on", "watchdog", "user_reset", "firmware_update"]),
]
PAYLOAD_REFUSES = [
    ("shift_start", "worker_id", ["", 42, None, True, "W\0007", "\0"]),
    ("shift_start", "assigned_by", ["", 42, None]),
    ("shift_end", "worker_id", ["", None, "W-1\0"]),
    ("shift_end", "end_reason", ["", "Manual", "power_on", None]),
    ("gps", "lat", [90.000001, -90.000001, "33.7", True, NAN, INF, -INF, None, 10**400]),
    ("gps", "lon", [180.000001, -180.000001, "33.7", True, NAN, None]),
    ("gps", "accuracy_m", [-0.1, "4", True, NAN, INF, None]),
    ("gps", "altitude_m", ["4", True, NAN, INF, None]),
    ("gps", "speed_kmh", [-0.1, "4", True, NAN, INF, None]),
    ("gps", "fix_type", ["", "3D", "4d", None, 3]),
    ("gps_no_fix", "timeout_s", [-1, 1.5, 1.0, "10", True, None]),
    ("gps_no_fix", "last_known_lat", [91, "1", NAN, None]),
    ("gps_no_fix", "last_known_lon", [181, "1", NAN, None]),
    ("ble_proximity", "tag_mac", ["f4:a7:2e:11:03:bc", "F4-A7-2E-11-03-BC", MAC + "\n", MAC[:-3]]),
    ("ble_proximity", "tag_mac", [MAC + ":00", "F4A72E1103BC", None, 1]),
    ("ble_proximity", "rssi", [0, 1, -128, -62.5, "-62", True, None]),
    ("ble_proximity", "detection_count", [0, -1, 1.5, "3", True, None]),
    ("ble_lost", "tag_mac", ["f4:a7:2e:11:03:bc", ""]),
    ("ble_lost", "last_rssi", [0, -128, None]),
    ("ble_lost", "duration_s", [-1, 0.5, True, None]),
    ("motion", "previous_state", ["", "idle", "Moving", None]),
    ("motion", "new_state", ["", "idle", None]),
    ("motion", "duration_s", [-1, 0.5, True, None]),
    ("low_battery", "battery_pct", [-1, 101, 9.5, "10", True, None]),
    ("low_battery", "voltage_mv", [-1, 3600.5, "3600", None]),
    ("reboot", "reason", ["", "brownout", None]),
    ("reboot", "previous_uptime_s", [-1, 0.5, True, None]),
    ("reboot", "events_in_queue", [-1, 0.5, True, None]),
]
OPTIONAL = {"assigned_by", "altitude_m", "speed_kmh", "voltage_mv"}


def test_the_owners_batch_passes() -> None:
    judged = judge_json(OWNERS_BATCH.encode())
    assert (judged.count, judged.faults) == (3, ())
    assert list(judged.valid.values()) == json.loads(OWNERS_BATCH)


def test_the_table_of_good_events_covers_all_types() -> None:
    assert tuple(GOOD) == EVENT_TYPES == get_args(EventType)
    assert len(get_args(get_args(Event)[0])) == len(EVENT_TYPES) == 10


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_a_full_event_passes(event_type: str) -> None:
    assert judge([event(event_type)]).faults == ()


@pytest.mark.parametrize(("field", "values"), ENVELOPE_ACCEPTS)
def test_envelope_accepts(field: str, values: list[Any]) -> None:
    assert [v for v in values if paths({**event(), field: v})] == []


@pytest.mark.parametrize(("field", "values"), ENVELOPE_REFUSES)
def test_envelope_refuses(field: str, values: list[Any]) -> None:
    assert [v for v in values if paths({**event(), field: v}) != [field]] == []


@pytest.mark.parametrize(("event_type", "field", "values"), PAYLOAD_ACCEPTS)
def test_payload_accepts(event_type: str, field: str, values: list[Any]) -> None:
    good = event(event_type)
    assert [v for v in values if paths(changed(good, ("payload", field), v))] == []


@pytest.mark.parametrize(("event_type", "field", "values"), PAYLOAD_REFUSES)
def test_payload_refuses(event_type: str, field: str, values: list[Any]) -> None:
    good, place = event(event_type), [f"payload.{field}"]
    assert [v for v in values if paths(changed(good, ("payload", field), v)) != place] == []


def test_every_payload_field_has_a_refused_value() -> None:
    known = {(event_type, field) for event_type, payload in GOOD.items() for field in payload}
    assert known == {(event_type, field) for event_type, field, _ in PAYLOAD_REFUSES}


@pytest.mark.parametrize("field", list(event()))
def test_every_envelope_field_is_required(field: str) -> None:
    short = {name: value for name, value in event().items() if name != field}
    assert [fault.reason for fault in judge([short]).faults] == [f"Missing required field: {field}"]


@pytest.mark.parametrize(
    ("event_type", "field"), [(kind, field) for kind in GOOD for field in GOOD[kind]]
)
def test_a_payload_field_is_required_or_optional(event_type: str, field: str) -> None:
    payload = {name: value for name, value in GOOD[event_type].items() if name != field}
    found = [f.reason for f in judge([{**event(event_type), "payload": payload}]).faults]
    if field in OPTIONAL:
        assert found == []
    elif field.startswith("last_known"):
        assert found == ["payload: last_known_lat and last_known_lon go together: both or neither"]
    else:
        assert found == [f"Missing required field: payload.{field}"]


def test_a_fix_before_the_timeout_may_be_unknown() -> None:
    assert judge([{**event("gps_no_fix"), "payload": {"timeout_s": 10}}]).faults == ()


@pytest.mark.parametrize("state", ["moving", "stationary"])
def test_motion_states_differ(state: str) -> None:
    payload = {"previous_state": state, "new_state": state, "duration_s": 1}
    assert paths({**event("motion"), "payload": payload}) == ["payload"]


def test_unknown_envelope_fields_are_refused_and_unknown_payload_fields_kept() -> None:
    assert paths({**event(), "hw_rev": "B"}) == ["hw_rev"]
    grown = changed(event("upload_heartbeat"), ("payload", "mood"), {"good": [1, None, "yes"]})
    assert judge([grown]).valid == {0: grown}
    assert judge_json(json.dumps([grown]).encode()).valid == {0: grown}


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_no_number_of_an_unknown_field_is_beyond_json(event_type: str, token: str) -> None:
    for extra in (token, f"[1,[{token}]]", f'{{"a":{{"b":{token}}}}}'):
        text = json.dumps([event(event_type)])
        raw = text.replace('"payload": {', f'"payload": {{"x": {extra}, ', 1).replace(", }", "}")
        assert [fault.path for fault in judge_json(raw.encode()).faults] == ["payload.x"]


@unhurried
@given(events())
def test_generated_events_pass_unchanged(generated: dict[str, Any]) -> None:
    assert judge([generated]).valid == {0: generated}
    judged = judge_json(json.dumps([generated]).encode())
    assert judged.valid == {0: generated}
    assert json.loads(json.dumps(judged.valid[0])) == generated
