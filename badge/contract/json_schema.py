"""The contract as JSON Schema 2020-12, generated from the types that also judge the events.

What JSON Schema cannot say, and `badge.contract.validation.judge` does: an integer written `1.0`
is none, a number must fit a 64-bit float, unknown fields nest at most `NESTING_LIMIT` levels.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter

from badge.contract.events import BATCH_EVENTS_LIMIT, Event
from badge.contract.wording import MEANINGS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
URN = "urn:badge:event-schema"


def json_schema_document() -> dict[str, Any]:
    """Return the schema of a batch or of one event; each alone is `#/$defs/Batch` or `Event`."""
    return {
        "$schema": DIALECT,
        "$id": URN,
        "title": "Badge events",
        "description": "One event, or a batch of events as a badge uploads it.",
        "anyOf": [{"$ref": "#/$defs/Batch"}, {"$ref": "#/$defs/Event"}],
        "$defs": definitions("#/$defs/{model}"),
    }


def definitions(ref_template: str) -> dict[str, Any]:
    """Return the schemas `Batch`, `Event`, and each event and payload by its name.

    `ref_template` says how one refers to another, like `#/$defs/{model}`.
    """
    generated = TypeAdapter(Event).json_schema(ref_template="{model}")
    models = generated["$defs"]
    titles = {name: model["title"] for name, model in models.items()}

    def refer(ref: str) -> str:
        return ref_template.format(model=titles.get(ref, ref))

    tidied = {titles[name]: _described(_tidy(models[name], refer)) for name in models}
    for name, model in tidied.items():
        if name.endswith("Event"):  # what the payload says is what happened
            model["description"] = tidied[name.removesuffix("Event") + "Payload"]["description"]
    event = {
        "title": "Event",
        "description": "The envelope that all events share, with the payload of its event_type.",
        "oneOf": [_tidy(ref, refer) for ref in generated["oneOf"]],
    }
    batch = {
        "title": "Batch",
        "description": "Events of one device_id, oldest first: the body of one upload.",
        "type": "array",
        "minItems": 1,
        "maxItems": BATCH_EVENTS_LIMIT,
        "items": {"$ref": refer("Event")},
    }
    return {"Batch": batch, "Event": event, **tidied}


def _tidy(node: Any, refer: Callable[[str], str]) -> Any:
    if isinstance(node, list):
        return [_tidy(item, refer) for item in node]
    if not isinstance(node, dict):
        return node
    tidied = {key: _tidy(value, refer) for key, value in node.items()}
    if isinstance(node.get("$ref"), str):
        tidied["$ref"] = refer(node["$ref"])
    pattern = node.get("pattern")
    if isinstance(pattern, str) and not re.search(pattern.removesuffix("$") + r"\Z", "\n"):
        # In some dialects `$` also matches before a last newline; the rule is the whole string.
        tidied["not"] = {"pattern": "\\n"}
    return tidied


def _described(model: dict[str, Any]) -> dict[str, Any]:
    """Replace the fields' generated titles by what they mean."""
    fields = {
        name: {"description": MEANINGS[name], **{k: v for k, v in field.items() if k != "title"}}
        for name, field in model["properties"].items()
    }
    return {**model, "properties": fields}
