from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.calibration import estimators
from sim.world.movement import Journey, Knot

levels = st.lists(st.floats(-95, -30), min_size=8, max_size=60).map(np.array)


@settings(deadline=None)
@given(levels, st.floats(-9, 9), st.floats(-20, 20))
def test_only_differences_count_whatever_the_level(rssi, margin_db, shift_db):
    rssi = np.round(rssi)
    shift_db = round(shift_db)
    moved = rssi + shift_db
    facing = np.arange(len(rssi)) % 8
    one = estimators.front_to_back_db(facing, rssi)
    assert estimators.front_to_back_db(facing, moved) == pytest.approx(one, abs=1e-9)
    assert estimators.scatter_db(facing, moved) == pytest.approx(
        estimators.scatter_db(facing, rssi), abs=1e-9
    )


@given(levels)
def test_a_lower_threshold_is_hit_more_often(rssi):
    shares = [estimators.hit_share(rssi, margin) for margin in (-6.0, 0.0, 6.0, 200.0)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_session_is_met_by_three_hits_running_and_lost_by_five_misses_running():
    def lost(hits):
        return estimators.session_lost(np.array([0.0 if h == "x" else -40.0 for h in hits]), 0.0)

    assert lost("xxx.....")
    assert not lost("xxx....x....")
    assert not lost("xx.....xx.....")
    assert lost("..xxx.x.....")


def test_a_cycle_is_its_strongest_sample():
    t_ms = np.array([0, 4999, 5000, 12_000])
    rssi = np.array([-70.0, -60.0, -80.0, -50.0])
    assert estimators.cycle_maxima(t_ms, rssi).tolist() == [-60.0, -80.0, -50.0]


def test_a_wave_is_like_itself_a_period_later_and_unlike_itself_half_a_period_later():
    t_ms = np.arange(0, 60_000, 100)
    wave = np.cos(2 * np.pi * t_ms / 4000)
    assert estimators.autocorrelation(t_ms, wave, 4000) == pytest.approx(1.0, abs=0.02)
    assert estimators.autocorrelation(t_ms, wave, 2000) == pytest.approx(-1.0, abs=0.02)


def test_three_levels_are_told_apart_without_a_channel():
    rssi = np.array([-64.0, -41, -57, -65, -42, -56, -63, -40, -58])
    found = estimators.levels_of(rssi)
    assert found.tolist() == [0, 2, 1] * 3
    assert estimators.scatter_db(found, rssi) < 1.0


def test_inside_missed_and_runs():
    missed = np.array([False, True, True, False, True, False])
    assert estimators.missed_share(missed) == 0.5
    assert estimators.mean_run(missed) == 1.5
    assert estimators.mean_run(~(missed | True)) == 0.0
    assert estimators.inside_share(np.array([1.0, 4.0]), np.array([3.0, 3.0])) == 0.5
    assert estimators.drms_m(np.array([3.0, 4.0])) == pytest.approx(12.5**0.5)


def test_off_a_route_is_the_distance_to_its_nearest_leg():
    route = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)]
    off = estimators.off_route_m(np.array([5.0, 13.0, -3.0]), np.array([2.0, 5.0, 4.0]), route)
    assert off.tolist() == pytest.approx([2.0, 3.0, 5.0])


def test_walking_and_still_spells_of_a_made_up_hour():
    knots = [Knot(0, 0.0, 0.0, 0.0, "work"), Knot(900_000, 0.0, 0.0, 0.0, "walk")]
    knots += [Knot(1_800_000, 900.0, 0.0, 0.0, "work"), Knot(3_600_000, 900.0, 0.0, 0.0, "stand")]
    journey = Journey(knots)
    assert estimators.walking_share(journey, 3_600_000) == pytest.approx(0.25, abs=0.01)
    assert estimators.still_spells_an_hour(journey.changes(), 1.0) == 1.0
