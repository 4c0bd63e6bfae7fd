from __future__ import annotations

from sim.platforms import open as registry
from sim.scenario.language.platforms import Blecon, GroupLink, Peridio
from tests.sim.platforms.story import setting

WORDS = {"blecon": Blecon(), "grouplink": GroupLink(), "peridio": Peridio()}


def test_every_platform_of_the_table_can_take_part_and_shows_no_secret():
    for name in registry.ROWS:
        make = registry.platform(name).simulation
        secret = "B284A51B143841695B2D7BF3B8554731" if name == "peridio" else "X-Key: abc"
        one = setting(WORDS[name], secrets=(secret,))
        assert make(one).made == []
        assert secret not in repr(one)
