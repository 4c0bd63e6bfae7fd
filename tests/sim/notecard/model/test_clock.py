from __future__ import annotations

from sim.notecard.model.clock import CardClock


def test_the_card_knows_the_time_only_when_it_is_told():
    clock = CardClock(1_767_225_600_000, now_ms=5000)
    assert clock.utc_s == 0
    clock.known = True
    assert clock.utc_s == 1_767_225_605
    assert clock.utc_ms == 1_767_225_605_000
