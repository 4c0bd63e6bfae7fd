"""The routes as a table: what each takes, every status it answers with; OpenAPI is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter

from badge.events import DEVICE_ID_PATTERN, Batch, Event
from sim.ingest import bodies

SECURITY_SCHEME = "ApiKey"
_REF = "#/components/schemas/{model}"
_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait before the next attempt.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}

Statuses = dict[int, tuple[type[BaseModel], str]]

_BODY: Statuses = {
    408: (bodies.BatchRefused, "The body did not arrive in time."),
    413: (bodies.BatchTooLong, "The body is over the limit; it is not read to its end."),
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
class Route:
    """One operation of the API; `takes` is a type or a ready JSON Schema."""

    method: str
    path: str
    name: str
    summary: str
    role: str | None
    takes: Any
    statuses: Statuses


_DEVICE_ID_PARAMETER = {
    "name": "device_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": DEVICE_ID_PATTERN},
    "example": "ACT-3F8A21B4",
}

EVENTS = Route(
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
DEVICES = Route(
    "POST",
    "/api/devices",
    "post_devices",
    "Provision a badge and get its key, once.",
    "The provisioning key.",
    bodies.NewDevice,
    {201: (bodies.DeviceProvisioned, "Provisioned."), **_CREATE},
)
STATUS = Route(
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
TAGS = Route(
    "POST",
    "/api/equipment-tags",
    "post_equipment_tags",
    "Make an equipment tag known.",
    "The admin key.",
    bodies.NewEquipmentTag,
    {201: (bodies.EquipmentTagCreated, "Created."), **_CREATE},
)
PARCELS = Route(
    "POST",
    "/api/parcels",
    "post_parcels",
    "Load a parcel's polygon.",
    "The admin key.",
    bodies.NewParcel,
    {201: (bodies.ParcelLoaded, "Loaded."), **_CREATE},
)
HEALTH = Route(
    "GET",
    "/api/health",
    "get_health",
    "Whether the store takes writes, and what it holds.",
    None,
    None,
    {200: (bodies.Health, "It does."), **_STORE},
)
ROUTES = (EVENTS, DEVICES, STATUS, TAGS, PARCELS, HEALTH)


def responses(route: Route) -> dict[int | str, dict[str, Any]]:
    """Describe every answer of a route in FastAPI's terms."""
    return {
        status: {"model": model, "description": text}
        | ({"headers": _RETRY_AFTER} if status in (429, 503) else {})
        for status, (model, text) in route.statuses.items()
    }


def operation(route: Route, components: dict[str, Any], *, keys: bool) -> dict[str, Any]:
    """Describe what a route takes; the schemas that it refers to are added to `components`."""
    found: dict[str, Any] = {}
    if "{device_id}" in route.path:
        found["parameters"] = [_DEVICE_ID_PARAMETER]
    if route.role and keys:
        found["description"] = f"Key: {route.role}"
        found["security"] = [{SECURITY_SCHEME: []}]
    if route.takes is not None:
        schema = _shipment(components) if route is EVENTS else _schema(route.takes, components)
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return found


def _shipment(components: dict[str, Any]) -> dict[str, Any]:
    """A batch, one event, or what a Notehub route posts around either (contract section 4)."""
    components["Event"] = _schema(Event, components)
    components["Batch"] = _schema(Batch, components) | {
        "items": {"$ref": "#/components/schemas/Event"}
    }
    event, batch = (_REF.format(model=name) for name in ("Event", "Batch"))
    wrapped = {"type": "object", "required": ["events"], "properties": {"events": {"$ref": batch}}}
    components["NotehubEnvelope"] = {
        "type": "object",
        "description": "What a Notehub route posts: its body is an event or holds a batch.",
        "required": ["body"],
        "properties": {"body": {"anyOf": [{"$ref": event}, wrapped]}},
    }
    names = ("Batch", "Event", "NotehubEnvelope")
    return {"anyOf": [{"$ref": _REF.format(model=name)} for name in names]}


def _schema(type_: Any, components: dict[str, Any]) -> dict[str, Any]:
    schema = TypeAdapter(type_).json_schema(ref_template=_REF)
    components.update(schema.pop("$defs", {}))
    return schema
