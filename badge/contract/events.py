"""The owner's event schema as one typed union (contract sections 1 and 2).

Events are plain dicts with the types below: what is optional is left out, never null.  Unknown
payload fields are kept, since the schema grows by optional fields; unknown envelope fields are
errors.  JSON Schema, AsyncAPI, validation and the badge's own output all come from these types.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Annotated, Any, Literal, NotRequired, get_args, get_type_hints

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from badge.contract.patterns import told

SEQUENCE_MAX = 2**63 - 1
BATCH_EVENTS_LIMIT = 500
NESTING_LIMIT = 100  # of an unknown payload field; JSON text itself is refused below 200 levels

# Dates that do not exist are refused by the pattern itself, so that the JSON Schema made from it
# is as strict as this validator.  Years have four digits and start at 1000: no calendar library
# knows a year 0.
_DAY = (
    r"(?:(?:[1-9]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8])))"
    r"|(?:[1-9]\d(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29)"
)
TIMESTAMP_PATTERN = rf"^{_DAY}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{{1,9}})?Z$".replace(
    r"\d", "[0-9]"
)
DEVICE_ID_PATTERN = told("^ACT-[0-9A-F]{8}$", "must be like ACT-3F8A21B4")
VERSION_PATTERN = told(
    r"^(?:0|[1-9][0-9]{0,8})\.(?:0|[1-9][0-9]{0,8})\.(?:0|[1-9][0-9]{0,8})$",
    "must be major.minor.patch, like 0.3.1",
)
MAC_PATTERN = told("^[0-9A-F]{2}(?::[0-9A-F]{2}){5}$", "must be like F4:A7:2E:11:03:BC")

_STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
_OPEN = ConfigDict(strict=True, extra="allow", allow_inf_nan=False)

DeviceId = Annotated[str, Field(pattern=DEVICE_ID_PATTERN, examples=["ACT-3F8A21B4"])]
FirmwareVersion = Annotated[str, Field(pattern=VERSION_PATTERN, examples=["0.3.1"])]
TimestampUtc = Annotated[str, Field(pattern=TIMESTAMP_PATTERN, examples=["2026-03-14T08:32:15Z"])]
SequenceNumber = Annotated[int, Field(ge=1, le=SEQUENCE_MAX)]
Mac = Annotated[str, Field(pattern=MAC_PATTERN, examples=["F4:A7:2E:11:03:BC"])]
# Without NUL: not every store can keep one (PostgreSQL's text cannot).
NO_NUL = told(r"^[^\x00]*$", "must be without NUL")
AnyWorkerId = Annotated[
    str,
    Field(
        min_length=1,
        pattern=NO_NUL,
        examples=["W-042", "jsmith"],
    ),
]
WorkerId = Annotated[AnyWorkerId, Field(max_length=64)]  # what a badge can be configured with
RssiDbm = Annotated[int, Field(ge=-127, le=-1)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
NotNegative = Annotated[int, Field(ge=0)]
AtLeastOne = Annotated[int, Field(ge=1)]
MotionState = Literal["moving", "stationary"]
EndReason = Literal["manual", "auto_stationary", "low_battery", "reboot"]
FixType = Literal["3d", "2d", "dead_reckoning"]
RebootReason = Literal["power_on", "watchdog", "user_reset", "firmware_update"]


def _plain_json(extra: object) -> object:
    """Refuse what JSON cannot carry: the float types guard known fields, this the unknown ones."""
    level: list[object] = [extra]
    depth = 0
    while level:
        if depth > NESTING_LIMIT:
            raise PydanticCustomError("too_deep", "is nested too deep")
        level = [inner for value in level for inner in _inside(value)]
        depth += 1
    return extra


def _inside(value: object) -> list[object]:
    match value:
        case dict():
            return [*value, *value.values()]
        case list():
            return value
        case str() if value.isascii() or _is_unicode(value):
            return []
        case float() if isfinite(value):
            return []
        case None | bool() | int():
            return []
    raise PydanticCustomError("not_json", "holds a value that JSON does not have")


def is_worker_id(text: str) -> bool:
    """Whether an event may name a worker so, as `AnyWorkerId` has it."""
    return text != "" and "\0" not in text


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


# mypy knows no PEP 728 (extra_items) yet.
# PEP 728, which mypy does not know.
class _OpenPayload(TypedDict, extra_items=Annotated[Any, AfterValidator(_plain_json)]):  # type: ignore[call-arg]
    """Unknown fields are kept (contract section 1), as long as they are JSON."""


@with_config(_OPEN)
class ShiftStartPayload(_OpenPayload):
    """A worker was assigned to the badge."""

    worker_id: AnyWorkerId
    assigned_by: NotRequired[AnyWorkerId]


@with_config(_OPEN)
class ShiftEndPayload(_OpenPayload):
    """The worker was unassigned, by button or automatically."""

    worker_id: AnyWorkerId
    end_reason: EndReason


@with_config(_OPEN)
class GpsPayload(_OpenPayload):
    """A fix: WGS84 degrees with 6 decimals at the source, accuracy as a radius in metres."""

    lat: Latitude
    lon: Longitude
    accuracy_m: Annotated[float, Field(ge=0)]
    altitude_m: NotRequired[float]
    speed_kmh: NotRequired[Annotated[float, Field(ge=0)]]
    fix_type: FixType


@with_config(
    ConfigDict(
        **_OPEN,
        title="GpsNoFixPayload",
        json_schema_extra={
            "dependentRequired": {
                "last_known_lat": ["last_known_lon"],
                "last_known_lon": ["last_known_lat"],
            }
        },
    )
)
class _GpsNoFixFields(_OpenPayload):
    """A poll without a fix; the last known position only if it is at most 5 minutes old."""

    timeout_s: NotNegative
    last_known_lat: NotRequired[Latitude]
    last_known_lon: NotRequired[Longitude]


def _both_or_neither(payload: dict[str, object]) -> dict[str, object]:
    if ("last_known_lat" in payload) != ("last_known_lon" in payload):
        raise PydanticCustomError(
            "both_or_neither", "last_known_lat and last_known_lon go together: both or neither"
        )
    return payload


GpsNoFixPayload = Annotated[_GpsNoFixFields, AfterValidator(_both_or_neither)]


@with_config(_OPEN)
class BleProximityPayload(_OpenPayload):
    """A known tag was at or above the threshold for `detection_count` scans in a row."""

    tag_mac: Mac
    rssi: RssiDbm
    detection_count: AtLeastOne


@with_config(_OPEN)
class BleLostPayload(_OpenPayload):
    """A present tag was missed; `duration_s` since the matching ble_proximity."""

    tag_mac: Mac
    last_rssi: RssiDbm
    duration_s: NotNegative


@with_config(
    ConfigDict(
        **_OPEN,
        title="MotionPayload",
        json_schema_extra={
            "anyOf": [
                {"properties": {"previous_state": {"const": a}, "new_state": {"const": b}}}
                for a, b in (("moving", "stationary"), ("stationary", "moving"))
            ]
        },
    )
)
class _MotionFields(_OpenPayload):
    """The accelerometer's state changed; `duration_s` was spent in `previous_state`."""

    previous_state: MotionState
    new_state: MotionState
    duration_s: NotNegative


