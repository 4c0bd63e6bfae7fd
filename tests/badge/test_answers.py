"""An HTTP answer becomes an input, whatever its bytes are."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.answers import ANSWER_BYTES_MAX, read_answer
from badge.inputs import UploadAnswer
from tests.strategies import json_values


def test_207_names_the_rejected():
    body = (
        b'{"accepted":45,"rejected":2,"rejected_events":[{"sequence_number":1089,"reason":'
        b'"Missing required field: timestamp_utc"},{"sequence_number":1090}]}'
    )
    assert read_answer(7, 207, {}, body) == UploadAnswer(
        7, 207, rejected=((1089, "Missing required field: timestamp_utc"), (1090, ""))
    )


def test_422_carries_its_code():
    answer = read_answer(7, 422, {}, b'{"error":"old","code":"schema_deprecated","accepted":0}')
    assert (answer.status, answer.code) == (422, "schema_deprecated")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("-1", 0),
        ("1.5", 0),
        ("", 0),
        ("٣", 0),
        ("9" * 10, 0),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0),
    ],
)
def test_retry_after_is_read_as_seconds(header, seconds):
    assert read_answer(1, 429, {"retry-after": header}, b"").retry_after_s == seconds


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[1]", b"\xff", b'{"rejected_events":{"sequence_number":1}}', b"null"]
)
def test_what_cannot_be_read_counts_as_left_out(body):
    assert read_answer(1, 207, {}, body) == UploadAnswer(1, 207)


def test_a_rejected_entry_without_a_whole_number_is_left_out():
    items = [{"sequence_number": n} for n in (True, "1", 1.0, None, 2)] + [7, None]
    body = json.dumps({"rejected_events": items}).encode()
    assert read_answer(1, 207, {}, body).rejected == ((2, ""),)


def test_a_huge_body_is_cut_not_read():
    body = b'{"code":"x","pad":"' + b"a" * ANSWER_BYTES_MAX + b'"}'
    assert read_answer(1, 422, {}, body).code == ""


@given(st.integers(100, 599), st.binary() | json_values.map(lambda v: json.dumps(v).encode()))
def test_no_answer_makes_it_fail(status, body):
    assert read_answer(3, status, {"retry-after": "5"}, body).request == 3
