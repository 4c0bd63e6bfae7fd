"""A journey written in C is knot by knot the one that Python writes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError
from sim.compiled.walk import WalkerInC
from sim.engine.draws import draws
from sim.world.site import area
from sim.world.walker import Walker
from sim.world.work import OFFICE, WORK_KINDS
from tests.sim.compiled import rig

GROUNDS = [
    area("box", "parcel", [(0, 0), (60, 0), (60, 60), (0, 60)]),
    area("small", "parcel", [(5, 5), (12, 5), (12, 12), (5, 12)]),
    area("convex", "parcel", [(0, 0), (60, 0), (90, 60), (0, 60)]),
    area("bent", "parcel", [(0, 0), (60, 0), (90, 60), (40, 20), (0, 60)]),
]


def written(walker, ground, kind, minutes):
    end_ms = minutes * 60_000
    walker.walk((10.0, 10.0)).work(ground, end_ms, kind).stand(end_ms + 900_000).walk((11.0, 9.0))
    return walker.work(ground, 2 * end_ms + 1_000_000).stand(walker.now_ms + 1).journey()


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 10**6),
    st.sampled_from(GROUNDS),
    st.sampled_from(list(WORK_KINDS.values())),
    st.integers(1, 90),
)
def test_the_same_draws_lead_the_same_way(seed, ground, kind, minutes):
    ours = Walker(draws(seed, "w"), (8.0, 8.0), 5)
    theirs = WalkerInC(rig.library(), draws(seed, "w"), (8.0, 8.0), 5)
    one, other = (written(walker, ground, kind, minutes) for walker in (ours, theirs))
    assert [c.tolist() for c in one.columns] == [c.tolist() for c in other.columns]
    assert one.changes() == other.changes()
    assert [one.activity_at(ms) for ms in range(0, one.end_ms, 60_000)] == [
        other.activity_at(ms) for ms in range(0, one.end_ms, 60_000)
    ]
    assert (ours.at, ours.now_ms) == (theirs.at, theirs.now_ms)


def test_more_knots_than_there_is_room_for_are_written_in_turns():
    box, end_ms = GROUNDS[0], 30 * 3_600_000
    ours = Walker(draws(1, "w"), (8.0, 8.0), 0).work(box, end_ms)
    theirs = WalkerInC(rig.library(), draws(1, "w"), (8.0, 8.0), 0).work(box, end_ms)
    one, other = (walker.stand(3 * end_ms).journey() for walker in (ours, theirs))
    assert len(one) > 4096
    assert [c.tolist() for c in one.columns] == [c.tolist() for c in other.columns]


@pytest.mark.parametrize(
    ("at", "until_ms", "what"), [((99.0, 9.0), 60_000, "outside"), ((9.0, 9.0), -5, "late")]
)
def test_what_python_refuses_is_refused(at, until_ms, what):
    walker = WalkerInC(rig.library(), draws(1, "w"), at, 0)
    with pytest.raises(InputError, match=what):
        walker.work(GROUNDS[0], until_ms, OFFICE)
