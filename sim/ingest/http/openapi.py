"""The API's OpenAPI 3.1 document, made of the table of routes and the types of the bodies."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from badge.contract.events import DEVICE_ID_PATTERN, Batch, Event
from sim.ingest.http.routes import EVENTS, ROUTES, ApiRoute

SECURITY_SCHEME = "ApiKey"
_REF = "#/components/schemas/{model}"
_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait before the next attempt.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}
_DEVICE_ID_PARAMETER = {
    "name": "device_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": DEVICE_ID_PATTERN},
    "example": "ACT-3F8A21B4",
}


def document(*, keys: bool) -> dict[str, Any]:
    """Describe every route, its bodies and its answers; `keys` if the server asks for them."""
    schemas = _answered_schemas()
    paths = {
        route.path: {route.method.lower(): _operation(route, schemas, keys=keys)}
        for route in ROUTES
    }
    scheme = {"type": "apiKey", "in": "header", "name": "X-Actual-Api-Key"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Badge ingest API",
            "version": version("badge-simulator"),
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this document came from."}],
        "paths": paths,
        "components": {"schemas": schemas}
        | ({"securitySchemes": {SECURITY_SCHEME: scheme}} if keys else {}),
    }


def _answered_schemas() -> dict[str, Any]:
    models = dict.fromkeys(model for route in ROUTES for model, _ in route.statuses.values())
    _, definitions = models_json_schema(
        [(model, "serialization") for model in models], ref_template=_REF
    )
    schemas: dict[str, Any] = definitions["$defs"]
    return schemas


def _operation(route: ApiRoute, schemas: dict[str, Any], *, keys: bool) -> dict[str, Any]:
    """Describe one route; the schemas of what it takes are added to `schemas`."""
    operation: dict[str, Any] = {"operationId": route.name, "summary": route.summary}
    if "{device_id}" in route.path:
        operation["parameters"] = [_DEVICE_ID_PARAMETER]
    operation["security"] = [{SECURITY_SCHEME: []}] if route.role and keys else []
    if route.role and keys:
        operation["description"] = f"Key: {route.role}"
    if route.takes is not None:
        schema = _shipment(schemas) if route is EVENTS else _schema(route.takes, schemas)
        operation["requestBody"] = {"required": True, "content": _json(schema)}
    operation["responses"] = {
        str(status): _response(status, model, text)
        for status, (model, text) in route.statuses.items()
    }
    return operation


def _response(status: int, model: type[BaseModel], text: str) -> dict[str, Any]:
    answer = {"description": text, "content": _json({"$ref": _REF.format(model=model.__name__)})}
    return answer | ({"headers": _RETRY_AFTER} if status in (429, 503) else {})


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _shipment(schemas: dict[str, Any]) -> dict[str, Any]:
    """A batch, one event, or what a Notehub route posts around either (contract section 4)."""
    schemas["Event"] = _schema(Event, schemas)
    schemas["Batch"] = _schema(Batch, schemas) | {"items": {"$ref": _REF.format(model="Event")}}
    event, batch = (_REF.format(model=name) for name in ("Event", "Batch"))
    wrapped = {"type": "object", "required": ["events"], "properties": {"events": {"$ref": batch}}}
    schemas["NotehubEnvelope"] = {
        "type": "object",
        "description": "What a Notehub route posts: its body is an event or holds a batch.",
        "required": ["body"],
        "properties": {"body": {"anyOf": [{"$ref": event}, wrapped]}},
    }
    names = ("Batch", "Event", "NotehubEnvelope")
    return {"anyOf": [{"$ref": _REF.format(model=name)} for name in names]}


def _schema(type_: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = TypeAdapter(type_).json_schema(ref_template=_REF)
    schemas.update(schema.pop("$defs", {}))
    return schema
