"""An HTTP answer becomes an input, whatever its bytes are."""

from __future__ import annotations

import gzip
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


LISTED = b'{"accepted":1,"rejected":1,"rejected_events":[{"sequence_number":1089,"reason":"no"}]}'


@pytest.mark.parametrize(
    "body",
    [
        *(LISTED[:cut] for cut in range(len(LISTED))),
        b"<html>",
        b"[1]",
        b"null",
        b"\xef\xbb\xbf" + LISTED,
        gzip.compress(LISTED, mtime=0),
        LISTED.decode().encode("utf-16"),
        LISTED.replace(b"1089", b'"1089"'),
        LISTED.replace(b'"rejected":1', b'"rejected":2'),
        LISTED.replace(b"sequence_number", b"number"),
        b'{"rejected":0,"rejected_events":{"sequence_number":1}}',
    ],
)
def test_a_207_without_its_whole_list_is_no_answer(body):
    """Whoever is not on a list that broke off would pass for accepted, and be deleted."""
    assert read_answer(1, 207, {"retry-after": "9"}, body) == UploadAnswer(1, None)


@pytest.mark.parametrize("number", [True, "1", 1.0, None, 7.5, {}])
def test_nor_is_one_with_an_entry_without_a_whole_number(number):
    items = [{"sequence_number": 2}, {"sequence_number": number}]
    body = json.dumps({"rejected": 2, "rejected_events": items}).encode()
    assert read_answer(1, 207, {}, body) == UploadAnswer(1, None)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"\xff", LISTED])
def test_any_other_answer_needs_no_body(body):
    assert read_answer(1, 202, {}, body) == UploadAnswer(1, 202)


def test_a_huge_body_is_cut_not_read():
    body = b'{"code":"x","pad":"' + b"a" * ANSWER_BYTES_MAX + b'"}'
    assert read_answer(1, 422, {}, body).code == ""


@given(st.integers(100, 599), st.binary() | json_values.map(lambda v: json.dumps(v).encode()))
def test_no_answer_makes_it_fail(status, body):
    assert read_answer(3, status, {"retry-after": "5"}, body).request == 3
