from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.reconcile.comparison.sessions import Session, pair
from tests.sim.reconcile.site import TRUE_SESSION, events, judged, told

MINUTE = 60_000_000


def test_sessions_say_how_many_minutes_they_are_off(tmp_path):
    held = [
        {**TRUE_SESSION, "start": "2026-03-14T08:02:00Z", "end": "2026-03-14T08:25:00Z"},
        {**TRUE_SESSION, "worker_id": "W-008"},
    ]
    ran, document = judged(tmp_path, events(), None, held)
    assert document["conclusions"]["session"]["precision"] == 0.5
    assert document["session_minutes"] == {
        "true": 30.0,
        "held": 53.0,
        "common": 23.0,
        "start_off_mean": 2.0,
        "start_off_max": 2.0,
        "end_off_mean": 5.0,
        "end_off_max": 5.0,
    }
    (wrong,) = told(tmp_path / "all")
    assert wrong["note"].startswith("not true: W-008 at 14-0078, 2026-03-14T08:00:00Z")
    assert ran.code == 0


def test_an_open_session_lasts_until_the_log_ends(tmp_path):
    _, document = judged(tmp_path, events(1, 13), None, [{**TRUE_SESSION, "end": None}])
    assert document["session_minutes"]["held"] == 3.25  # the 13th fix is at 08:03:15


@pytest.mark.parametrize(
    ("change", "words"),
    [({"start": "soon"}, "soon is no moment"), ({"end": "2026-03-14T07:00:00Z"}, "ends before")],
)
def test_a_session_without_sense_is_named(change, words, tmp_path):
    held = [{**TRUE_SESSION, **change}, TRUE_SESSION]
    ran, document = judged(tmp_path, events(), None, held)
    (found,) = told(tmp_path / "all")
    assert found["note"].startswith("not held: row 1 of work_sessions: ")
    assert words in found["note"]
    assert (ran.code, document["conclusions"]["session"]["right"]) == (0, 1)  # the rest goes on


@pytest.mark.parametrize("change", [{"worker_id": None}, {"parcel_id": None}])
def test_a_session_of_nobody_or_nowhere_is_a_finding(change, tmp_path):
    held = [TRUE_SESSION, {**TRUE_SESSION, **change}, {**TRUE_SESSION, "worker_id": None}]
    ran, document = judged(tmp_path, events(), None, held)
    assert ran.code == 0
    assert document["conclusions"]["session"]["right"] == 1
    assert {one["note"].split(",")[0] for one in told(tmp_path / "all")} <= {
        "not true: nobody at 14-0078",
        "not true: W-007 at no parcel",
    }


spans = st.tuples(st.integers(0, 60), st.integers(0, 30)).map(
    lambda span: Session("W", "P", span[0] * MINUTE, sum(span) * MINUTE)
)


@given(st.lists(spans, max_size=6), st.lists(spans, max_size=6))
def test_a_session_is_paired_at_most_once_and_only_with_one_that_it_meets(true, held):
    pairing = pair(true, held)
    assert len(pairing.pairs) <= min(len(true), len(held))
    for one, other in pairing.pairs:
        assert one.start_us <= other.end_us
        assert other.start_us <= one.end_us
    left = len(true) + len(held) - 2 * len(pairing.pairs)
    assert len(list(pairing.differences())) == left


@given(st.lists(spans, max_size=6))
def test_the_truth_is_its_own_best_pair(true):
    minutes = pair(true, true).minutes()
    assert minutes["true"] == minutes["held"] == minutes["common"]
