"""The user's words for tables and columns."""

from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.reconcile.stores.names import CANONICAL, RAW, SESSIONS, parse_names

USUAL = ("device_id", "sequence_number", "event_type", "event_timestamp", "payload")


def test_a_bare_table_is_that_of_the_raw_events():
    names = parse_names(["events", "work_sessions=shifts=2026"], [])
    assert [names.table(t) for t in (RAW, CANONICAL, SESSIONS)] == [
        "events",
        "canonical_events",
        "shifts=2026",
    ]


def test_a_column_counts_for_every_table_that_has_it_unless_the_table_is_named():
    names = parse_names([], ["device_id=badge", "canonical_events.device_id=unit"])
    assert names.found(RAW, ("badge", *USUAL))["device_id"] == "badge"
    assert names.found(CANONICAL, ("unit", *USUAL))["device_id"] == "unit"


def test_the_wire_name_of_the_time_and_common_names_of_bounds_are_found():
    wire = parse_names([], []).found(RAW, (*USUAL[:3], "timestamp_utc", "payload"))
    assert wire["event_timestamp"] == "timestamp_utc"
    bounds = parse_names([], []).found(SESSIONS, ("worker_id", "parcel_id", "started_at", "end"))
    assert (bounds["start"], bounds["end"]) == ("started_at", "end")


def test_optional_columns_may_lack_unless_they_were_named():
    assert "firmware_version" not in parse_names([], []).found(RAW, USUAL)
    with pytest.raises(InputError, match="raw_events has no column fw; it has device_id"):
        parse_names([], ["firmware_version=fw"]).found(RAW, USUAL)


@pytest.mark.parametrize("text", ["", "raw_events=", "a\0b"])
def test_a_table_needs_a_name(text):
    with pytest.raises(InputError, match="write it as NAME"):
        parse_names([text], [])


@pytest.mark.parametrize("text", ["payload", "payload=", "salary=x", "raw_events.start=x", "=x"])
def test_a_column_is_ours_and_theirs(text):
    with pytest.raises(InputError, match="write it as OURS=THEIRS; ours are device_id"):
        parse_names([], [text])


def test_a_column_without_its_table_is_needed_in_the_events_alone():
    names = parse_names([], ["device_id=badge"])
    assert names.found(CANONICAL, USUAL)["device_id"] == "device_id"
    assert names.found(CANONICAL, ("badge", *USUAL))["device_id"] == "badge"
    with pytest.raises(InputError, match="raw_events has no column badge"):
        names.found(RAW, USUAL)