def _states_differ(payload: dict[str, object]) -> dict[str, object]:
    if payload["previous_state"] == payload["new_state"]:
        raise PydanticCustomError("states_equal", "new_state must differ from previous_state")
    return payload


MotionPayload = Annotated[_MotionFields, AfterValidator(_states_differ)]


@with_config(_OPEN)
class UploadHeartbeatPayload(_OpenPayload):
    """Nothing else happened in the last upload window."""


@with_config(_OPEN)
class LowBatteryPayload(_OpenPayload):
    """The charge fell to 10 % or 5 %."""

    battery_pct: Annotated[int, Field(ge=0, le=100)]
    voltage_mv: NotRequired[NotNegative]


@with_config(_OPEN)
class RebootPayload(_OpenPayload):
    """The badge started; the first event of every boot."""

    reason: RebootReason
    previous_uptime_s: NotNegative
    events_in_queue: NotNegative


@with_config(_STRICT)
class Envelope(TypedDict):
    """The fields that every event shares; `(device_id, sequence_number)` is the dedup key."""

    device_id: DeviceId
    firmware_version: FirmwareVersion
    timestamp_utc: TimestampUtc
    sequence_number: SequenceNumber


@with_config(_STRICT)
class ShiftStartEvent(Envelope):
    """Envelope of `ShiftStartPayload`."""

    event_type: Literal["shift_start"]
    payload: ShiftStartPayload


