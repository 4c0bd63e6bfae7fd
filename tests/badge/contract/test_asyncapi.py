"""The AsyncAPI document is whole and says the same as the JSON Schema."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft7Validator

from badge.contract.asyncapi import asyncapi_document
from badge.contract.events import EVENT_TYPES
from badge.contract.validation import judge
from tests.strategies import altered_events, unhurried

DOCUMENT = asyncapi_document()
EVENT = Draft7Validator(
    {"$ref": "#/components/schemas/Event", "components": DOCUMENT["components"]}
)


def _refs(node: object) -> list[str]:
    if isinstance(node, list):
        return [ref for item in node for ref in _refs(item)]
    if not isinstance(node, dict):
        return []
    here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return here + [ref for value in node.values() for ref in _refs(value)]


def test_every_reference_leads_somewhere() -> None:
    for ref in _refs(DOCUMENT):
        found: Any = DOCUMENT
        for part in ref.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_the_badge_sends_batches_to_the_ingest() -> None:
    (channel,) = DOCUMENT["channels"].values()
    (operation,) = DOCUMENT["operations"].values()
    assert channel["address"] == "/api/events"
    assert operation["action"] == "send"
    assert operation["bindings"]["http"]["method"] == "POST"


def test_there_is_a_message_for_each_event_type_and_the_batch() -> None:
    messages = DOCUMENT["components"]["messages"]
    assert list(messages) == ["batch", *EVENT_TYPES]
    for event_type in EVENT_TYPES:
        name = messages[event_type]["payload"]["$ref"].rpartition("/")[2]
        model = DOCUMENT["components"]["schemas"][name]
        assert model["properties"]["event_type"]["const"] == event_type


def test_what_goes_together_does_so_in_its_older_dialect() -> None:
    event = {
        "device_id": "ACT-3F8A21B4",
        "firmware_version": "0.3.1",
        "event_type": "gps_no_fix",
        "timestamp_utc": "2026-03-14T08:32:15Z",
        "sequence_number": 7,
        "payload": {"timeout_s": 10, "last_known_lat": 33.7},
    }
    assert not EVENT.is_valid(event)
    event["payload"] = {"timeout_s": 10, "last_known_lat": 33.7, "last_known_lon": -84.3}
    assert EVENT.is_valid(event)


@unhurried
@given(altered_events())
def test_its_schemas_agree_with_the_judge_in_its_older_dialect(event: dict[str, Any]) -> None:
    assert EVENT.is_valid(event) == (not judge([event]).faults)


@pytest.mark.slow
def test_the_published_schema_of_asyncapi_accepts_it() -> None:
    folder = os.environ.get("ASYNCAPI_SPECS")
    if folder is None:
        pytest.skip("set ASYNCAPI_SPECS to the folder of the npm package @asyncapi/specs")
    published = Path(folder) / "schemas" / "3.0.0-without-$id.json"
    validator = Draft7Validator(json.loads(published.read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(DOCUMENT)] == []
