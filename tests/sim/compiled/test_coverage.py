"""The network along a journey is found in C as in Python."""

from __future__ import annotations

import pytest

from sim.compiled.coverage import CoverageInC
from sim.engine.draws import draws
from sim.world.coverage import Coverage, Outage, Zone
from sim.world.place import Spot
from sim.world.site import area
from sim.world.walker import Walker
from tests.sim.compiled import rig

YARD = area("yard", "parcel", [(0, 0), (60, 0), (60, 60), (0, 60)])
WALK = Walker(draws(1, "w"), (9.0, 9.0), 600_000).work(YARD, 8_000_000).journey()
SHED = area("shed", "indoor", [(20, 20), (40, 20), (30, 50)])


@pytest.mark.parametrize("mover", [WALK, Spot(-3.5, 30.1)])
@pytest.mark.parametrize("zones", [(), (Zone(SHED, -9.0),)])
@pytest.mark.parametrize("outages", [(), (Outage(700_000, 1_000_000, YARD),)])
def test_every_moment_has_the_same_link(mover, zones, outages):
    ours = Coverage(4, -109.0, zones, outages).along(mover)
    theirs = CoverageInC(4, -109.0, zones, outages, library=rig.library()).along(mover)
    for from_ms, step_ms, count in ((0, 60_000, 150), (1_000_000, 997, 200), (9_000_000, 1, 1)):
        levels = ours.levels(from_ms, step_ms, count).tolist()
        assert theirs.levels(from_ms, step_ms, count).tolist() == levels
        moments = [from_ms + n * step_ms for n in range(count)]
        assert [theirs.at(ms) for ms in moments[::-3]] == [ours.at(ms) for ms in moments[::-3]]
        assert [theirs.at(ms).rsrp_dbm for ms in moments] == levels
