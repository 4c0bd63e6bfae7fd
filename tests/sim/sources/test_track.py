from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError, MisuseError
from sim.sources.open import read_track
from sim.sources.track import MAX_GAP_MS, Track, TrackFix, TrackPoint, distance_m, track_of
from tests.paths import RECORDINGS

T0 = 1_700_000_000_000

lats = st.floats(-90, 90)
lons = st.floats(-180, 180)
fixes = st.none() | st.builds(TrackFix, lats, lons, st.none() | st.floats(-400, 9000))
tracks = st.lists(
    st.builds(TrackPoint, st.integers(T0, T0 + 600_000), fixes), min_size=1, max_size=30
).map(track_of)


def recording(name: str) -> Path:
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not beside the checkout")
    return path


def walk(*points: tuple[int, float | None, float]) -> Track:
    """(seconds, latitude or None, longitude) to a track."""
    return track_of(
        TrackPoint(T0 + seconds * 1000, None if lat is None else TrackFix(lat, lon))
        for seconds, lat, lon in points
    )


@given(tracks)
def test_every_point_gives_its_own_fix_rounded_to_six_decimals(track):
    for point in track.points:
        fix = track.fix_at(point.utc_ms)
        if point.fix is None:
            assert fix is None
        else:
            assert (fix.lat, fix.lon) == (round(point.fix.lat, 6), round(point.fix.lon, 6))


@given(tracks, st.integers(-10_000, 610_000))
def test_a_fix_exists_exactly_near_a_fix(track, offset_ms):
    """The O(log n) answer against the rule said by walking over all points."""
    utc_ms = T0 + offset_ms
    near = any(
        a.fix is not None and a.utc_ms < utc_ms < b.utc_ms and b.utc_ms - a.utc_ms <= MAX_GAP_MS
        for a, b in pairwise(track.points)
    )
    at = any(point.utc_ms == utc_ms and point.fix is not None for point in track.points)
    assert (track.fix_at(utc_ms) is not None) == (near or at)


@given(tracks, st.integers(0, 600_000))
def test_an_interpolated_fix_lies_between_its_neighbours(track, offset_ms):
    utc_ms = T0 + offset_ms
    fix = track.fix_at(utc_ms)
    for a, b in pairwise(track.points):
        if fix is not None and a.fix and b.fix and a.utc_ms < utc_ms < b.utc_ms:
            low, high = sorted((a.fix.lat, b.fix.lat))
            assert low - 1e-6 <= fix.lat <= high + 1e-6
            assert -180 <= fix.lon <= 180


def test_half_way_in_time_is_half_way_in_space():
    fix = walk((0, 10.0, 20.0), (100, 10.002, 20.004)).fix_at(T0 + 50_000)
    assert fix == TrackFix(10.001, 20.002)


def test_the_short_way_leads_over_the_antimeridian():
    track = walk((0, 0.0, 179.999), (100, 0.0, -179.997))
    assert abs(track.fix_at(T0 + 25_000).lon) == 180.0
    assert track.fix_at(T0 + 50_000).lon == -179.999


def test_a_gap_of_120_s_is_bridged_and_a_longer_one_is_not():
    assert walk((0, 1.0, 1.0), (120, 1.0, 1.0)).fix_at(T0 + 60_000)
    longer = walk((0, 1.0, 1.0), (121, 1.0, 1.0))
    assert longer.fix_at(T0 + 60_000) is None
    assert longer.fix_at(T0)
    assert longer.fix_at(T0 + 121_000)


def test_the_last_word_of_the_receiver_holds_until_its_next():
    track = walk((0, 1.0, 1.0), (10, None, 0), (20, 2.0, 2.0))
    assert track.fix_at(T0 + 9_999) == TrackFix(1.0, 1.0)
    assert track.fix_at(T0 + 10_000) is None
    assert track.fix_at(T0 + 19_999) is None


def test_outside_of_the_track_there_is_no_fix():
    track = walk((0, 1.0, 1.0), (10, 1.0, 1.0))
    assert track.fix_at(T0 - 1) is None
    assert track.fix_at(T0 + 10_001) is None


