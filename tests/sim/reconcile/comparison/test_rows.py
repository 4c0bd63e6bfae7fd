"""What databases make of a value comes back as the value."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.reconcile.comparison.rows import (
    arrival_of,
    logged_of,
    moment_of,
    number_of,
    payload_of,
    plain_value,
    text_of,
    words_of_moment,
)

SAME = moment_of("2026-03-14T08:32:15Z")
NEW_YORK = timezone(timedelta(hours=-4))


@pytest.mark.parametrize(
    "spelling",
    [
        "2026-03-14 08:32:15",
        "2026-03-14 08:32:15+00",
        "2026-03-14T08:32:15.000Z",
        "2026-03-14T08:32:15.0000000009Z",
        "2026-03-14T04:32:15-04:00",
        datetime(2026, 3, 14, 8, 32, 15),
        datetime(2026, 3, 14, 4, 32, 15, tzinfo=NEW_YORK),
        1773477135,
        1773477135.0,
        Decimal("1773477135"),
        1773477135_000,
        1773477135_000_000,
        1773477135_000_000_000,
        "2026-03-14 08:32:15 UTC",  # BigQuery
        "2026-03-14 08:32:15.000000 UTC",  # Trino, Athena
        "2026-03-14 04:32:15.000 -0400",  # Snowflake
        "2026-03-14 08:32:15.000 Z",
        "2026-03-14T08:32:15Z[UTC]",  # Java
        "2026-03-14t08:32:15z",
        "Sat, 14 Mar 2026 08:32:15 GMT",
        "1773477135000",
        "1.773477135E9",  # BigQuery's API
        {"$date": "2026-03-14T08:32:15Z"},  # MongoDB's exports
        {"$date": {"$numberLong": "1773477135000"}},
        {"$date": 1773477135000},
    ],
)
def test_one_moment_has_many_spellings(spelling):
    assert moment_of(spelling) == SAME


@pytest.mark.parametrize(
    "spelling", ["2026-03-14T08:32:15", 1773477136, "2026-03-14T08:32:15-04:00", True, None, "soon"]
)
def test_what_is_another_moment_or_none_is_told_apart(spelling):
    assert (moment_of(spelling) == SAME) == (spelling == "2026-03-14T08:32:15")


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_in_words_is_the_same_moment(moment):
    words = words_of_moment(moment_of(moment))
    assert moment_of(words) == moment_of(moment)


@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.binary()
    | st.dates()
)
def test_no_value_of_a_store_is_too_strange(value):
    for read in (moment_of, number_of, text_of, payload_of, arrival_of):
        read(value)
    words_of_moment(moment_of(value))


@pytest.mark.parametrize(
    "value", [12, 12.0, "12", " 12", Decimal("12.00"), "12.0", {"$numberLong": "12"}]
)
def test_a_number_is_one_in_any_column(value):
    assert number_of(value) == 12


@pytest.mark.parametrize("value", [True, None, 12.5, "12a", "1_2", "", float("nan"), 2**63])
def test_what_is_no_number_is_none(value):
    assert number_of(value) is None


def test_names_and_payloads_come_in_any_type():
    assert (text_of(14), text_of(b"W-7"), text_of(None)) == ("14", "W-7", None)
    assert payload_of({"a": 1}) == '{"a":1}'
    assert payload_of(b'{"a":1}') == '{"a":1}'
    assert payload_of(None) == "null"
    assert payload_of(date(2026, 3, 14)) == '"2026-03-14"'


def test_the_numbers_of_extended_json_are_numbers_at_any_depth():
    held = {"a": {"$numberDouble": "1.5"}, "b": [{"$numberLong": "7"}, {"$numberInt": "x"}]}
    assert plain_value(held) == {"a": 1.5, "b": [7, {"$numberInt": "x"}]}
    assert payload_of({"a": b"\xff"}).startswith('"')


def test_a_date_without_dashes_is_a_date_and_no_number():
    assert moment_of("20260314") == moment_of("2026-03-14T00:00:00Z")


def test_rows_are_ordered_by_numbers_or_moments():
    assert arrival_of(7) == 7
    assert arrival_of("2026-03-14T08:32:15Z") == SAME
    assert arrival_of("x") is None


def test_what_is_no_logged_event_says_what_it_lacks():
    assert logged_of({}) == "has no device_id"
    assert logged_of({"device_id": "A", "sequence_number": "x"}) == "has no sequence_number"
    assert "event_type" in logged_of({"device_id": "A", "sequence_number": 1})
