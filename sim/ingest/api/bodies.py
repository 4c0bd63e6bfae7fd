"""What is sent to the API and what it answers, as types: validation and OpenAPI come from these."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from badge.contract.events import DeviceId, Mac

Word = Annotated[str, Field(min_length=1, max_length=200)]
Moment = Annotated[
    str, Field(examples=["2026-03-14T08:32:15Z"], json_schema_extra={"format": "date-time"})
]
Count = Annotated[int, Field(ge=0)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Position = tuple[Longitude, Latitude] | tuple[Longitude, Latitude, float]


class _Sent(BaseModel):
    model_config = ConfigDict(
        strict=True, extra="forbid", allow_inf_nan=False, frozen=True, defer_build=True
    )


class _Answered(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class NewDevice(_Sent):
    """A badge to provision."""

    device_id: DeviceId
    company_id: Word
    notes_device_uid: Word | None = None
    notes: Annotated[str, Field(max_length=2000)] | None = None


class NewEquipmentTag(_Sent):
    """A Bluetooth tag on a machine or a tool."""

    tag_mac: Mac
    company_id: Word
    equipment_name: Word
    equipment_type: Word


def _ring_closed(ring: list[Position]) -> list[Position]:
    if ring[0] != ring[-1]:
        raise PydanticCustomError(
            "ring_open", "the ring is open: its last position must repeat its first"
        )
    return ring


def _ring_has_area(ring: list[Position]) -> list[Position]:
    # Relative to the first corner: far from the origin the products would swallow the area.
    (x0, y0), rest = ring[0][:2], ring[1:]
    corners = [(position[0] - x0, position[1] - y0) for position in rest]
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(corners))
    if twice == 0:
        raise PydanticCustomError("ring_flat", "the ring encloses no area")
    return ring


Ring = Annotated[
    list[Position],
    Field(min_length=4, description="Closed: the last position repeats the first."),
    AfterValidator(_ring_closed),
    AfterValidator(_ring_has_area),
]


class Polygon(BaseModel):
    """A GeoJSON Polygon (RFC 7946 section 3.1.6): positions are longitude, latitude, altitude."""

    model_config = ConfigDict(
        strict=True, extra="allow", allow_inf_nan=False, frozen=True, defer_build=True
    )

    type: Literal["Polygon"]
    coordinates: Annotated[list[Ring], Field(min_length=1)]


class NewParcel(_Sent):
    """A piece of land that a customer works on."""

    company_id: Word
    parcel_id: Word
    county: Word
    state: Word
    address: Word
    customer_label: Word
    geojson: Polygon


class NotehubEvent(BaseModel):
    """What a Notehub route posts of one note; members that are not named here are let be."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    device: str
    file: str
    # An event or a batch is looked for; a note of any other kind is acknowledged and left alone.
    body: Any = None


class RejectedEvent(_Answered):
    """One refused event; the number is null where it could not be read."""

    sequence_number: int | None
    reason: str


class BatchAccepted(_Answered):
    """All events are on disk, now or since an earlier time (202)."""

    accepted: Annotated[int, Field(ge=1)]
    rejected: Literal[0]
    rejected_events: Annotated[list[Any], Field(max_length=0)]


class NoteTaken(_Answered):
    """The events of a note are on disk (202); one that holds none is taken and let go."""

    accepted: Count
    rejected: Literal[0]
    rejected_events: Annotated[list[Any], Field(max_length=0)]


class BatchPartlyAccepted(_Answered):
    """Some events are on disk, the others are refused for good (207)."""

    accepted: Annotated[int, Field(ge=1)]
    rejected: Annotated[int, Field(ge=1)]
    rejected_events: Annotated[list[RejectedEvent], Field(min_length=1)]


class BatchRefused(_Answered):
    """Nothing of the batch was taken."""

    error: str
    code: str
    accepted: Literal[0]


class BatchTooLong(_Answered):
    """More than 500 events, or a body over the limit (413)."""

    error: Annotated[str, Field(examples=["Batch limit is 500 events. Received 612."])]
    accepted: Literal[0]


class BatchCompressed(_Answered):
    """A compressed body, which is not read (415)."""

    error: str
    accepted: Literal[0]


class Unauthorized(_Answered):
    """The key is missing, wrong, or not of this device or role (401)."""

    error: Literal["Invalid or missing API key"]


class Problem(_Answered):
    """Anything else that went wrong: a sentence for people, a code for programs."""

    error: str
    code: str


class DeviceProvisioned(_Answered):
    """A device and its key, which is never shown again (201)."""

    device_id: DeviceId
    company_id: str
    status: Literal["inventory"]
    provisioned_at: Moment
    api_key: Annotated[str, Field(pattern="^ak_[0-9A-F]{8}_[0-9a-f]{48}$")]


class DeviceStatus(_Answered):
    """What the events of a device tell about it now; null where they tell nothing."""

    device_id: DeviceId
    company_id: str | None
    status: Literal["inventory", "active"]
    current_worker_id: str | None
    firmware_version: str | None
    last_seen_at: Moment | None
    last_seen_minutes_ago: Count | None
    battery_pct: Annotated[int, Field(ge=0, le=100)] | None


class EquipmentTagCreated(_Answered):
    """A tag as it is kept (201)."""

    tag_mac: Mac
    company_id: str
    equipment_name: str
    equipment_type: str
    status: Literal["active"]
    created_at: Moment


class ParcelLoaded(_Answered):
    """A parcel was loaded (201)."""

    parcel_id: str
    company_id: str
    loaded_at: Moment


class Health(_Answered):
    """The store takes writes; what it holds, and how often something came again (200)."""

    status: Literal["ok"]
    devices_provisioned: Count
    devices_seen: Count
    events: Count
    duplicates: Count
    conflicts: Count
    equipment_tags: Count
    parcels: Count
