"""Contract section 3, GPS, and the two gps events of section 2."""

from __future__ import annotations

from math import inf, nan

import pytest

from badge.effects import PollGps
from badge.errors import MisuseError
from badge.inputs import ConfigPush, GpsFix, Movement
from badge.machines.core import Core
from badge.machines.gps import GPS, Gps, GpsFact
from badge.machines.table import never
from badge.storage.memory import MemoryStore
from tests.badge.rig import Rig

FIX = GpsFix(45.5, 15.5, hdop=1.5)


def gps_only(rig):
    return [(s, kind) for s, kind, _ in rig.events("gps", "gps_no_fix")]


def walking(rig):
    """Keep it moving, so that every poll is taken while moving."""
    rig.give(Movement(True))
    return rig


def test_the_first_poll_is_at_the_shifts_start_and_then_every_15_s():
    rig = walking(Rig())
    rig.assign(3)
    rig.until(48)
    assert rig.moments(PollGps) == [3, 18, 33, 48]


def test_a_poll_waits_10_s_for_a_fix_and_a_later_one_is_ignored():
    rig = walking(Rig())
    rig.assign(0)
    rig.give(FIX, 10)
    rig.give(FIX, 25.001)
    rig.give(FIX, 26)
    rig.give(FIX, 31)
    rig.give(FIX, 32)
    assert gps_only(rig) == [(10, "gps"), (25.001, "gps_no_fix"), (31, "gps")]
    assert rig.events("gps_no_fix")[0][2]["timeout_s"] == 10


def test_the_period_becomes_60_s_after_more_than_5_polls_taken_while_stationary():
    rig = Rig()
    rig.assign(0)
    rig.until(200)
    assert rig.moments(PollGps) == [0, 15, 30, 45, 60, 75, 135, 195]


def test_a_shift_that_starts_moving_has_no_stationary_poll_yet():
    rig = walking(Rig())
    rig.give(Movement(False), 0)
    rig.assign(20)  # it settles at 30, before the second poll, which is the first of six
    rig.until(175)
    assert rig.moments(PollGps) == [20, 35, 50, 65, 80, 95, 110, 170]


@pytest.mark.parametrize(
    ("moves_s", "next_s"),
    [
        (140, 150),  # last poll at 135: 135 + 15 is still to come
        (170, 170),  # it is over: at once
        (150, 150),
    ],
)
def test_on_motion_the_next_poll_is_due_at_max_of_now_and_last_poll_plus_15_s(moves_s, next_s):
    rig = Rig()
    rig.assign(0)
    rig.give(Movement(True), moves_s)
    rig.until(next_s + 15)
    assert rig.moments(PollGps)[-3:] == [135, next_s, next_s + 15]


def test_polls_while_moving_begin_the_count_anew():
    rig = Rig()
    rig.assign(0)
    rig.give(Movement(True), 61)
    rig.give(Movement(False), 62)  # stationary again at 92
    rig.until(300)
    assert rig.moments(PollGps)[5:] == [75, 90, 105, 120, 135, 150, 165, 180, 240, 300]


def test_movement_between_two_polls_begins_the_count_anew():
    rig = Rig(gps_interval_s=20, stationary_after_s=1, gps_stationary_interval_s=100)
    rig.assign(0)
    rig.give(Movement(True), 61)
    rig.give(Movement(False), 62)
    rig.until(400)
    polls = rig.moments(PollGps)
    assert polls[:10] == [0, 20, 40, 60, 80, 100, 120, 140, 160, 180]
    assert polls[10:] == [280, 380]


def test_accuracy_is_dop_times_uere_and_six_decimals_are_kept():
    rig = Rig(gps_uere_m=4.0)
    rig.assign(0)
    rig.give(GpsFix(45.12345678, -15.98765432, hdop=1.25, altitude_m=99.96, speed_kmh=4.04), 1)
    assert rig.events("gps")[0][2] == {
        "lat": 45.123457,
        "lon": -15.987654,
        "accuracy_m": 5.0,
        "altitude_m": 100.0,
        "speed_kmh": 4.0,
        "fix_type": "3d",
    }


