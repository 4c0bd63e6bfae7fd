"""The routes as a table: what each takes, every status it answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from badge.contract.events import Batch
from sim.ingest.api import bodies

Statuses = dict[int, tuple[type[BaseModel], str]]

_BODY: Statuses = {
    408: (bodies.BatchRefused, "The body did not arrive in time."),
    413: (bodies.BatchTooLong, "The body is over the limit; it is not read to its end."),
    415: (bodies.BatchCompressed, "The body is compressed."),
}
_KEY: Statuses = {401: (bodies.Unauthorized, "The key is missing, wrong, or of another role.")}
_STORE: Statuses = {
    503: (bodies.BatchRefused, "The store takes no writes now, or too many requests wait.")
}
_CREATE: Statuses = {
    400: (bodies.Problem, "The body is not JSON or breaks a rule; the error names the place."),
    409: (bodies.Problem, "It exists already; nothing was changed."),
    **_KEY,
    **_BODY,
    **_STORE,
}


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One operation of the API; `role` says whose key it asks for, `takes` is the body's type."""

    method: str
    path: str
    name: str
    summary: str
    role: str | None
    takes: Any
    statuses: Statuses


EVENTS = ApiRoute(
    "POST",
    "/api/events",
    "post_events",
    "Upload a batch of events of one device.",
    "The key of the device that the events are of.",
    Batch,
    {
        202: (bodies.BatchAccepted, "All accepted and on disk; duplicates are not written twice."),
        207: (bodies.BatchPartlyAccepted, "Some refused for good; the accepted ones are on disk."),
        400: (bodies.BatchRefused, "No batch, or all events refused."),
        **_KEY,
        **_BODY,
        413: (bodies.BatchTooLong, "More than 500 events, or a body over the limit."),
        422: (bodies.BatchRefused, "Every event is of a firmware that is too old."),
        429: (bodies.BatchRefused, "Too many requests of this device within a minute."),
        **_STORE,
    },
)
NOTEHUB = ApiRoute(
    "POST",
    "/api/notehub",
    "post_notehub",
    "Take what a Notehub route posts: one note of any device, an event or a batch in its body.",
    "The admin key: a route has one key for all devices.",
    bodies.NotehubEvent,
    {
        202: (bodies.NoteTaken, "The events are on disk; of a note that holds none, nothing is."),
        207: (bodies.BatchPartlyAccepted, "Some refused for good; the accepted ones are on disk."),
        400: (bodies.BatchRefused, "No Notehub event, or all of its badge's events refused."),
        **_KEY,
        **_BODY,
        413: (bodies.BatchTooLong, "More than 500 events, or a body over the limit."),
        422: (bodies.BatchRefused, "Every event is of a firmware that is too old."),
        **_STORE,
    },
)
DEVICES = ApiRoute(
    "POST",
    "/api/devices",
    "post_devices",
    "Provision a badge and get its key, once.",
    "The provisioning key.",
    bodies.NewDevice,
    {201: (bodies.DeviceProvisioned, "Provisioned."), **_CREATE},
)
STATUS = ApiRoute(
    "GET",
    "/api/devices/{device_id}/status",
    "get_device_status",
    "What the events of a badge tell about it now.",
    "The admin key.",
    None,
    {
        200: (bodies.DeviceStatus, "The state derived from the events."),
        404: (bodies.Problem, "No such device, and no event of it."),
        **_KEY,
        **_STORE,
    },
)
TAGS = ApiRoute(
    "POST",
    "/api/equipment-tags",
    "post_equipment_tags",
    "Make an equipment tag known.",
    "The admin key.",
    bodies.NewEquipmentTag,
    {201: (bodies.EquipmentTagCreated, "Created."), **_CREATE},
)
PARCELS = ApiRoute(
    "POST",
    "/api/parcels",
    "post_parcels",
    "Load a parcel's polygon.",
    "The admin key.",
    bodies.NewParcel,
    {201: (bodies.ParcelLoaded, "Loaded."), **_CREATE},
)
HEALTH = ApiRoute(
    "GET",
    "/api/health",
    "get_health",
    "Whether the store takes writes, and what it holds.",
    None,
    None,
    {200: (bodies.Health, "It does."), 400: (bodies.Problem, "That was no HTTP."), **_STORE},
)
ROUTES = (EVENTS, NOTEHUB, DEVICES, STATUS, TAGS, PARCELS, HEALTH)
