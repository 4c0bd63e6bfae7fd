"""A count agrees with its noun."""

from __future__ import annotations

import pytest

from badge.words import counted, lasting, listed, near


@pytest.mark.parametrize(
    ("count", "several", "words"),
    [
        (0, None, "0 events"),
        (1, None, "1 event"),
        (2, None, "2 events"),
        (12345, None, "12,345 events"),
        (2, "event files", "2 event files"),
    ],
)
def test_one_is_one_and_all_else_is_several(count, several, words):
    assert counted(count, "event", several) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (240, "240 s"), (600, "10 min"), (7_000, "117 min"), (99_248, "27 h 34 min")],
)
def test_a_time_is_told_as_people_say_it(seconds, words):
    assert lasting(seconds) == words


def test_a_near_name_ends_a_sentence_and_a_far_one_adds_nothing():
    known = ("outage", "office-day", "Quiet-Day")
    assert near("outge", known) == "; did you mean outage?"
    assert near("quiet-dya", known) == "; did you mean Quiet-Day?"
    assert near("xyz", known) == near("", known) == near("outage" * 10_000, known) == ""


def test_some_of_many_names_say_how_many_they_stand_for():
    assert listed([]) == "none"
    assert listed(["a", "b"]) == "a, b"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"
