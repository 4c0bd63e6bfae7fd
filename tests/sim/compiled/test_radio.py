"""Each cycle has the dBm that the radio in Python gives it, whoever moves and whatever is asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.compiled.radio import RadioInC
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
