"""Hypothesis strategies for the contract: valid events of all ten types, batches, broken ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from badge.contract.events import (
    EVENT_TYPES,
    SEQUENCE_MAX,
    EndReason,
    FixType,
    MotionState,
    RebootReason,
)

JUNK: tuple[object, ...] = (
    None,
    True,
    [],
    "",
    float("nan"),
    float("inf"),
)  # right for no field at all
# A busy machine is no fault of the code under test.
unhurried = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
INT64 = st.integers(-(2**63), 2**63 - 1)


def _real(low: float = -1e9, high: float = 1e9) -> st.SearchStrategy[float]:
    # JSON Schema takes 1.0 for an integer and the contract does not: tests of both avoid it.
    return st.floats(low, high).filter(lambda number: not number.is_integer())


json_values = st.recursive(
    st.none() | st.booleans() | INT64 | _real() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
device_ids = st.integers(0, 2**32 - 1).map("ACT-{:08X}".format)
versions = st.tuples(*[st.integers(0, 999_999_999)] * 3).map(lambda v: f"{v[0]}.{v[1]}.{v[2]}")
macs = st.binary(min_size=6, max_size=6).map(lambda mac: mac.hex(":").upper())
worker_ids = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=80
)
timestamps = st.builds(
    lambda moment, fraction: f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z",
    st.datetimes(datetime(1000, 1, 1)),
    st.just("") | st.integers(0, 999_999_999).map(".{}".format),
)
_latitudes, _longitudes = _real(-90, 90), _real(-180, 180)
_counts = st.integers(0, 2**40)
_rssi = st.integers(-127, -1)


def _one_of(literal: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(get_args(literal))


_payloads: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # required fields, optional ones
    "shift_start": ({"worker_id": worker_ids}, {"assigned_by": worker_ids}),
    "shift_end": ({"worker_id": worker_ids, "end_reason": _one_of(EndReason)}, {}),
    "gps": (
        {
            "lat": _latitudes,
            "lon": _longitudes,
            "accuracy_m": _real(0),
            "fix_type": _one_of(FixType),
        },
        {"altitude_m": _real(), "speed_kmh": _real(0)},
    ),
    "gps_no_fix": ({"timeout_s": _counts}, {}),
    "ble_proximity": (
        {"tag_mac": macs, "rssi": _rssi, "detection_count": st.integers(1, 2**40)},
        {},
    ),
    "ble_lost": ({"tag_mac": macs, "last_rssi": _rssi, "duration_s": _counts}, {}),
    "motion": ({"duration_s": _counts}, {}),
    "upload_heartbeat": ({}, {}),
    "low_battery": ({"battery_pct": st.integers(0, 100)}, {"voltage_mv": _counts}),
    "reboot": (
        {
            "reason": _one_of(RebootReason),
            "previous_uptime_s": _counts,
            "events_in_queue": _counts,
        },
        {},
    ),
}
_last_known = st.fixed_dictionaries({"last_known_lat": _latitudes, "last_known_lon": _longitudes})
_states = st.permutations(get_args(MotionState)).map(
    lambda pair: {"previous_state": pair[0], "new_state": pair[1]}
)
_together = {"gps_no_fix": st.just({}) | _last_known, "motion": _states}
_unknown = st.dictionaries(st.text(max_size=6).map("x_".__add__), json_values, max_size=2)


def payloads(event_type: str) -> st.SearchStrategy[dict[str, Any]]:
    """Valid payloads of one event type, now and then with unknown fields."""
    required, optional = _payloads[event_type]
    known = st.fixed_dictionaries(required, optional=optional)
    together = _together.get(event_type, st.just({}))
    return st.builds(lambda a, b, c: {**a, **b, **c}, known, together, st.just({}) | _unknown)


@st.composite
def events(draw: st.DrawFn, event_type: str | None = None) -> dict[str, Any]:
    """Valid events of one type, or of all ten."""
    chosen = event_type or draw(st.sampled_from(EVENT_TYPES))
    return {
        "device_id": draw(device_ids),
        "firmware_version": draw(versions),
        "event_type": chosen,
        "timestamp_utc": draw(timestamps),
        "sequence_number": draw(st.integers(1, SEQUENCE_MAX)),
        "payload": draw(payloads(chosen)),
    }


@st.composite
def batches(draw: st.DrawFn, max_size: int = 5) -> list[dict[str, Any]]:
    """Valid batches: events of one device_id."""
    device_id = draw(device_ids)
    several = draw(st.lists(events(), min_size=1, max_size=max_size))
    return [{**event, "device_id": device_id} for event in several]


def places(event: dict[str, Any]) -> list[tuple[str, ...]]:
    """The paths of all fields that the contract knows in an event."""
    known = [("payload", name) for name in event["payload"] if not name.startswith("x_")]
    return [*((name,) for name in event), *known]


def changed(event: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The event with another value in one place."""
    if len(path) == 1:
        return {**event, path[0]: value}
    return {**event, "payload": {**event["payload"], path[1]: value}}


@st.composite
def broken_events(draw: st.DrawFn, junk: tuple[object, ...] = JUNK) -> dict[str, Any]:
    """Events with one fault: a field that is junk, an envelope field too few or too many."""
    event = draw(events())
    match draw(st.sampled_from(("junk", "missing", "unknown"))):
        case "junk":
            return changed(event, draw(st.sampled_from(places(event))), draw(st.sampled_from(junk)))
        case "missing":
            del event[draw(st.sampled_from(sorted(event)))]
            return event
    return {**event, draw(st.text(max_size=6).map("x_".__add__)): draw(json_values)}


@st.composite
def altered_events(draw: st.DrawFn) -> dict[str, Any]:
    """Events with any JSON value in one place: valid or not."""
    event = draw(events())
    return changed(event, draw(st.sampled_from(places(event))), draw(json_values))
