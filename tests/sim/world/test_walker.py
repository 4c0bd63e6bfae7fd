from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from shapely import Point

from badge.errors import InputError
from sim.engine.draws import draws
from sim.world.site import Plane, area
from sim.world.walker import Walker
from sim.world.work import TRIMMING

HOUR_MS = 3_600_000
YARD = area("yard", "parcel", [(0, 0), (40, 0), (40, 10), (10, 10), (10, 40), (0, 40)])


def walker(seed=1, at=(5.0, 5.0), t_ms=0):
    return Walker(draws(seed, "walker"), at, t_ms)


def test_people_walk_as_weidmann_measured():
    speeds = np.array([walker(seed).walk_m_s for seed in range(3000)])
    assert speeds.mean() == pytest.approx(1.34, abs=0.02)
    assert speeds.std() == pytest.approx(0.26, abs=0.02)
    assert 0.7 <= speeds.min() < speeds.max() <= 2.0


def test_a_walk_takes_as_long_as_its_speed_says():
    one = walker().walk((105.0, 5.0))
    speed = one.journey().speed_at(1000)
    assert speed == pytest.approx(one.walk_m_s, rel=0.2)
    assert one.now_ms == pytest.approx(100_000.0 / speed, abs=1.0)


def test_a_walk_inside_turns_the_corner():
    journey = walker(at=(35.0, 5.0)).walk_inside(YARD, (5.0, 35.0)).journey()
    for t_ms in range(0, journey.end_ms, 500):
        x, y = journey.position_at(t_ms)
        assert YARD.polygon.buffer(1e-6).covers(Point(x, y))


def test_work_stays_inside_moves_a_little_and_ends_on_time():
    one = walker().work(YARD, 4 * HOUR_MS)
    journey = one.journey()
    times = np.arange(0, 4 * HOUR_MS, 1000)
    xs, ys = journey.xy_at(times)
    assert all(YARD.contains(x, y) for x, y in zip(xs[::60], ys[::60], strict=True))
    moving = np.mean([journey.moving_at(int(t)) for t in times[::5]])
    assert 0.45 < moving < 0.7
    assert one.now_ms == journey.end_ms == 4 * HOUR_MS


def test_spells_in_place_are_as_stated():
    kind = replace(TRIMMING, place_median_s=13.0, place_sigma=0.8)
    one = walker().work(YARD, 40 * HOUR_MS, kind)
    still = [
        (now.t_ms, then.t_ms)
        for now, then in pairwise(one._knots)
        if (now.x_m, now.y_m) == (then.x_m, then.y_m)
    ]
    spells_s = np.diff(still, axis=1).ravel() / 1000
    assert len(spells_s) > 3000
    low_s, median_s, high_s = np.quantile(spells_s, (0.25, 0.5, 0.75))
    assert median_s == pytest.approx(13.0, rel=0.06)
    assert np.log(high_s / low_s) == pytest.approx(2 * 0.6745 * 0.8, rel=0.06)  # of a lognormal


def test_hands_and_engines_are_felt_where_nothing_is_carried():
    """An accelerometer hears more than displacement: trimming shakes, driving stops shake."""
    journey = walker().work(YARD, 4 * HOUR_MS, TRIMMING).journey()
    times = range(0, 4 * HOUR_MS, 1000)
    felt = np.mean([journey.moving_at(t) for t in times])
    carried = np.mean([journey.speed_at(t) > 0.3 for t in times])
    assert felt > 0.8
    assert carried < 0.1
    drive = Walker(draws(3, "d"), (0.0, 0.0), 0)
    for corner in range(1, 40):
        drive.drive([(50.0 * corner, 0.0)], 8.0)
    way = drive.journey()
    stops = [t for t in range(0, way.end_ms, 500) if way.speed_at(t) == 0.0]
    assert stops
    assert all(way.moving_at(t) for t in stops)


