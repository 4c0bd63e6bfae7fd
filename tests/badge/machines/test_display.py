"""Contract section 3, Display."""

from __future__ import annotations

from badge.effects import Draw
from badge.inputs import Battery, Boot, Cellular, Unassign, UtcLearned
from tests.badge.rig import Rig


def test_the_display_is_redrawn_only_when_its_content_changes():
    rig = Rig()
    for _ in range(2):
        rig.give(Battery(80))
        rig.give(Cellular(True))
    rig.assign(5)
    for pct in (80, 12, 10, 9, 6, 5, 4):
        rig.give(Battery(pct), 6)
    rig.give(Cellular(False), 7)
    rig.give(Unassign(), 65)
    rig.answer(202)
    rig.answer(202)
    kept = [
        (s.state, s.worker_id, s.battery_pct, s.low_battery, s.no_cellular, s.shift_duration_s)
        for s in rig.screens()
    ]
    assert kept == [
        ("UNASSIGNED", None, None, False, False, None),
        ("ACTIVE", "W-007", 80, False, False, None),
        ("ACTIVE", "W-007", 10, True, False, None),
        ("ACTIVE", "W-007", 5, True, False, None),
        ("ACTIVE", "W-007", 4, True, True, None),
        ("SHIFT_END", None, None, True, True, 60),
        ("UNASSIGNED", None, None, True, True, None),
    ]
    assert {s.firmware_version for s in rig.screens()} == {"0.1.0"}


def test_the_start_time_is_shown_as_soon_as_it_is_known():
    rig = Rig(utc=False)
    rig.assign(10)
    rig.give(UtcLearned(1_773_477_200_000), 20)
    assert [screen.shift_started_utc for screen in rig.screens()] == [
        None,
        None,
        "2026-03-14T08:33:10Z",
    ]
    assert len(rig.moments(Draw)) == 3


def test_a_boot_draws_anew_and_knows_nothing_of_before():
    rig = Rig()
    rig.give(Cellular(False))
    rig.give(Battery(4))
    rig.give(Boot("watchdog"), 5)
    assert len(rig.screens()) == 4
    assert (rig.screens()[-1].no_cellular, rig.screens()[-1].low_battery) == (False, False)
