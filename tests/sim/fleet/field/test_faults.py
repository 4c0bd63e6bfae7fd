"""What goes wrong on the way on purpose: how often, to whom, and alike in every run."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from badge.errors import InputError
from sim.fleet.field.faults import (
    USUAL_SHARE,
    WAY_FAULTS,
    FaultsOnTheWay,
    corrupted,
    read_faults,
    reordered,
)

BODY = json.dumps([{"sequence_number": n, "payload": {"lat": 33.749005}} for n in (1, 2, 3)])


def met(seed=1, badges=40, uploads=100, **shares):
    faults = FaultsOnTheWay({name.replace("_", "-"): s for name, s in shares.items()}, seed)
    return [faults.next(f"ACT-{n:08X}") for _ in range(uploads) for n in range(badges)]


def test_each_meets_the_share_that_was_asked_for():
    counts = Counter(met(lose_answer=0.1, duplicate=0.3, reorder=0.05))
    assert 300 < counts["lose-answer"] < 500
    assert 1050 < counts["duplicate"] < 1350
    assert 130 < counts["reorder"] < 270
    assert Counter(met(late=1.0)) == {"late": 4000}


def test_the_same_seed_meets_the_same_and_another_others():
    assert met(seed=7, corrupt=0.2) == met(seed=7, corrupt=0.2) != met(seed=8, corrupt=0.2)


def test_who_shares_the_process_changes_nothing():
    alone = FaultsOnTheWay({"late": 0.3}, 3)
    crowd = FaultsOnTheWay({"late": 0.3}, 3)
    mine = []
    for _ in range(50):
        crowd.next("ACT-00000002")
        mine.append(crowd.next("ACT-00000001"))
    assert mine == [alone.next("ACT-00000001") for _ in range(50)]


def test_a_corrupted_body_can_be_read_by_nobody():
    with pytest.raises(UnicodeDecodeError):
        corrupted(BODY.encode()).decode()
    assert len(corrupted(BODY.encode())) == len(BODY)


def test_reordered_events_are_the_same_ones():
    assert json.loads(reordered(BODY.encode())) == list(reversed(json.loads(BODY)))


def test_shares_are_read():
    assert read_faults(()) == {}
    assert read_faults(("late", "corrupt=0.5")) == {"late": USUAL_SHARE, "corrupt": 0.5}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("lost-answer=0.2",), "reorder; did you mean lose-answer?"),
        (("lost",), "--fault lost: choose one of lose-answer, duplicate, corrupt, late, reorder"),
        (("late=0",), "--fault late=0: the share"),
        (("late=nan",), "--fault late=nan: the share"),
        (("late=x",), "--fault late=x: the share"),
        (("late=0.6", "corrupt=0.6"), "more than all uploads"),
    ],
)
def test_a_mistake_is_one_sentence(words, sentence):
    with pytest.raises(InputError, match=sentence):
        read_faults(words)


def test_every_fault_is_in_the_help():
    from tests.sim.fleet.story import call

    text = " ".join(call("--help").output.split())
    assert all(name in text for name in WAY_FAULTS)