def test_standing_turns_but_does_not_move():
    journey = walker().stand(10 * 60_000).journey()
    times = np.arange(0, 10 * 60_000, 1000)
    assert len(set(journey.heading_at(times).tolist())) > 10
    assert not any(journey.moving_at(int(t)) for t in times)
    assert journey.position_at(300_000) == (5.0, 5.0)


def test_a_drive_keeps_near_its_speed_and_sometimes_stops():
    corners = [(100.0 * n, 50.0 * (n % 2)) for n in range(1, 200)]
    journey = walker(at=(0.0, 0.0)).drive(corners, 6.0).journey()
    speeds = [journey.speed_at(t) for t in range(0, journey.end_ms, 1000)]
    driving = [speed for speed in speeds if speed]
    assert np.mean(driving) == pytest.approx(6.0, rel=0.05)
    assert 4.5 <= min(driving) <= max(driving) <= 7.51
    assert 0.02 < 1.0 - len(driving) / len(speeds) < 0.25


@dataclass(frozen=True)
class Degrees:
    lat: float
    lon: float


class NorthWithAGap:
    """Goes north 1.1 m a second and says nothing from 20 s to 40 s."""

    def fix_at(self, utc_ms):
        second = (utc_ms - 1_700_000_000_000) / 1000.0
        return None if 20 < second <= 40 else Degrees(45.0 + second * 1e-5, 15.0)


class Waits(NorthWithAGap):
    """Sets out at 0 s, and stands at the origin before."""

    def fix_at(self, utc_ms):
        return super().fix_at(max(utc_ms, 1_700_000_000_000))


def test_a_real_track_is_followed_and_its_gaps_rested():
    plane = Plane(45.0, 15.0)
    one = walker(at=(0.0, 0.0), t_ms=5000)
    journey = one.follow(NorthWithAGap(), plane, 1_700_000_000_000, 65_000).journey()
    assert journey.position_at(15_000)[1] == pytest.approx(11.1, abs=0.05)
    assert not journey.moving_at(35_000)
    assert journey.position_at(65_000)[1] == pytest.approx(66.7, abs=0.1)
    assert one.now_ms == 65_000


@pytest.mark.parametrize("stands_ms", [0, 3000])
def test_who_follows_together_goes_as_he_would_alone(stands_ms):
    plane = Plane(45.0, 15.0)

    def ride(seed, **how):
        one = walker(seed, at=(0.0, 0.0)).stand(60_000)
        start_ms = 1_700_000_000_000 - stands_ms
        journey = one.follow(Waits(), plane, start_ms, 80_000, **how).stand(90_000).journey()
        return [column.tolist() for column in journey.columns]

    assert ride(1) != ride(2)  # they have faced another way
    for seed in (1, 2, 1):
        assert ride(seed, together=True) == ride(seed)


def test_the_same_seed_walks_the_same_day_and_another_one_does_not():
    def day(seed):
        one = walker(seed).work(YARD, HOUR_MS).walk((20.0, 5.0)).stand(2 * HOUR_MS)
        xs, ys = one.journey().xy_at(np.arange(0, 2 * HOUR_MS, 7777))
        return xs.tobytes() + ys.tobytes()

    assert day(1) == day(1)
    assert day(1) != day(2)


def test_an_impossible_day_is_said():
    with pytest.raises(InputError, match=r"worker: the day is impossible: at least 52 min late"):
        walker().walk((5000.0, 5.0)).stand(60_000)
    with pytest.raises(InputError, match="stands outside of it; walk there first"):
        walker(at=(30.0, 30.0)).work(YARD, HOUR_MS)
    with pytest.raises(InputError, match="driving speed"):
        walker().drive([(9.0, 9.0)], 300.0)


def test_a_walker_who_did_nothing_stands_where_he_is():
    journey = walker(at=(1.0, 2.0), t_ms=9).journey()
    assert journey.position_at(0) == journey.position_at(99) == (1.0, 2.0)
    assert math.isclose(journey.speed_at(9), 0.0)
