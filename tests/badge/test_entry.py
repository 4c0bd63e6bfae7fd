"""One queued event, and how it is written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.entry import Entry, timestamp


@given(st.integers(0, 253_402_300_799))
def test_a_timestamp_is_what_the_calendar_says(unix_s):
    assert timestamp(unix_s) == datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_contracts_example():
    assert timestamp(1_773_477_135) == "2026-03-14T08:32:15Z"


def test_the_wire_form_rounds_milliseconds_down():
    entry = Entry(7, "upload_heartbeat", {}, "0.3.1", 15_000, 1_773_477_135_999)
    assert entry.event("ACT-3F8A21B4") == {
        "device_id": "ACT-3F8A21B4",
        "firmware_version": "0.3.1",
        "event_type": "upload_heartbeat",
        "timestamp_utc": "2026-03-14T08:32:15Z",
        "sequence_number": 7,
        "payload": {},
    }


def test_without_a_time_of_day_there_is_no_wire_form():
    with pytest.raises(AssertionError):
        Entry(7, "upload_heartbeat", {}, "0.3.1", 15_000).event("ACT-3F8A21B4")
