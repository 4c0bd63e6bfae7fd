from __future__ import annotations

from sim.platforms.kit.cause import Cause


def test_a_cause_is_named_uniquely_or_by_what_it_follows_from():
    assert Cause(1, "boot", "ACT-1", number=3).name == "ACT-1/boot/3"
    assert Cause(1, "boot", "ACT-1", number=3, of="ACT-1/offer/1").name == "ACT-1/offer/1"
    assert Cause(1, "rolled", number=1).name == "site/rolled/1"
