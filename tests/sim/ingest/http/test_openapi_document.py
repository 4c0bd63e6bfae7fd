"""The published document, word by word: clients are made from it, so that no word slips unseen."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from sim.ingest.http.openapi import document
from sim.ingest.http.routes import EVENTS, ROUTES, STATUS

SCHEMAS = "#/components/schemas/"
MODELS = {
    *("BatchAccepted", "BatchCompressed", "BatchPartlyAccepted", "BatchRefused", "BatchTooLong"),
    *("DeviceProvisioned", "DeviceStatus", "EquipmentTagCreated", "Health", "NoteTaken"),
    *("ParcelLoaded", "Problem", "RejectedEvent", "Unauthorized"),
}


@pytest.fixture
def published():
    return document(keys=True)


@pytest.mark.parametrize("keys", [True, False])
def test_around_the_routes_it_says_what_it_is_and_which_key_is_asked_for(keys):
    found = document(keys=keys)
    components = found.pop("components")
    assert set(found.pop("paths")) == {route.path for route in ROUTES}
    assert found == {
        "openapi": "3.1.0",
        "info": {
            "title": "Badge ingest API",
            "version": version("badge-simulator"),
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this document came from."}],
    }
    assert set(components.pop("schemas")) > MODELS
    scheme = {"type": "apiKey", "in": "header", "name": "X-Actual-Api-Key"}
    assert components == ({"securitySchemes": {"ApiKey": scheme}} if keys else {})


@pytest.mark.parametrize("keys", [True, False])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_route_is_one_operation_with_its_words_its_key_and_each_answer(route, keys):
    (operation,) = document(keys=keys)["paths"][route.path].items()
    method, said = operation
    body = said.pop("requestBody", None)
    assert (body is None) == (route.takes is None)
    if body is not None:
        (schema,) = body.pop("content")["application/json"].values()
        assert body == {"required": True}
        assert route is EVENTS or schema["title"] == route.takes.__name__
    asked = keys and route.role is not None
    expected = {
        "operationId": route.name,
        "summary": route.summary,
        "security": [{"ApiKey": []}] if asked else [],
        "responses": {
            str(status): {
                "description": text,
                "content": {"application/json": {"schema": {"$ref": SCHEMAS + model.__name__}}},
            }
            for status, (model, text) in route.statuses.items()
        },
    }
    for status in expected["responses"].keys() & {"429", "503"}:
        seconds = {
            "description": "Seconds to wait before the next attempt.",
            "required": True,
            "schema": {"type": "integer", "minimum": 1},
        }
        expected["responses"][status]["headers"] = {"Retry-After": seconds}
    if asked:
        expected["description"] = f"Key: {route.role}"
    if route is STATUS:
        expected["parameters"] = [
            {
                "name": "device_id",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "pattern": "^ACT-[0-9A-F]{8}$"},
                "example": "ACT-3F8A21B4",
            }
        ]
    assert (method, said) == (route.method.lower(), expected)


def test_events_come_as_a_batch_as_one_or_as_a_notehub_route_posts_them(published):
    taken = published["paths"][EVENTS.path]["post"]["requestBody"]["content"]
    names = ("Batch", "Event", "NotehubEnvelope")
    assert taken == {
        "application/json": {"schema": {"anyOf": [{"$ref": SCHEMAS + name} for name in names]}}
    }
    schemas = published["components"]["schemas"]
    assert schemas["Batch"] == {
        "type": "array",
        "items": {"$ref": SCHEMAS + "Event"},
        "minItems": 1,
        "maxItems": 500,
    }
    wrapped = {
        "type": "object",
        "required": ["events"],
        "properties": {"events": {"$ref": SCHEMAS + "Batch"}},
    }
    assert schemas["NotehubEnvelope"] == {
        "type": "object",
        "description": "What a Notehub route posts: its body is an event or holds a batch.",
        "required": ["body"],
        "properties": {"body": {"anyOf": [{"$ref": SCHEMAS + "Event"}, wrapped]}},
    }
    assert {one["$ref"] for one in schemas["Event"]["oneOf"]} == {
        SCHEMAS + name for name in schemas if name.endswith("Event") and name[:-5]
    } - {SCHEMAS + "RejectedEvent"}


def test_every_schema_that_is_named_is_there(published):
    def named(part):
        if isinstance(part, dict):
            yield from ([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
            for inner in part.values():
                yield from named(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from named(inner)

    schemas = published["components"]["schemas"]
    assert {one.removeprefix(SCHEMAS) for one in named(published)} <= set(schemas)
    assert not [name for name, schema in schemas.items() if "$defs" in schema]
    # What is answered may have a default: it is always there, so a client may count on it.
    assert set(schemas["BatchAccepted"]["required"]) == {"accepted", "rejected", "rejected_events"}
