"""Judging foreign data: every event for itself, by bytes or by values, and never an exception."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from badge.contract.validation import Fault, batch_fault, decode, judge, judge_json, unwrap
from badge.errors import InputError
from tests.strategies import altered_events, batches, broken_events, events, json_values, unhurried

HEARTBEAT: dict[str, Any] = {
    "device_id": "ACT-3F8A21B4",
    "firmware_version": "0.3.1",
    "event_type": "upload_heartbeat",
    "timestamp_utc": "2026-03-14T08:32:15Z",
    "sequence_number": 7,
    "payload": {},
}


@unhurried
@given(broken_events())
def test_a_broken_event_is_refused_both_ways(broken: dict[str, Any]) -> None:
    judged = judge([HEARTBEAT, broken])
    assert judged.valid == {0: HEARTBEAT}
    assert {fault.index for fault in judged.faults} == {1}
    assert judge_json(json.dumps([HEARTBEAT, broken]).encode()).faults == judged.faults


@unhurried
@given(st.lists(events() | broken_events() | altered_events() | json_values, max_size=3))
def test_bytes_and_values_are_judged_alike(several: list[Any]) -> None:
    by_value, by_bytes = judge(several), judge_json(json.dumps(several).encode())
    assert by_bytes.faults == by_value.faults
    assert by_bytes.count == len(several)
    # NaN, which the text of both carries, differs from itself.
    assert json.dumps(list(by_bytes.valid)) == json.dumps(list(by_value.valid))


@unhurried
@given(st.lists(events() | broken_events(), max_size=3))
def test_an_event_is_judged_as_if_it_were_alone(several: list[Any]) -> None:
    alone = [not judge([event]).faults for event in several]
    assert [i in judge(several).valid for i in range(len(several))] == alone


@unhurried
@given(st.binary(max_size=200))
@example(b"")
@example(b"\x00")
@example(b"\xef\xbb\xbf[]")
@example(b"\xff\xfe[\x00]\x00")
@example(b"[" * 10_000)
@example(b'{"a":' * 10_000)
@example(b"[1" + b"0" * 10_000 + b"]")
@example(b"[1e" + b"9" * 100 + b"]")
@example(b'["\\ud800"]')
@example(b'["\xed\xa0\x80"]')
@example(b"[NaN]")
@example(b"[{}] x")
@example(b"nul")
def test_any_bytes_are_judged_or_refused_in_one_sentence(raw: bytes) -> None:
    said = ""
    try:
        judged = judge_json(raw)
    except InputError as error:
        said = str(error)
    else:
        assert judged.count == len(json.loads(raw))
    assert "\n" not in said


@unhurried
@given(batches(3), st.data())
def test_mutated_batches_never_break_the_judge(batch: list[Any], data: st.DataObject) -> None:
    raw = bytearray(json.dumps(batch).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        judged = judge_json(bytes(raw))
    except InputError:
        return
    assert len(judged.valid) + len({fault.index for fault in judged.faults}) == judged.count


def test_the_reason_is_in_the_words_of_the_ingest() -> None:
    def reason(event: object) -> str:
        (fault,) = judge([event]).faults
        return fault.reason

    without = {k: v for k, v in HEARTBEAT.items() if k != "timestamp_utc"}
    assert reason(without) == "Missing required field: timestamp_utc"
    assert reason({**HEARTBEAT, "hw": 1}) == "Unknown envelope field: hw"
    assert reason({**HEARTBEAT, "event_type": "low_battery"}) == (
        "Missing required field: payload.battery_pct"
    )
    assert reason({**HEARTBEAT, "device_id": "act-1"}) == (
        "device_id: must be ACT- and eight upper-case hexadecimal digits, like ACT-3F8A21B4, "
        'not "act-1"'
    )
    assert reason("gps") == "must be a JSON object"


def test_a_fault_carries_the_number_of_its_event_where_that_is_one() -> None:
    numbers = [1043, 0, -5, True, "7", 2**63, 10**40, None, 1.0]
    several = [{**HEARTBEAT, "hw": 1, "sequence_number": number} for number in numbers]
    found = {fault.index: fault.sequence_number for fault in judge([*several, 5]).faults}
    assert list(found.values()) == [1043, 0, -5, None, None, None, None, None, None, None]


def test_a_key_given_twice_counts_with_its_last_value() -> None:
    text = json.dumps([HEARTBEAT])
    last_wins = text.replace('"sequence_number": 7', '"sequence_number": "x", "sequence_number": 8')
    assert judge_json(last_wins.encode()).valid[0]["sequence_number"] == 8
    last_wrong = text.replace('"sequence_number": 7', '"sequence_number": 8, "sequence_number": 0')
    assert [f.path for f in judge_json(last_wrong.encode()).faults] == ["sequence_number"]
    other_type = text.replace('"event_type"', '"event_type": "gps", "event_type"')
    assert judge_json(other_type.encode()).valid == {0: HEARTBEAT}
    unknown = text.replace('"payload": {}', '"payload": {"x": NaN, "x": 1}')
    assert judge_json(unknown.encode()).valid[0]["payload"] == {"x": 1}


def test_strings_that_utf_8_cannot_carry_are_refused() -> None:
    for payload in ({"x": "\ud800"}, {"x": [{"\udfff": 1}]}, {"\ud800": 1}):
        assert judge([{**HEARTBEAT, "payload": payload}]).valid == {}
    assert judge([{**HEARTBEAT, "payload": {"x": "\U0001f600 é"}}]).faults == ()


def test_nesting_of_unknown_fields_is_bounded() -> None:
    nested: Any = 1
    for _ in range(100):
        nested = [nested]
    assert judge([{**HEARTBEAT, "payload": {"x": nested}}]).faults == ()
    for more in (1, 20_000):
        for _ in range(more):
            nested = [nested]
        (fault,) = judge([{**HEARTBEAT, "payload": {"x": nested}}]).faults
        assert fault.reason == "payload.x: is nested deeper than 100 levels"


def test_hostile_crowds_make_few_faults() -> None:
    crowd = {**HEARTBEAT, **{f"x{i}": i for i in range(2000)}}
    assert judge([HEARTBEAT, crowd]).faults == (Fault(1, 7, "", "has more than 1000 faults"),)
    late = judge([*[HEARTBEAT] * 501, crowd, 5]).faults
    assert [fault.index for fault in late] == [501, 502]
    judged = judge([HEARTBEAT, 1] * 1000)
    assert (judged.count, len(judged.valid), len(judged.faults)) == (2000, 1000, 1000)
    assert judged.faults[-1].index == 1999


def test_more_events_than_a_batch_holds_are_judged_all() -> None:
    raw = json.dumps([*[HEARTBEAT] * 501, 5]).encode()
    judged = judge_json(raw)
    assert (judged.count, len(judged.valid)) == (502, 501)
    assert [fault.index for fault in judged.faults] == [501]


def test_bytes_over_the_fast_limit_are_judged_alike() -> None:
    long = {**HEARTBEAT, "payload": {"x": "y" * (1 << 20)}}
    assert judge_json(json.dumps([long]).encode()).valid == {0: long}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "it is empty"),
        (b" \r\n", "it is empty"),
        (b"\xef\xbb\xbf[]", "byte order mark"),
        (b"[1,\n}", "line 2"),
        (b'["\xff"]', "not JSON"),
        (b"[" * 10_000, "nested more than 200 levels deep"),
    ],
)
def test_what_is_not_json_is_said(raw: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        decode(raw)


@pytest.mark.parametrize("raw", [b"{}", b"null", b"1", b'"[]"', b"true", json.dumps(HEARTBEAT)])
def test_only_an_array_is_judged_from_bytes(raw: bytes) -> None:
    with pytest.raises(InputError, match="where a JSON array of events belongs"):
        judge_json(raw if isinstance(raw, bytes) else raw.encode())


@pytest.mark.parametrize(
    "document",
    [
        [HEARTBEAT],
        HEARTBEAT,
        {"body": HEARTBEAT},
        {"body": {"events": [HEARTBEAT]}, "device": "dev:864475046552567", "file": "events.qo"},
    ],
)
def test_unwrap_finds_the_events(document: object) -> None:
    assert unwrap(document) == [HEARTBEAT]


def test_unwrap_leaves_judging_to_the_judge() -> None:
    assert unwrap([1, None]) == [1, None]
    assert unwrap({"body": {"events": []}}) == []
    assert unwrap({"device_id": 5, "body": {"events": []}}) == [
        {"device_id": 5, "body": {"events": []}}
    ]


@pytest.mark.parametrize(
    "document",
    [
        None,
        1,
        True,
        "[]",
        {},
        {"hello": 1},
        {"body": None},
        {"body": []},
        {"body": {}},
        {"body": {"events": {}}},
        {"body": {"events": None, "temperature": 3}},
        {"events": [HEARTBEAT]},
    ],
)
def test_unwrap_refuses_the_rest(document: object) -> None:
    with pytest.raises(InputError):
        unwrap(document)


@unhurried
@given(json_values)
def test_unwrap_answers_for_any_json(document: object) -> None:
    with suppress(InputError):
        assert isinstance(unwrap(document), list)


def test_a_batch_has_rules_of_its_own() -> None:
    other = {**HEARTBEAT, "device_id": "ACT-00000001"}
    assert batch_fault([]) == "Batch is empty. Send 1 to 500 events."
    assert batch_fault([HEARTBEAT] * 612) == "Batch limit is 500 events. Received 612."
    assert batch_fault([HEARTBEAT, other, HEARTBEAT]) == (
        "Batch mixes device_ids: ACT-3F8A21B4, ACT-00000001. Send one batch per badge."
    )
    assert batch_fault([HEARTBEAT] * 500) is None


def test_an_ill_formed_device_id_is_its_events_fault_alone() -> None:
    names: list[object] = ["ACT-3F8A21B4\n", "x", None, 3, []]
    several = [{**HEARTBEAT, "device_id": name} for name in names]
    assert batch_fault([HEARTBEAT, *several, None, 1, []]) is None


@unhurried
@given(st.lists(json_values | events(), max_size=3))
def test_batch_fault_answers_for_any_list(several: list[Any]) -> None:
    fault = batch_fault(several)
    assert fault is None or "\n" not in fault
