"""The answers of contract section 4, word by word where the owner gave the words."""

from __future__ import annotations

import pytest

from sim.ingest.api import answers


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (
            lambda: answers.batch_too_long(612),
            413,
            {"error": "Batch limit is 500 events. Received 612.", "accepted": 0},
        ),
        (
            lambda: answers.body_too_long(9),
            413,
            {"error": "Body limit is 9 bytes.", "accepted": 0},
        ),
        (answers.unauthorized, 401, {"error": "Invalid or missing API key"}),
        (
            lambda: answers.refused_batch(400, "empty_batch", "no", 3),
            400,
            {"error": "no", "code": "empty_batch", "accepted": 0},
        ),
        (lambda: answers.problem(409, "twice", "no"), 409, {"error": "no", "code": "twice"}),
        (
            answers.compressed_body,
            415,
            {"error": "A compressed body; send it as it is.", "accepted": 0},
        ),
    ],
)
def test_each_is_what_the_contract_says(answer, status, body):
    assert (answer().status, answer().body, answer().headers) == (status, body, {})


@pytest.mark.parametrize(
    ("answer", "seconds", "code", "error"),
    [
        (answers.store_unavailable, "30", "store_unavailable", "The store is unavailable: much"),
        (answers.busy, "5", "busy", "much"),
    ],
)
def test_503_says_when_to_come_back(answer, seconds, code, error):
    found = answer("much")
    assert (found.status, found.headers) == (503, {"Retry-After": seconds})
    assert found.body == {"error": error, "code": code, "accepted": 0}


def test_a_refused_batch_counts_its_events_and_its_error_says_the_status():
    assert answers.refused_batch(400, "c", "e", 3).tally.rejected == 3
    assert answers.refused_batch(400, "c", "e").tally.rejected == 0
    assert str(answers.RefusedError(answers.unauthorized())) == "401"
