from __future__ import annotations

from sim.notecard.storage.usage import HOUR_S, HOURS_KEPT, Usage

NOON_S = 1_767_268_800


def test_hours_add_up_to_the_totals():
    usage = Usage()
    for hour in range(5):
        usage.count(NOON_S + hour * HOUR_S, bytes_sent=10, notes_sent=1)
    assert usage.totals()["bytes_sent"] == 50
    assert usage.between(NOON_S, NOON_S + 5 * HOUR_S)["notes_sent"] == 5
    assert usage.between(NOON_S + HOUR_S, NOON_S + 2 * HOUR_S)["bytes_sent"] == 10


def test_before_the_time_is_known_only_totals_grow_and_old_hours_go():
    usage = Usage()
    usage.count(0, sessions_secure=1)
    assert (usage.sessions_secure, usage.hours) == (1, {})
    for hour in range(HOURS_KEPT + 10):
        usage.count(NOON_S + hour * HOUR_S, bytes_sent=1)
    assert len(usage.hours) == HOURS_KEPT
