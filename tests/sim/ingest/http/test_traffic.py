"""Counters, and the first refusal of each kind in words."""

from __future__ import annotations

from sim.ingest.api.answers import Answer, Verdicts, problem, refused_batch, unauthorized
from sim.ingest.http.traffic import REMEDIES, Traffic


def test_answers_are_counted_by_what_they_did():
    traffic = Traffic()
    traffic.count(Answer(207, {}, tally=Verdicts(45, 3, 2, 1)))
    traffic.count(Answer(202, {}, tally=Verdicts(5)))
    assert traffic.figures() == {
        "requests": 2,
        "accepted": 50,
        "duplicates": 3,
        "rejected": 2,
        "conflicts": 1,
    }
    traffic.count(Answer(202, {}))
    assert (traffic.statuses, traffic.first_refusals) == ({207: 1, 202: 2}, [])


def test_only_the_first_of_a_kind_is_told_with_its_remedy():
    traffic = Traffic()
    for _ in range(3):
        traffic.count(unauthorized())
    traffic.count(refused_batch(400, "invalid_json", "not JSON"))
    traffic.count(refused_batch(400, "empty_batch", "empty"))
    first, second, third = traffic.first_refusals
    assert first == f"first 401: Invalid or missing API key ({REMEDIES[401]})"
    assert second.startswith("first 400: not JSON (")
    assert third.startswith("first 400: empty (")


def test_what_a_stranger_wrote_cannot_drive_the_terminal():
    traffic = Traffic()
    traffic.note(problem(404, "not_found", "Not Found: GET /\x1b[2J\r\nič" + "x" * 9999))
    (line,) = traffic.first_refusals
    assert line.isascii()
    assert line.isprintable()
    assert len(line) < 250
    assert traffic.requests == 0


def test_a_status_without_a_remedy_and_an_answer_without_words_are_told_as_they_are():
    traffic = Traffic()
    traffic.note(problem(418, "short", "Short"))
    traffic.note(Answer(400, {}))
    assert traffic.first_refusals == ["first 418: Short", f"first 400:  ({REMEDIES[400]})"]
