"""The answers of contract section 4, in its own words."""

from __future__ import annotations

import pytest

from sim.ingest.api import answers


def test_the_owners_sentences_stand_to_the_letter():
    assert answers.batch_too_long(612).body == {
        "error": "Batch limit is 500 events. Received 612.",
        "accepted": 0,
    }
    assert answers.unauthorized().body == {"error": "Invalid or missing API key"}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (answers.refused_batch(400, "empty_batch", "no events"), 400),
        (answers.batch_too_long(501), 413),
        (answers.body_too_long(9), 413),
        (answers.compressed_body(), 415),
        (answers.retry_later(429, "rate_limited", "slower", 7), 429),
        (answers.store_unavailable("locked"), 503),
        (answers.busy("full"), 503),
    ],
)
def test_where_nothing_was_taken_the_badge_is_told_so(answer, status):
    assert answer.status == status
    assert answer.body["accepted"] == 0
    assert answer.body["error"]


def test_who_may_come_again_is_told_when():
    assert answers.retry_later(429, "x", "y", 7).headers == {"Retry-After": "7"}
    assert answers.store_unavailable("locked").headers["Retry-After"] == "30"
    assert answers.busy("full").headers["Retry-After"] == "5"


def test_what_is_counted_is_not_sent():
    refused = answers.refused_batch(400, "all_rejected", "bad", rejected=3)
    assert refused.tally.rejected == 3
    assert "tally" not in refused.body