def test_the_default_uere_is_3_m_and_a_known_accuracy_wins():
    rig = Rig()
    rig.assign(0)
    rig.give(FIX, 1)
    rig.give(GpsFix(1, 2, accuracy_m=7.25, hdop=9, fix_type="2d"), 16)
    assert [(p["accuracy_m"], p["fix_type"]) for _, _, p in rig.events("gps")] == [
        (4.5, "3d"),
        (7.2, "2d"),
    ]


@pytest.mark.parametrize(("no_fix_s", "known"), [(285, True), (300, True), (315, False)])
def test_the_last_known_position_is_told_for_5_minutes(no_fix_s, known):
    rig = walking(Rig(gps_timeout_s=15))
    rig.assign(0)
    rig.give(FIX, 0)
    rig.until(330)
    payload = next(p for s, _, p in rig.events("gps_no_fix") if s == no_fix_s)
    wanted = {"last_known_lat": 45.5, "last_known_lon": 15.5} if known else {}
    assert payload == {"timeout_s": 15, **wanted}


@pytest.mark.parametrize(
    "fix",
    [
        GpsFix(nan, 0),
        GpsFix(90.1, 0),
        GpsFix(-90.1, 0),
        GpsFix(0, 180.1),
        GpsFix(0, 0, accuracy_m=inf),
        GpsFix(0, 0, hdop=inf),
        GpsFix(0, 0, speed_kmh=inf),
        GpsFix(0, 0, altitude_m=inf),
        GpsFix(0, -180.1),
        GpsFix(0, inf),
        GpsFix(0, 0, accuracy_m=-1),
        GpsFix(0, 0, hdop=nan),
        GpsFix(0, 0, speed_kmh=-0.1),
        GpsFix(0, 0, altitude_m=-inf),
    ],
)
def test_a_position_that_cannot_be_is_no_fix(fix):
    rig = Rig()
    rig.assign(0)
    rig.give(fix, 1)
    rig.give(FIX, 2)
    assert gps_only(rig) == [(2, "gps")]


@pytest.mark.parametrize("lat", [-90, 90])
@pytest.mark.parametrize("lon", [-180, 180])
def test_the_ends_of_the_earth_are_on_it(lat, lon):
    rig = Rig()
    rig.assign(0)
    rig.give(GpsFix(lat, lon), 1)
    assert rig.events("gps")[0][2] | {"lat": lat, "lon": lon} == rig.events("gps")[0][2]


def test_there_is_no_minus_zero():
    rig = Rig()
    rig.assign(0)
    rig.give(GpsFix(-0.0000001, -0.0, altitude_m=-0.01), 1)
    payload = rig.events("gps")[0][2]
    assert [str(payload[key]) for key in ("lat", "lon", "altitude_m")] == ["0.0"] * 3


def test_a_wait_as_long_as_the_interval_ends_at_the_next_poll():
    rig = walking(Rig(gps_timeout_s=20))
    rig.assign(0)
    rig.until(16)
    assert gps_only(rig) == [(15, "gps_no_fix")]
    assert rig.events("gps_no_fix")[0][2] == {"timeout_s": 15}


def test_a_push_during_a_wait_leaves_that_wait_alone():
    rig = walking(Rig())
    rig.assign(0)
    rig.give(ConfigPush({"gps_timeout_s": 4, "gps_interval_s": 20}), 2)
    rig.until(20)
    assert [(s, p["timeout_s"]) for s, _, p in rig.events("gps_no_fix")] == [
        (10.001, 10),
        (19.001, 4),
    ]


def test_polls_and_fixes_do_nothing_without_a_shift():
    rig = Rig()
    rig.give(FIX, 5)
    rig.give(Movement(True), 6)
    assert rig.moments(PollGps) == []
    assert gps_only(rig) == []


@pytest.mark.parametrize("fact", [f for f in GpsFact if GPS.rows["off", f][1] is never])
def test_what_cannot_happen_while_off_is_a_misuse(fact):
    gps = Gps(Core(Rig().badge.config, MemoryStore()))
    with pytest.raises(MisuseError):
        gps.on(fact)
