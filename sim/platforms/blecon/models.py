"""Blecon's event models: CloudEvents with `data` by type.

Sources: docs.blecon.net/network/event-types, /reference/event-types (its field table ends inside
the spotted event), developer.blecon.net (older).  Only the spotted event has a public table; the
position is known from third-party receivers; for the others no payload was found, and the minimal
form here is a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from badge.contract.patterns import told
from badge.errors import InputError
from sim.platforms.kit.event import EventModel, Evidence, constant, narrowed, possible_time

Profile = Literal["current", "seed", "rfc3339"]
_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_PART = r"[^.\s<>]{1,31}"  # 32 bytes with the NUL in the device SDK
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?".replace(r"\d", "[0-9]")
_OFFSET = r"(?:Z|[+-][0-9]{2}:[0-9]{2})"

DeviceId = Annotated[str, Field(pattern=told(f"^(?:urn:uuid:)?{_UUID}$", "must be a UUID"))]
HexBytes = Annotated[str, Field(pattern=told("^(?:[0-9a-fA-F]{2})*$", "must be hexadecimal"))]
LatLon = Annotated[str, Field(pattern=r"^-?[0-9]{1,2}(?:\.[0-9]+)?,-?[0-9]{1,3}(?:\.[0-9]+)?$")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]


class Spotted(EventModel):
    """A hotspot heard the device; the documented table as far as it can be read."""

    device_id: DeviceId
    network_id: str
    account_id: str
    code: Literal["DEVICE_SPOTTED"]
    rssi: Annotated[int, Field(description="dBm")]
    location: Annotated[LatLon, Field(description="'lat,lon' of the hotspot")]
    location_accuracy_metres: Annotated[float, Field(ge=0)]
    ap_id: str
    hotspot_id: str | None = None
    location_age: Annotated[float, Field(ge=0, description="seconds")] | None = None
    advertising_data: HexBytes | None = None


class Point(EventModel):
    """GeoJSON: longitude first."""

    type: Literal["Point"] | None = None
    coordinates: Annotated[list[float], Field(min_length=2, max_length=3)]


class Feature(EventModel):
    """GeoJSON feature around a point."""

    type: Literal["Feature"] | None = None
    geometry: Point
    properties: dict[str, object] | None = None


class Quality(EventModel):
    """How good a position is (US spelling, unlike the spotted event)."""

    accuracy_meters: Annotated[float, Field(ge=0)]


class PositionFields(EventModel):
    """A computed position, as third-party receivers read it."""

    device_id: DeviceId
    network_id: str | None = None
    account_id: str | None = None
    geojson: Feature
    quality: Quality | None = None
    movement_status: str | None = None


class DevicePayload(EventModel):
    """What a device said: hex text of the bytes, or an object if Blecon translated them."""

    device_id: DeviceId
    network_id: str | None = None
    account_id: str | None = None
    payload: HexBytes | dict[str, object]


class Minimal(EventModel):
    """A payload that is not public: any object passes."""

    device_id: DeviceId | None = None
    network_id: str | None = None
    account_id: str | None = None
    code: str | None = None


class BleconEvent(EventModel):
    """The envelope of the `seed` profile: CloudEvents 1.0 without what the document leaves out."""

    type: str
    source: Literal["blecon"]
    specversion: Literal["1.0"] | None = None
    id: Annotated[str, Field(pattern=told(f"^{_UUID}$", "must be a UUID"))]
    time: Annotated[str, Field(pattern=f"^{_TIME}{_OFFSET}?$"), AfterValidator(possible_time)]
    datacontenttype: Literal["application/json"] | None = None
    data: EventModel


class CurrentEvent(BleconEvent):
    """The envelope of the `current` profile; the time has no offset and is UTC, as documented."""

    specversion: Literal["1.0"]
    datacontenttype: Literal["application/json"]


class Rfc3339Event(CurrentEvent):
    """The `current` envelope with the offset that CloudEvents demands of a time."""

    time: Annotated[str, Field(pattern=f"^{_TIME}{_OFFSET}$"), AfterValidator(possible_time)]


def is_request(type_name: str) -> bool:
    """Whether the device waits for a response: such events travel alone and at once."""
    return type_name.startswith("device.request.")


@dataclass(frozen=True, slots=True)
class Family:
    """A row of the table of types: its name, its `data`, and how sure we are of that."""

    name: str
    data: type[EventModel]
    evidence: Evidence
    known: str
    pattern: str | None = None

    def covers(self, type_name: str) -> bool:
        """Whether `type_name` is one of this family."""
        if self.pattern is None:
            return type_name == self.name
        return re.fullmatch(self.pattern, type_name) is not None


_NONE = "named in the documents; nothing public about the payload: ids and a code are guesses"
_HEX = "device_id and a hex payload are in Blecon's own receiver; the other two ids are guesses"
FAMILIES = (
    Family(
        "network.device_spotted",
        Spotted,
        "documented",
        "field table public up to advertising_data; the rest of it could not be read",
    ),
    Family(
        "network.device_position",
        PositionFields,
        "third-party",
        "device_id, geojson, quality, movement_status as other people's receivers read them; "
        "network_id and account_id are guesses",
    ),
    *(
        Family(f"network.{name}", Minimal, "unverified", _NONE)
        for name in (
            "device_first_seen",
            "device_registered",
            "device_deregistered",
            "response_received",
            "request_failed",
            "routing_failed",
        )
    ),
    Family(
        "device.request.<namespace>.<method>",
        DevicePayload,
        "documented",
        f"{_HEX}; the field that names acceptable responses is not public",
        rf"device\.request\.{_PART}\.{_PART}",
    ),
    Family(
        "device.message.<namespace>.<method>",
        DevicePayload,
        "documented",
        _HEX,
        rf"device\.message\.{_PART}\.{_PART}",
    ),
    Family("device.advertising_data", Minimal, "unverified", _NONE),
    Family("device.request_failed", Minimal, "unverified", _NONE),
    *(
        Family(f"config.{name}", Minimal, "unverified", _NONE)
        for name in ("created", "updated", "deleted")
    ),
)
_ENVELOPES: dict[str, type[BleconEvent]] = {
    "current": CurrentEvent,
    "seed": BleconEvent,
    "rfc3339": Rfc3339Event,
}


def family_of(type_name: str) -> Family:
    """The row of a type; InputError if Blecon has none such."""
    for family in FAMILIES:
        if family.covers(type_name):
            return family
    raise InputError(
        f"type {type_name!r} is none of Blecon's; a namespace or method has 1 to 31 characters "
        "without dots or blanks"
    )


@cache
def model_of(family: Family, profile: str) -> type[BleconEvent]:
    """The model of a whole event in a profile."""
    words = re.sub("<.*?>", "", family.name).replace(".", "_").split("_")
    named = Annotated[str, Field(pattern=f"^{family.pattern}$")] if family.pattern else None
    title = "".join(word.title() for word in words)
    kind = named or constant(family.name)
    return narrowed(_ENVELOPES[profile], title, type_=kind, data=family.data)
