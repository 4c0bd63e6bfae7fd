from __future__ import annotations

from sim.platforms import open as registry
from sim.platforms.grouplink import PLATFORM, phone_of
from sim.platforms.kit.cause import Cause
from sim.scenario.language.platforms import Blecon, GroupLink, Peridio
from tests.sim.platforms.story import setting

CELL = "8b1e8cb2a8e9fff"
WORDS = {"blecon": Blecon(), "grouplink": GroupLink(), "peridio": Peridio()}


def entered(ms, **facts):
    place = {"cell": CELL, "lat": 45.81, "lon": 15.98, "origin": "gps"}
    return Cause(ms, "entered", "ACT-1", "Ana", 1, {**place, **facts})


def test_a_cause_is_named_uniquely_or_by_what_it_follows_from():
    assert Cause(1, "boot", "ACT-1", number=3).name == "ACT-1/boot/3"
    assert Cause(1, "boot", "ACT-1", number=3, of="ACT-1/offer/1").name == "ACT-1/offer/1"
    assert Cause(1, "rolled", number=1).name == "site/rolled/1"


def test_every_platform_of_the_table_can_take_part_and_shows_no_secret():
    for name in registry.ROWS:
        make = registry.platform(name).simulation
        secret = "B284A51B143841695B2D7BF3B8554731" if name == "peridio" else "X-Key: abc"
        one = setting(WORDS[name], secrets=(secret,))
        assert make(one).made == []
        assert secret not in repr(one)


def test_an_entry_is_one_post_at_once_with_the_workers_own_phone():
    one = PLATFORM.simulation(setting(GroupLink(), secrets=("X-Key: abc",)))
    one.begin(0)
    one.happens(entered(5000))
    one.happens(Cause(6000, "boot", "ACT-1", "Ana", 1, {}))
    assert one.next_deadline_ms == 0
    (delivery,) = one.due(5000)
    assert one.next_deadline_ms is None
    (made,) = one.made
    assert made.facts == {"mm": phone_of("Ana", "run 1").mm, "cell_id": CELL}
    assert made.key == delivery.keys[0]
    assert ("X-Key", "abc") in delivery.headers
    assert not one.waits_for(delivery)
    one.answered(delivery, 500, b"", 6000)
    assert one.next_deadline_ms is None
    assert one.stamped(delivery, 1, 2) is delivery
