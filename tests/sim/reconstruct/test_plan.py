"""Polls, windows and movements follow from each other by whole intervals."""

from badge.config import read_config
from badge.inputs import Assign, GpsFix, Movement
from sim.reconstruct.plan import BootPlan
from sim.reconstruct.seen import SeenEvent

CONFIG = read_config({"device_id": "ACT-0000000A"})
FIX = {"lat": 45.0, "lon": 16.0, "accuracy_m": 3.0, "fix_type": "3d"}


def plan(*events):
    known = [
        SeenEvent(number, kind, second, payload, "0.1.0", {})
        for number, (second, kind, payload) in enumerate(events, 1)
    ]
    made = BootPlan(known, CONFIG)
    made.solve()
    return made


def test_a_timeout_tells_when_the_shift_began_to_the_millisecond():
    made = plan(
        (100, "reboot", {}),
        (200, "shift_start", {"worker_id": "W"}),
        (201, "gps", FIX),
        (226, "gps_no_fix", {"timeout_s": 10}),
    )
    assert made.phases.dropped == set()
    assert made.at(3) == made.at(1) + 15_000 + 10_001
    assert made.at(1) // 1000 == 200
    assert made.at(3) // 1000 == 226


def test_a_heartbeat_tells_when_it_booted():
    made = plan((100, "reboot", {}), (100 + 60 + 1800, "upload_heartbeat", {}))
    assert made.at(1) - made.at(0) == 1_860_000


def test_a_movement_that_nobody_told_of_is_found_by_its_duration():
    made = plan(
        (100, "reboot", {}),
        (500, "shift_start", {"worker_id": "W"}),
        (501, "gps", FIX),
        (510, "motion", {"previous_state": "moving", "new_state": "stationary", "duration_s": 60}),
    )
    inputs = sorted(made.inputs(), key=lambda one: one.ms)
    silent = [(one.ms, one.what.moving) for one in inputs if isinstance(one.what, Movement)]
    assert [moving for _, moving in silent] == [True, False]
    assert 449_000 <= silent[0][0] <= 450_999
    assert made.at(3) - silent[1][0] == 30_000
    assert {Assign, GpsFix} <= {type(one.what) for one in inputs}
