"""Each cycle has the dBm that the radio in Python gives it, whoever moves and whatever is asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.compiled.radio import HEARD_BYTES, KnownTag, RadioInC
from sim.engine.draws import draws
from sim.world.adverts import ScanPattern, Tag
from sim.world.environments import ENVIRONMENTS
from sim.world.place import Spot
from sim.world.radio import UNHEARD_DBM, Radio, Receiver
from sim.world.site import area
from sim.world.walker import Walker
from tests.sim.compiled import rig

FIELD = area("field", "parcel", [(0, 0), (60, 0), (60, 60), (0, 60)])
WALK = Walker(draws(1, "w"), (9.0, 9.0), 60_000).work(FIELD, 3_600_000).journey()
TRUCK = Walker(draws(2, "t"), (9.0, 9.0), 0).drive([(50.0, 50.0), (10.0, 40.0)] * 40, 4.0).journey()
BADGES = (
    Receiver("worn", WALK, WALK),
    Receiver("carried", WALK),
    Receiver("hung up", Spot(30, 31)),
    Receiver("always on", WALK, WALK, ScanPattern(200, 190, 7000)),
)


class Somewhere:
    """A mover that C does not know."""

    def xy_at(self, t_ms):
        return WALK.xy_at(t_ms)

    def box_over(self, t0_ms, t1_ms):
        return WALK.box_over(t0_ms, t1_ms)


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from(["sample", "cycle"]),
    st.sampled_from(list(ENVIRONMENTS.values())),
    st.integers(0, 3),
    st.sampled_from([Spot(20.0, 20.5), TRUCK, Somewhere(), Spot(59.0, 200.0)]),
    st.sampled_from(BADGES),
    st.sampled_from([100, 200, 152, 1000]),
    st.integers(0, 4_000_000),
    st.sampled_from([-127, -70, -85]),
    st.sampled_from([5000, 7300, 400, 60_000]),
    st.integers(0, 3),
)
def test_every_cycle_is_as_strong_as_in_python(
    law, env, seed, where, badge, interval_ms, t0_ms, floor_dbm, period_ms, every
):
    tag = Tag("A0", interval_ms, gain_db=1.3)
    wanted = None if every == 0 else np.arange(40) % every == 0
    asked = (t0_ms, 40, tag, where, badge, period_ms, floor_dbm, wanted)
    in_c = RadioInC(seed, env, rig.library(), law)
    assert in_c.strongest(*asked).tolist() == Radio(seed, env, law).strongest(*asked).tolist()


@pytest.mark.parametrize("law", ["sample", "cycle"])
def test_a_span_asked_backwards_is_the_same(law):
    in_c = RadioInC(5, ENVIRONMENTS["room"], rig.library(), law)
    tag, where, badge = Tag("A0"), Spot(20.0, 20.0), BADGES[0]
    whole = in_c.strongest(0, 60, tag, where, badge).tolist()
    parts = [in_c.strongest(n * 50_000, 10, tag, where, badge).tolist() for n in reversed(range(6))]
    assert [dbm for part in reversed(parts) for dbm in part] == whole
    assert max(whole) > UNHEARD_DBM


def test_far_away_and_unwanted_is_unheard():
    in_c = RadioInC(5, ENVIRONMENTS["room"], rig.library())
    nothing = in_c.strongest(0, 5, Tag("A0"), Spot(20.0, 20.0), BADGES[0], wanted=np.zeros(5, bool))
    assert set(nothing.tolist()) == {UNHEARD_DBM}


def test_more_than_the_paths_that_are_held_can_be_asked():
    in_c = RadioInC(5, ENVIRONMENTS["room"], rig.library())
    spots = [Spot(20.0 + n / 10, 20.0) for n in range(70)]
    first = [in_c.strongest(0, 2, Tag("A0"), spot, BADGES[2]).tolist() for spot in spots]
    assert [in_c.strongest(0, 2, Tag("A0"), spot, BADGES[2]).tolist() for spot in spots] == first
    assert len(in_c._paths) <= 64


def test_a_place_that_is_put_out_meanwhile_is_still_where_it_was():
    """Of 64 that are held the oldest goes when a new one comes: here, one that is being asked."""
    in_c, tag = RadioInC(5, ENVIRONMENTS["room"], rig.library()), Tag("A0")
    spots = [Spot(20.0 + n / 10, 20.0) for n in range(63)]
    first = in_c.strongest(0, 2, tag, spots[0], Receiver("hung up", Spot(20.0, 21.0))).tolist()
    for spot in spots[1:]:
        in_c.strongest(0, 2, tag, spot, Receiver("hung up", Spot(20.0, 21.0)))
    assert len(in_c._paths) == 64
    other = Receiver("hung up", Spot(90.0, 90.0))
    found = in_c.strongest(0, 2, tag, spots[0], other).tolist()
    assert found == Radio(5, ENVIRONMENTS["room"]).strongest(0, 2, tag, spots[0], other).tolist()
    assert first != found


def levels_of(found, cycles, macs):
    """Spread what is heard out again: the dBm of each tag in each cycle."""
    heard, ends = found
    assert len(heard) == HEARD_BYTES * int(ends[-1])
    assert len(ends) == cycles + 1
    levels = {mac: [UNHEARD_DBM] * cycles for mac in macs}
    for cycle in range(cycles):
        for n in range(ends[cycle], ends[cycle + 1]):
            entry = heard[HEARD_BYTES * n : HEARD_BYTES * (n + 1)]
            levels[entry[:6]][cycle] = int.from_bytes(entry[6:], signed=True)
    return levels


def comes_near(levels, down, hits, well_dbm, to_near):
    """Count rows as a badge does: whether one is whole, and how many hits are left of the last."""
    for level, is_down in zip(levels, down, strict=True):
        if not is_down:
            hits = hits + 1 if level >= well_dbm else 0
            if hits >= to_near:
                return True, 0
    return False, hits


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["sample", "cycle"]),
    st.sampled_from(list(ENVIRONMENTS.values())),
    st.sampled_from(BADGES),
    st.lists(
        st.tuples(
            st.sampled_from([Spot(20.0, 20.5), TRUCK, Spot(59.0, 200.0), Spot(35.0, 10.0)]),
            st.sampled_from([(), ((0, 500_000),), ((90_000, 120_000), (2_000_000, 2_100_000))]),
            st.booleans(),
            st.integers(0, 4),
        ),
        min_size=1,
        max_size=3,
    ),
    st.lists(st.sampled_from([0, 0, 0, 1]), min_size=1, max_size=14),
    st.integers(0, 4_000_000),
    st.integers(0, 13),
    st.integers(1, 4),
)
def test_a_block_has_all_that_matters_of_all_tags(
    law, env, badge, places, down, t0_ms, rank, to_near
):
    """A tag that counts is heard as alone; one that is away only where it may come near."""
    in_c, period_ms = RadioInC(3, env, rig.library(), law), 5000
    known = [
        KnownTag(Tag(f"A{n}"), where, bytes([n] * 6), silent)
        for n, (where, silent, _, _) in enumerate(places)
    ]
    near = [(not is_away, min(hits, to_near - 1)) for _, _, is_away, hits in places]
    first = known[0].tag, known[0].mover, badge, period_ms
    first = in_c.strongest(t0_ms, len(down), *first).tolist()
    well_dbm = max(sorted(first)[rank % len(first)], -90)  # one that the tag is just heard at
    found = in_c.heard(t0_ms, period_ms, bytes(down), badge, known, near, well_dbm, to_near)
    levels = levels_of(found, len(down), [one.mac for one in known])
    for one, (is_near, hits) in zip(known, near, strict=True):
        alone = in_c.strongest(t0_ms, len(down), one.tag, one.mover, badge, period_ms).tolist()
        for cycle in range(len(down)):
            ms = t0_ms + cycle * period_ms
            if any(flat_ms <= ms < changed_ms for flat_ms, changed_ms in one.silent):
                alone[cycle] = UNHEARD_DBM
        if not is_near and max(levels[one.mac]) == UNHEARD_DBM:
            given = down, hits, well_dbm, to_near
            assert comes_near(alone, *given) == comes_near(levels[one.mac], *given)
        else:
            assert levels[one.mac] == alone


def test_where_c_cannot_listen_it_says_so():
    in_c, known = RadioInC(5, ENVIRONMENTS["room"], rig.library()), (bytes(6), ())
    twice = Receiver("twice", WALK, WALK, ScanPattern(200, 200))
    for badge, where in ((twice, Spot(1.0, 1.0)), (BADGES[0], Somewhere())):
        one = KnownTag(Tag("A0"), where, *known)
        assert in_c.heard(0, 5000, bytes(3), badge, [one], [(True, 0)], -80, 3) is None
    found = in_c.heard(0, 5000, bytes(3), BADGES[0], [], [], -80, 3)
    assert found[0] == b""
    assert found[1].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("to_near", [1, 2, 3, 4])
def test_one_cycle_alone_is_seen_wherever_it_ends_or_begins_a_row(to_near):
    in_c, badge, left_out = RadioInC(3, ENVIRONMENTS["yard"], rig.library()), BADGES[0], 0
    tag, where = Tag("A0"), Spot(20.0, 20.5)
    known = [KnownTag(tag, where, bytes(6), ())]
    for n in range(400):
        count, hits, t0_ms = 1 + n % 9, n % to_near, 5000 * n
        alone = in_c.strongest(t0_ms, count, tag, where, badge).tolist()
        given = bytes(count), hits, max(*alone, -100), to_near  # only the strongest are hits
        near = [(False, hits)]
        found = in_c.heard(t0_ms, 5000, given[0], badge, known, near, given[2], to_near)
        levels = levels_of(found, count, [bytes(6)])[bytes(6)]
        left_out += levels != alone
        assert comes_near(levels, *given) == comes_near(alone, *given)
    assert left_out > 0 or to_near == 1
