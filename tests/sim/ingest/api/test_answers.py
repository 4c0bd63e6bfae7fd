"""The answers of contract section 4, word by word where the owner gave the words."""

from __future__ import annotations

import pytest

from sim.ingest.api import answers


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (
            answers.batch_too_long(612),
            413,
            {"error": "Batch limit is 500 events. Received 612.", "accepted": 0},
        ),
        (answers.unauthorized(), 401, {"error": "Invalid or missing API key"}),
        (
            answers.refused_batch(400, "empty_batch", "no", 3),
            400,
            {"error": "no", "code": "empty_batch", "accepted": 0},
        ),
        (
            answers.compressed_body(),
            415,
            {"error": "A compressed body; send it as it is.", "accepted": 0},
        ),
    ],
)
def test_each_is_what_the_contract_says(answer, status, body):
    assert (answer.status, answer.body) == (status, body)


@pytest.mark.parametrize(
    ("answer", "seconds"), [(answers.store_unavailable("full"), "30"), (answers.busy("much"), "5")]
)
def test_503_says_when_to_come_back(answer, seconds):
    assert (answer.status, answer.headers) == (503, {"Retry-After": seconds})
    assert answer.body["accepted"] == 0