@with_config(_STRICT)
class ShiftEndEvent(Envelope):
    """Envelope of `ShiftEndPayload`."""

    event_type: Literal["shift_end"]
    payload: ShiftEndPayload


@with_config(_STRICT)
class GpsEvent(Envelope):
    """Envelope of `GpsPayload`."""

    event_type: Literal["gps"]
    payload: GpsPayload


@with_config(_STRICT)
class GpsNoFixEvent(Envelope):
    """Envelope of `GpsNoFixPayload`."""

    event_type: Literal["gps_no_fix"]
    payload: GpsNoFixPayload


@with_config(_STRICT)
class BleProximityEvent(Envelope):
    """Envelope of `BleProximityPayload`."""

    event_type: Literal["ble_proximity"]
    payload: BleProximityPayload


@with_config(_STRICT)
class BleLostEvent(Envelope):
    """Envelope of `BleLostPayload`."""

    event_type: Literal["ble_lost"]
    payload: BleLostPayload


@with_config(_STRICT)
class MotionEvent(Envelope):
    """Envelope of `MotionPayload`."""

    event_type: Literal["motion"]
    payload: MotionPayload


@with_config(_STRICT)
class UploadHeartbeatEvent(Envelope):
    """Envelope of `UploadHeartbeatPayload`."""

    event_type: Literal["upload_heartbeat"]
    payload: UploadHeartbeatPayload


@with_config(_STRICT)
class LowBatteryEvent(Envelope):
    """Envelope of `LowBatteryPayload`."""

    event_type: Literal["low_battery"]
    payload: LowBatteryPayload


@with_config(_STRICT)
class RebootEvent(Envelope):
    """Envelope of `RebootPayload`."""

    event_type: Literal["reboot"]
    payload: RebootPayload


Event = Annotated[
    ShiftStartEvent
    | ShiftEndEvent
    | GpsEvent
    | GpsNoFixEvent
    | BleProximityEvent
    | BleLostEvent
    | MotionEvent
    | UploadHeartbeatEvent
    | LowBatteryEvent
    | RebootEvent,
    Discriminator("event_type"),
]
Batch = Annotated[list[Event], Field(min_length=1, max_length=BATCH_EVENTS_LIMIT)]
EventType = Literal[
    "shift_start",
    "shift_end",
    "gps",
    "gps_no_fix",
    "ble_proximity",
    "ble_lost",
    "motion",
    "upload_heartbeat",
    "low_battery",
    "reboot",
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)


def _text_fields() -> Iterator[str]:
    for envelope in get_args(get_args(Event)[0]):
        payload = get_type_hints(get_type_hints(envelope)["payload"])
        for name, kind in payload.items():
            kinds = {type(one) for one in get_args(kind)} | {kind} | set(get_args(kind))
            if str in kinds:
                yield name


def _payload_fields() -> Iterator[tuple[str, tuple[str, ...]]]:
    for envelope in get_args(get_args(Event)[0]):
        hints = get_type_hints(envelope, include_extras=False)
        (event_type,) = get_args(hints["event_type"])
        yield event_type, tuple(get_type_hints(hints["payload"]))


PAYLOAD_FIELDS: dict[str, tuple[str, ...]] = dict(_payload_fields())
"""The known fields of each type's payload, as a table with a column for each would name them."""

TEXT_FIELDS: frozenset[str] = frozenset(_text_fields())
"""The fields of payloads that are text; the others are numbers."""
