from __future__ import annotations

from datetime import UTC, datetime, time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.sources.outings import ALONE, GAP_MAX_MS, Choice, chosen, outings
from sim.sources.track import Track, TrackFix, TrackPoint

T0 = 1_714_557_600_000  # 2024-05-01T10:00Z
DAY_MS = 86_400_000


def track(*moments_ms: int) -> Track:
    return Track(tuple(TrackPoint(T0 + ms, TrackFix(47.5, 8.5)) for ms in moments_ms))


TWO = track(0, 10_000, 20_000, DAY_MS, DAY_MS + 10_000)


def moments(*arguments) -> list[int]:
    return [point.utc_ms - T0 for point in chosen(TWO, Choice(*arguments), "walk.gpx").points]


def test_a_gap_is_refused_with_both_ends_and_the_ways_out():
    with pytest.raises(InputError) as refusal:
        moments()
    assert str(refusal.value) == (
        "walk.gpx: nothing is known from 2024-05-01T10:00:20Z to 2024-05-02T10:00:00Z (23 h): it "
        "has 2 outings: 1 (3 points from 2024-05-01T10:00:00Z), 2 (2 points from "
        "2024-05-02T10:00:00Z); take one with --outing N, cut with --from and --until, or insist "
        "with --through-gaps"
    )


def test_one_outing_is_taken():
    assert moments(1) == [0, 10_000, 20_000]
    assert moments(2) == [DAY_MS, DAY_MS + 10_000]
    with pytest.raises(InputError, match="no outing 3; it has 2 outings"):
        moments(3)


def test_a_time_of_day_is_of_the_first_day_and_a_moment_is_one():
    assert moments(None, time(10, 0, 10), time(10, 0, 20)) == [10_000, 20_000]
    assert moments(None, datetime(2024, 5, 2, tzinfo=UTC)) == [DAY_MS, DAY_MS + 10_000]
    assert moments(None, datetime(2024, 5, 2)) == [DAY_MS, DAY_MS + 10_000]
    with pytest.raises(InputError, match="nothing between --from and --until; it goes from 2024"):
        moments(None, datetime(2025, 1, 1, tzinfo=UTC))


def test_who_insists_drives_through():
    assert len(moments(None, None, None, True)) == 5


def test_a_lone_wrong_clock_is_dropped_and_counted():
    for wrong_ms in (-14_000 * DAY_MS, 20_000 * DAY_MS):
        walk = track(*sorted([0, 10_000, 20_000, wrong_ms]))
        kept = chosen(walk, Choice(), "walk.gpx")
        assert [p.utc_ms - T0 for p in kept.points] == [0, 10_000, 20_000]
        assert kept.skipped.counts == ((ALONE, 1),)


def test_of_two_points_none_is_the_wrong_one():
    with pytest.raises(InputError, match="2 outings"):
        chosen(track(0, DAY_MS), Choice(), "walk.gpx")


@given(st.lists(st.integers(1, 3 * GAP_MAX_MS), max_size=30))
def test_outings_are_the_track_in_order_and_only_gaps_lie_between(steps_ms):
    walk = [0]
    for step in steps_ms:
        walk.append(walk[-1] + step)
    points = track(*walk).points
    parts = list(outings(points))
    assert tuple(point for part in parts for point in part) == points
    for part in parts:
        assert all(b.utc_ms - a.utc_ms <= GAP_MAX_MS for a, b in pairwise(part))
    assert all(b[0].utc_ms - a[-1].utc_ms > GAP_MAX_MS for a, b in pairwise(parts))
