"""Contract section 3, Battery and the empty battery of Shift."""

from __future__ import annotations

import pytest

from badge.effects import PowerOff
from badge.inputs import Assign, Battery, Boot, Movement, Tick
from badge.machines.battery import THRESHOLD, ThresholdIs
from tests.badge.rig import Rig


def levels(rig):
    return [payload["battery_pct"] for _, _, payload in rig.events("low_battery")]


@pytest.mark.parametrize(
    ("readings", "fired"),
    [
        ([11], []),
        ([10], [10]),
        ([10, 10, 9], [10]),
        ([10, 11, 10], [10, 10]),
        ([5], [5, 5]),
        ([9, 6, 5, 5], [9, 5]),
        ([5, 6, 5], [5, 5, 5]),
        ([4, 11, 7, 5], [4, 4, 7, 5]),
        ([10, 101, -1, 9], [10]),
    ],
)
def test_each_level_fires_once_a_crossing(readings, fired):
    rig = Rig()
    for pct in readings:
        rig.give(Battery(pct))
    assert levels(rig) == fired


def test_one_reading_that_crosses_both_makes_two_events_ten_first():
    rig = Rig()
    rig.give(Battery(4, 3400))
    assert [p for _, _, p in rig.events("low_battery")] == [
        {"battery_pct": 4, "voltage_mv": 3400},
        {"battery_pct": 4, "voltage_mv": 3400},
    ]
    ten, five = rig.badge._thresholds
    assert (ten.pct, five.pct) == (10, 5)


@pytest.mark.parametrize(("between", "fired"), [([], []), ([7], [5]), ([11], [5, 5])])
def test_armed_flags_survive_a_reboot(between, fired):
    rig = Rig()
    for pct in (4, *between):
        rig.give(Battery(pct))
    rig.give(Boot("watchdog"), 10)
    after = Rig(rig.badge.store)
    after.give(Battery(5))
    assert levels(after) == fired
    assert all(threshold.state is ThresholdIs.FIRED for threshold in after.badge._thresholds)


def test_each_level_has_its_own_flag_in_the_state():
    rig = Rig()
    rig.give(Battery(8))
    state = rig.badge.store.state
    assert (state.low_armed, state.critical_armed) == (False, True)


def test_it_is_emitted_in_every_state():
    rig = Rig()
    rig.give(Battery(10))
    rig.assign(1)
    rig.give(Battery(5))
    assert [s for s, _, _ in rig.events("low_battery")] == [0, 1]


def test_an_impossible_voltage_is_left_out():
    rig = Rig()
    rig.give(Battery(9, -1))
    assert rig.events("low_battery")[0][2] == {"battery_pct": 9}


@pytest.mark.parametrize("voltage_mv", [0, 1])
def test_the_lowest_voltages_are_told(voltage_mv):
    rig = Rig()
    rig.give(Battery(9, voltage_mv))
    assert rig.events("low_battery")[0][2] == {"battery_pct": 9, "voltage_mv": voltage_mv}


def test_the_empty_battery_ends_the_shift_uploads_once_and_switches_off():
    rig = Rig()
    rig.assign(1)
    rig.give(Battery(2), 20)
    assert rig.types()[-3:] == ["low_battery", "low_battery", "shift_end"]
    assert rig.events("shift_end")[0][2]["end_reason"] == "low_battery"
    assert len(rig.uploads()) == 1
    assert not rig.moments(PowerOff)
    rig.answer(None, 22)
    assert rig.moments(PowerOff) == [22]
    assert rig.badge.next_deadline_ms is None
    for what in (Battery(100), Assign("W-007"), Movement(True), Tick()):
        assert rig.give(what, 4000) == []


def test_three_percent_is_not_empty_and_the_level_is_a_setting():
    rig = Rig()
    rig.assign(1)
    rig.give(Battery(3))
    assert rig.badge.state == "active"
    rig = Rig(shutdown_pct=7)
    rig.assign(1)
    rig.give(Battery(7))
    assert rig.badge.state == "closing"


def test_without_a_shift_it_switches_off_without_showing_the_end_of_one():
    rig = Rig(utc=False)
    rig.give(Battery(1))
    assert [screen.state for screen in rig.screens()] == ["UNASSIGNED", "UNASSIGNED", "OFF"]
    assert rig.types() == []
    rig.give(Boot(), 100)
    assert rig.badge.state == "unassigned"


def test_the_table_knows_no_impossible_pair():
    assert len(THRESHOLD.rows) == 4
