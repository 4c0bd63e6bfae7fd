from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import MisuseError
from sim.world import movement
from sim.world.movement import MOVING_M_S, Journey, Knot, heading_of

FAR = st.floats(-500, 500)


@st.composite
def journeys(draw):
    gaps = draw(st.lists(st.integers(1, 100_000), min_size=1, max_size=12))
    times = np.cumsum(gaps).tolist()
    return Journey([Knot(t, draw(FAR), draw(FAR), draw(st.floats(-3, 3)), "walk") for t in times])


@given(journeys(), st.lists(st.integers(-1000, 2_000_000), max_size=9))
def test_of_a_long_journey_the_knots_that_matter_say_the_same(journey, asked):
    times = np.array(asked, np.int64)
    whole = journey.xy_at(times)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(movement, "FEW_KNOTS", 0)
        told = journey.xy_at(times)
    assert [one.tolist() for one in told] == [one.tolist() for one in whole]


SHUTTLE = Journey(
    [
        Knot(1000, 0.0, 0.0, 0.5, "walk"),
        Knot(11_000, 13.4, 0.0, 1.5, "work"),
        Knot(21_000, 13.4, 0.0, 2.5, "drive"),
        Knot(22_000, 13.4, 10.0, 2.5, "stand"),
    ]
)


def test_positions_between_knots_are_on_the_line():
    assert SHUTTLE.position_at(6000) == pytest.approx((6.7, 0.0))
    assert SHUTTLE.position_at(0) == (0.0, 0.0)
    assert SHUTTLE.position_at(10**9) == (13.4, 10.0)


def test_speed_moving_and_activity_change_at_the_knot():
    assert [SHUTTLE.speed_at(t) for t in (0, 1000, 10_999, 11_000, 21_500, 22_000)] == (
        pytest.approx([0.0, 1.34, 1.34, 0.0, 10.0, 0.0])
    )
    assert SHUTTLE.changes() == [(1000, True), (11_000, False), (21_000, True), (22_000, False)]
    assert [SHUTTLE.activity_at(t) for t in (0, 5000, 15_000, 21_000, 30_000)] == [
        "stand",
        "walk",
        "work",
        "drive",
        "stand",
    ]


def test_slower_than_a_third_of_a_metre_a_second_is_not_moving():
    slow = Journey([Knot(0, 0, 0, 0, "walk"), Knot(10_000, 2.9, 0, 0, "walk")])
    fast = Journey([Knot(0, 0, 0, 0, "walk"), Knot(10_000, 3.1, 0, 0, "walk")])
    assert not slow.moving_at(5000)
    assert fast.moving_at(5000)


def test_a_heading_holds_from_its_knot_on():
    asked = np.array([0, 1000, 10_999, 11_000, 40_000])
    assert SHUTTLE.heading_at(asked).tolist() == [0.5, 0.5, 0.5, 1.5, 2.5]
    assert heading_of((0, 0), (0, 2)) == pytest.approx(math.pi / 2)


@settings(deadline=None)
@given(journeys(), st.lists(st.integers(-1000, 1_500_000), max_size=20))
def test_many_positions_at_once_are_the_single_ones(journey, times):
    xs, ys = journey.xy_at(np.array(times, dtype=np.int64))
    for t_ms, x, y in zip(times, xs, ys, strict=True):
        assert journey.position_at(t_ms) == pytest.approx((x, y), abs=1e-9)


@settings(deadline=None)
@given(journeys(), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 1000))
def test_the_box_holds_every_position(journey, t0, span, part):
    x0, y0, x1, y1 = journey.box_over(t0, t0 + span)
    x, y = journey.position_at(t0 + span * part // 1000)
    assert x0 - 1e-9 <= x <= x1 + 1e-9
    assert y0 - 1e-9 <= y <= y1 + 1e-9


@settings(deadline=None)
@given(journeys())
def test_changes_tell_moving_at_every_knot(journey):
    now = False
    told = dict(journey.changes())
    for t_ms in range(journey.start_ms, journey.end_ms + 1, max(1, journey.end_ms // 50)):
        now = [m for at, m in told.items() if at <= t_ms][-1]
        assert journey.moving_at(t_ms) == now == (journey.speed_at(t_ms) > MOVING_M_S)


@pytest.mark.parametrize("times", [[], [5, 5], [5, 4]])
def test_times_must_go_up(times):
    with pytest.raises(MisuseError):
        Journey([Knot(t, 0.0, 0.0, 0.0, "walk") for t in times])


def test_a_knot_is_cheap_to_keep():
    assert len(SHUTTLE) == 4
    assert not hasattr(SHUTTLE, "__dict__")


def test_many_places_are_to_the_last_bit_those_of_each_moment():
    times = np.arange(SHUTTLE.start_ms - 500, SHUTTLE.end_ms + 500, 137)
    xs, ys = SHUTTLE.places_at(times)
    assert [SHUTTLE.position_at(ms) for ms in times.tolist()] == list(
        zip(xs.tolist(), ys.tolist(), strict=True)
    )
    still = Journey([Knot(5, 1.5, 2.5, 0.0, "stand")])
    assert [one.tolist() for one in still.places_at(np.array([0, 5, 9]))] == [[1.5] * 3, [2.5] * 3]
