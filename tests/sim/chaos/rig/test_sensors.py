"""What a receiver and a scanner answer under faults."""

from __future__ import annotations

from dataclasses import replace

from sim.chaos.plan.plan import draw_design, draw_plan
from sim.chaos.rig.sensors import FaultySensors

HOUR_MS = 3_600_000


def sensors(**faults: float) -> FaultySensors:
    drawn = draw_plan(5)
    plan = replace(drawn, minutes=600, faults=dict.fromkeys(drawn.faults, 0.0) | faults)
    design = draw_design(5, 0)
    config = design.config.model_copy(update={"known_equipment_tags": ["AA:BB:CC:00:00:00"]})
    return FaultySensors(plan, replace(design, config=config))


def test_sound_sensors_always_answer_and_nothing_strikes():
    sound = sensors()
    for ms in range(0, HOUR_MS, 15_000):
        delay_ms, fix = sound.fix(ms)
        assert 300 <= delay_ms <= 6_000
        assert (round(fix.lat), round(fix.lon)) == (34, -84)
        ((mac, rssi_dbm),) = sound.heard(ms, ms + 5000)
        assert mac == "AA:BB:CC:00:00:00"
        assert -115 <= rssi_dbm <= -55
        assert sound.struck == ""


def test_a_silent_receiver_gives_no_fix_or_a_late_one_and_says_so():
    bad = sensors(gps_silent=20.0)
    answers = [(bad.fix(ms), bad.struck) for ms in range(0, 10 * HOUR_MS, 15_000)]
    struck = [fix for fix, kind in answers if kind == "gps_silent"]
    assert struck.count(None) > len(struck) / 2
    assert all(fix is None or fix[0] >= 5_000 for fix in struck)
    assert any(kind == "" for _, kind in answers)


def test_a_dead_scanner_hears_nothing_though_it_may_tell_late():
    bad = sensors(scanner_dead=20.0)
    dead = [bad.heard(ms, ms + 5000) for ms in range(0, 10 * HOUR_MS, 5_000)]
    assert None in dead
    late = [bad.heard_late() for _ in range(100)]
    assert 10 < sum(told is not None for told in late) < 60
    bad.heal()
    assert bad.heard(0, 5000) is not None
