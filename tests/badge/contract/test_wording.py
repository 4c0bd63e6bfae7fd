"""Every field of the contract has its rule in words, fit for a terminal and a log."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from badge.contract.json_schema import definitions
from badge.contract.validation import judge
from badge.contract.wording import MEANINGS, RULES, shown
from tests.strategies import altered_events, json_values, unhurried


def _fields() -> set[str]:
    models = definitions("{model}").values()
    return {name for model in models for name in model.get("properties", {})}


def test_the_tables_name_exactly_the_fields_of_the_contract() -> None:
    assert set(RULES) == _fields() == set(MEANINGS)


def test_a_worker_with_nul_is_refused_for_the_nul() -> None:
    event = {
        "device_id": "ACT-3F8A21B4",
        "firmware_version": "0.3.1",
        "event_type": "shift_start",
        "timestamp_utc": "2026-03-14T08:32:15Z",
        "sequence_number": 7,
        "payload": {"worker_id": "W\0X"},
    }
    assert [fault.reason for fault in judge([event]).faults] == [
        r'payload.worker_id: must be a non-empty string without NUL, not "W\u0000X"'
    ]


def test_no_message_shows_a_pattern() -> None:
    assert not [text for text in RULES.values() if "[" in text or "^" in text]


@unhurried
@given(altered_events(), st.text(), json_values)
def test_messages_are_printable_ascii_of_bounded_length(
    event: dict[str, Any], key: str, value: object
) -> None:
    for fault in judge([{**event, key: value}, value]).faults:
        assert fault.reason.isascii()
        assert fault.reason.isprintable()
        assert len(fault.reason) < 500


@unhurried
@given(json_values | st.integers() | st.text(min_size=41, max_size=400))
def test_a_shown_value_is_short(value: object) -> None:
    # 40 characters beyond the basic plane are 12 ASCII characters each.
    assert len(shown(value)) <= 40 * 12 + len('""...')


def test_a_long_text_is_cut() -> None:
    assert shown("x" * 1000) == '"' + "x" * 40 + '"...'
    assert shown("\x1b[31m") == '"\\u001b[31m"'


def test_what_is_null_and_optional_is_to_be_left_out() -> None:
    event = {
        "device_id": "ACT-3F8A21B4",
        "firmware_version": "0.3.1",
        "event_type": "low_battery",
        "timestamp_utc": "2026-03-14T08:32:15Z",
        "sequence_number": 7,
        "payload": {"battery_pct": None, "voltage_mv": None},
    }
    assert [fault.reason for fault in judge([event]).faults] == [
        "payload.battery_pct: must be an integer from 0 to 100, not null",
        "payload.voltage_mv: is optional: leave it out instead of null",
    ]
