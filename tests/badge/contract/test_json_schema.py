"""The JSON Schema says what the judge does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from jsonschema import Draft202012Validator

from badge.contract.json_schema import json_schema_document
from badge.contract.validation import batch_fault, judge
from tests.strategies import altered_events, batches, broken_events, events, unhurried

SCHEMA = json_schema_document()
EVENT = Draft202012Validator({**SCHEMA, "anyOf": [{"$ref": "#/$defs/Event"}]})
BATCH = Draft202012Validator({**SCHEMA, "anyOf": [{"$ref": "#/$defs/Batch"}]})
HEARTBEAT: dict[str, Any] = {
    "device_id": "ACT-3F8A21B4",
    "firmware_version": "0.3.1",
    "event_type": "upload_heartbeat",
    "timestamp_utc": "2026-03-14T08:32:15Z",
    "sequence_number": 7,
    "payload": {},
}
JSON_JUNK: tuple[object, ...] = (None, True, [], "")  # NaN is no JSON, a schema cannot speak of it


def test_it_is_a_valid_schema_of_its_dialect() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_it_takes_a_batch_or_an_event() -> None:
    either = Draft202012Validator(SCHEMA)
    assert either.is_valid(HEARTBEAT)
    assert either.is_valid([HEARTBEAT])
    assert not either.is_valid({"body": HEARTBEAT})


@unhurried
@given(events())
def test_it_accepts_generated_events(event: dict[str, Any]) -> None:
    assert EVENT.is_valid(event)


@unhurried
@given(broken_events(JSON_JUNK))
def test_it_refuses_broken_events(event: dict[str, Any]) -> None:
    assert not EVENT.is_valid(event)


@unhurried
@given(altered_events())
@example({**HEARTBEAT, "device_id": "ACT-3F8A21B4\n"})
@example({**HEARTBEAT, "firmware_version": "0.3.1\n"})
@example({**HEARTBEAT, "timestamp_utc": "2026-03-14T08:32:15Z\n"})
@example({**HEARTBEAT, "timestamp_utc": "2026-02-29T08:32:15Z"})
@example({**HEARTBEAT, "event_type": "shift_start", "payload": {"worker_id": "J.\nSmith\n"}})
@example({**HEARTBEAT, "event_type": "shift_start", "payload": {"worker_id": "J.\0Smith\n"}})
@example(
    {**HEARTBEAT, "event_type": "gps_no_fix", "payload": {"timeout_s": 1, "last_known_lat": 1}}
)
@example(
    {
        **HEARTBEAT,
        "event_type": "motion",
        "payload": {"previous_state": "moving", "new_state": "moving", "duration_s": 1},
    }
)
def test_it_agrees_with_the_judge(event: dict[str, Any]) -> None:
    assert EVENT.is_valid(event) == (not judge([event]).faults)


@unhurried
@given(batches(3))
def test_it_accepts_generated_batches(batch: list[Any]) -> None:
    assert BATCH.is_valid(batch)


@pytest.mark.parametrize("count", [0, 1, 500, 501])
def test_it_counts_a_batch_as_the_ingest_does(count: int) -> None:
    batch = [HEARTBEAT] * count
    definitions = {**SCHEMA["$defs"], "Event": True}  # the events themselves are tested above
    counting = Draft202012Validator({"$ref": "#/$defs/Batch", "$defs": definitions})
    assert counting.is_valid(batch) == (batch_fault(batch) is None)


def test_every_model_says_what_it_is() -> None:
    for model in SCHEMA["$defs"].values():
        assert model["title"]
        assert model["description"]
    fields = [f for m in SCHEMA["$defs"].values() for f in m.get("properties", {}).values()]
    assert all(field["description"] for field in fields)
