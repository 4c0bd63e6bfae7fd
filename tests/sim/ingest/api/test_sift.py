"""From the bytes of a request to the events worth keeping and the reasons against the others."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.contract.validation import judge
from badge.contract.version import Version
from sim.ingest.api.answers import RefusedError
from sim.ingest.api.sift import REASONS_SHOWN, Sifted, checked, read_events, read_note, sift
from tests.sim.ingest.site import batch, event, without


def refused(read, document) -> tuple[int, str | None]:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(RefusedError) as refusal:
        read(raw)
    answer = refusal.value.answer
    return answer.status, answer.body.get("code")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"[", (400, "invalid_json")),
        (b"\xff", (400, "invalid_json")),
        ({"x": 1}, (400, "not_a_batch")),
        ([], (400, "empty_batch")),
        ([event(1), event(2, device="ACT-00000002")], (400, "mixed_devices")),
        (batch(*range(501)), (413, None)),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(document, expected):
    assert refused(lambda raw: checked(read_events(raw)), document) == expected


def test_a_note_holds_a_batch_an_event_or_nothing():
    note = {"device": "dev:1", "file": "data.qo"}
    whole = json.dumps({**note, "body": {"events": batch(1, 2)}}).encode()
    assert len(read_note(whole)) == 2
    assert len(read_note(json.dumps({**note, "body": event(1)}).encode())) == 1
    assert read_note(json.dumps({**note, "body": {"temperature": 20}}).encode()) == []
    assert refused(read_note, {"body": event(1)}) == (400, "not_an_envelope")


def test_a_payload_that_came_as_text_is_opened():
    told = {"device": "dev:1", "file": "data.qo", "body": event(1, payload='{"lat": 1}')}
    assert read_note(json.dumps(told).encode())[0]["payload"] == {"lat": 1}


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_the_right_are_kept_in_order_and_the_wrong_named_in_order(right):
    events = [event(n) if ok else without(event(n), "payload") for n, ok in enumerate(right, 1)]
    sifted = sift(events, None)
    assert [one["sequence_number"] for one in sifted.valid] == [
        n for n, ok in enumerate(right, 1) if ok
    ]
    assert sifted.rejected == [
        (n, "Missing required field: payload") for n, ok in enumerate(right, 1) if not ok
    ]


def test_old_firmware_is_the_truer_reason():
    old = event(1, firmware_version="0.1.9", payload={"schema": "of long ago"})
    sifted = sift([old, event(2)], Version(0, 2, 0))
    assert sifted.outdated == 1
    assert sifted.rejected[0][1].startswith("schema_deprecated: firmware 0.1.9 is older than 0.2.0")


def test_many_faults_are_told_in_short():
    ((number, reason),) = sift([event(1, payload={})], None).rejected
    assert number == 1
    assert reason.endswith("; and 1 more")
    assert sift([7], None).rejected[0][0] is None


def said(read, raw):
    with pytest.raises(RefusedError) as refusal:
        read(raw)
    return refusal.value.answer.body["error"]


def test_what_is_wrong_is_said_and_not_only_coded():
    assert said(read_events, b"[") == said(read_note, b"[")
    assert "JSON" in said(read_events, b"[")
    assert said(read_events, b'{"x": 1}') != "None"
    words = "a Notehub route's object with device and file belongs here"
    assert said(read_note, b"{}") == words


def test_an_empty_batch_in_a_note_is_nothing():
    note = {"device": "dev:1", "file": "data.qo", "body": {"events": []}}
    assert read_note(json.dumps(note).encode()) == []


def test_a_batch_without_a_fault_has_nothing_outdated_or_rejected():
    assert sift(batch(1, 2), Version(0, 2, 0)) == Sifted(batch(1, 2), [], 0)
    assert sift([7, event(1)], Version(0, 2, 0)).outdated == 0


def test_a_number_of_the_wrong_kind_is_none_and_reasons_stand_apart():
    wrong = event("7", payload={"lat": 1})
    ((number, reason),) = sift([wrong], None).rejected
    assert number is None
    alone = judge([wrong]).faults[:REASONS_SHOWN]
    assert reason.startswith("; ".join(fault.reason for fault in alone) + "; and ")
    three = sift([event(1, payload={"lat": 1.0})], None).rejected[0][1]
    assert "and 0 more" not in three
