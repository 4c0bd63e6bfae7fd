from __future__ import annotations

from sim.platforms.grouplink import PLATFORM, phone_of
from sim.platforms.kit.cause import Cause
from sim.scenario.language.platforms import GroupLink
from tests.sim.platforms.story import setting

CELL = "8b1e8cb2a8e9fff"


def entered(ms, **facts):
    place = {"cell": CELL, "lat": 45.81, "lon": 15.98, "origin": "gps"}
    return Cause(ms, "entered", "ACT-1", "Ana", 1, {**place, **facts})


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