@given(tracks)
def test_movements_begin_at_the_start_and_only_tell_changes(track):
    movements = track.movements()
    assert movements[0][0] == track.start_utc_ms
    assert all(a[0] < b[0] and a[1] != b[1] for a, b in pairwise(movements))
    assert movements[-1][0] <= track.end_utc_ms


def test_moving_is_faster_than_0_3_m_per_s():
    metre = 1 / 111_195
    slow, fast = 10 * 0.29 * metre, 10 * 0.31 * metre
    track = walk((0, 0.0, 0.0), (10, slow, 0.0), (20, slow + fast, 0.0), (30, slow + fast, 0.0))
    assert track.movements() == ((T0, False), (T0 + 10_000, True), (T0 + 20_000, False))


def test_the_speed_of_the_log_outdoes_the_positions():
    points = [
        TrackPoint(T0 + s * 1000, TrackFix(s / 100, 0.0, speed_kmh=v))
        for s, v in [(0, 1.0), (1, 1.1)]
    ]
    assert track_of(points).movements() == ((T0, False), (T0 + 1000, True))


def test_the_state_holds_over_a_gap_and_over_points_without_a_fix():
    track = walk((0, 0.0, 0.0), (10, 0.01, 0.0), (20, None, 0), (30, 5.0, 0.0), (500, 5.0, 0.0))
    assert track.movements() == ((T0, True),)


def test_a_track_that_begins_without_a_fix_begins_stationary():
    track = walk((0, None, 0), (10, 0.0, 0.0), (20, 0.01, 0.0))
    assert track.movements() == ((T0, False), (T0 + 10_000, True))


@given(st.lists(st.builds(TrackPoint, st.integers(T0, T0 + 20), fixes), min_size=1))
def test_points_are_sorted_and_of_equal_times_the_first_fix_is_kept(points):
    track = track_of(points)
    for kept in track.points:
        same = [p.fix for p in points if p.utc_ms == kept.utc_ms]
        assert kept.fix == next((fix for fix in same if fix is not None), None)
    assert [p.utc_ms for p in track.points] == sorted({p.utc_ms for p in points})


def test_a_track_without_points_or_with_falling_times_is_misuse():
    point = TrackPoint(T0, None)
    with pytest.raises(MisuseError):
        Track(())
    with pytest.raises(MisuseError):
        Track((point, point))


@given(lats, lons, lats, lons)
def test_distance_is_symmetric_and_at_most_half_the_earth(lat_a, lon_a, lat_b, lon_b):
    there = distance_m(lat_a, lon_a, lat_b, lon_b)
    assert there == pytest.approx(distance_m(lat_b, lon_b, lat_a, lon_a), abs=1e-3)
    assert 0 <= there <= math.pi * 6_371_009


def test_a_degree_of_latitude_is_111_km():
    assert distance_m(45.0, 7.0, 46.0, 7.0) == pytest.approx(111_195, abs=1)


def test_formats_are_told_apart_by_content_and_not_by_suffix(tmp_path):
    gpx = recording("walk-korita.gpx").read_bytes()
    nmea = recording("nmea-sirfstarv.log").read_bytes()
    (tmp_path / "walk.log").write_bytes(b"\xef\xbb\xbf\n" + gpx.lstrip())
    (tmp_path / "walk.gpx").write_bytes(nmea)
    assert (
        read_track(tmp_path / "walk.log").points
        == read_track(RECORDINGS / "walk-korita.gpx").points
    )
    assert len(read_track(tmp_path / "walk.gpx").points) == 59


@pytest.mark.parametrize("content", [b"lat,lon\n1,2\n", bytes(100)])
def test_what_is_neither_format_is_refused(tmp_path, content):
    (tmp_path / "walk").write_bytes(content)
    with pytest.raises(InputError, match=r"walk: neither GPX .* nor an NMEA log"):
        read_track(tmp_path / "walk")
