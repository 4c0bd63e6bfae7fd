"""The contract as an AsyncAPI 3.0 document: what a badge sends, and where to (section 4)."""

from __future__ import annotations

from typing import Any

from badge.contract.events import EVENT_TYPES
from badge.contract.json_schema import definitions

_DESCRIPTION = (
    "A badge posts its queued events as a JSON array, oldest first. (device_id, sequence_number) "
    "is the dedup key: a batch may be sent again."
)


def asyncapi_document() -> dict[str, Any]:
    """Return the document: one channel, one operation (the badge sends), the batch's message.

    The components also hold a message for each of the ten event types, for generators.
    """
    schemas = {name: _draft_07(schema) for name, schema in _schemas().items()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Badge events", "version": "1.0.0", "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": "/api/events",
                "title": "Event upload",
                "messages": {"batch": {"$ref": "#/components/messages/batch"}},
            }
        },
        "operations": {
            "uploadEvents": {
                "action": "send",
                "title": "Upload a batch of events",
                "channel": {"$ref": "#/channels/events"},
                "messages": [{"$ref": "#/channels/events/messages/batch"}],
                "security": [{"$ref": "#/components/securitySchemes/deviceKey"}],
                "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
            }
        },
        "components": {
            "messages": {
                "batch": _message("batch", "Batch", schemas),
                **{name: _message(name, _model(name), schemas) for name in EVENT_TYPES},
            },
            "schemas": schemas,
            "securitySchemes": {
                "deviceKey": {"type": "httpApiKey", "name": "X-Actual-Api-Key", "in": "header"}
            },
        },
    }


def _schemas() -> dict[str, Any]:
    return definitions("#/components/schemas/{model}")


def _model(event_type: str) -> str:
    return "".join(word.capitalize() for word in event_type.split("_")) + "Event"


def _message(name: str, model: str, schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "title": schemas[model]["title"],
        "summary": schemas[model]["description"],
        "payload": {"$ref": f"#/components/schemas/{model}"},
    }


def _draft_07(schema: dict[str, Any]) -> dict[str, Any]:
    """AsyncAPI's own schema dialect is a superset of JSON Schema draft 7."""
    return {{"dependentRequired": "dependencies"}.get(key, key): schema[key] for key in schema}
