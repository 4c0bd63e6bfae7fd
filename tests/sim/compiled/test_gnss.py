"""Each poll in C gives the fix that the receiver in Python gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.compiled.gnss import ReceiverInC, SkiesInC
from sim.engine.draws import draws
from sim.world.gnss import Gnss
from sim.world.place import Spot
from sim.world.site import Plane, Site, area
from sim.world.walker import Walker
from tests.sim.compiled import rig

PLANE = Plane(45.0, 179.9999)
YARD = area("yard", "parcel", [(0, 0), (60, 0), (60, 60), (0, 60)])
AREAS = (
    YARD,
    area("trees", "tree_cover", [(0, 0), (30, 0), (40, 60), (0, 60)]),
    area("shed", "indoor", [(20, 20), (30, 20), (30, 30), (20, 30)]),
    area("bent", "urban", [(40, 0), (60, 0), (60, 60), (50, 20), (40, 20)]),
)
SITE = Site(PLANE, AREAS)
WALK = Walker(draws(1, "w"), (9.0, 9.0), 600_000).work(YARD, 20_000_000).journey()
STAYS = [(0, Spot(-50.0, -60.0)), (600_000, WALK)]
DOWN, TIMEOUT_MS = (3_000_000, 3_300_000), 10_000


def receivers(seed):
    ours = Gnss(draws(seed, "gnss"), PLANE)
    skies = SkiesInC(rig.library(), AREAS)
    given_to = (PLANE, skies, STAYS, [DOWN], TIMEOUT_MS)
    return ours, ReceiverInC(rig.library(), draws(seed, "gnss"), *given_to)


def place_of(t_ms):
    return WALK.position_at(t_ms) if t_ms >= 600_000 else (-50.0, -60.0)


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 10**6),
    st.lists(
        st.tuples(
            st.sampled_from(["poll"] * 12 + ["modem", "off", "cold", "pause"]),
            st.sampled_from([15_000, 15_000, 1000, 64_321]),
        ),
        min_size=30,
        max_size=300,
    ),
)
def test_the_same_polls_find_the_same_fixes(seed, steps):
    (ours, theirs), t_ms = receivers(seed), 0
    ffi, lib, _ = rig.library()
    fix = ffi.new("int32_t[7]")
    for one in (ours, theirs):
        one.power_on(0)
    for what, for_ms in steps:
        t_ms += for_ms
        x_m, y_m = place_of(t_ms)
        if what == "modem":
            for one in (ours, theirs):
                one.suspend(t_ms, t_ms + 90_000)
        elif what in ("off", "cold"):
            for one in (ours, theirs):
                one.power_off(t_ms)
                one.power_on(t_ms, keeps_almanac=what == "off")
        elif what == "pause":
            t_ms += 8_000_000
        else:
            sky = SITE.sky_at(x_m, y_m)
            found = ours.poll(t_ms, x_m, y_m, sky)
            theirs.struct.ask = seed % 3 == 0
            delay_ms = lib.world_found(theirs.struct, t_ms, fix)
            if delay_ms == -2:  # beneath what is not convex, and while it is asked to ask
                assert theirs.poll(t_ms, x_m, y_m, sky) == found
            elif found is None or found.delay_ms > TIMEOUT_MS:
                assert delay_ms == -1
            elif not DOWN[0] <= t_ms < DOWN[1]:
                seen = fix[0] / 1e6, fix[1] / 1e6, fix[3] / 1e3
                assert (delay_ms, *seen) == (found.delay_ms, found.lat, found.lon, found.dop)
        if DOWN[0] <= t_ms < DOWN[1]:  # one was polled, the other was down: they part here
            return


def test_while_it_is_down_there_is_none_and_nothing_is_drawn():
    _, theirs = receivers(1)
    theirs.power_on(0)
    theirs.struct.ask = False
    fix = rig.library().ffi.new("int32_t[7]")
    assert rig.library().lib.world_found(theirs.struct, DOWN[0], fix) == -1
    assert theirs.gnss.polls == 0


@pytest.mark.parametrize("name", ["address", "found"])
def test_a_pump_is_told_where_they_are(name):
    assert getattr(receivers(1)[1], name) > 4096
