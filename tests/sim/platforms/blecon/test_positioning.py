from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.platforms.blecon import Position, PositionRule
from tests.sim.platforms.cases import UTC_MS

METRE = 1 / 111_195  # degrees of latitude


def at(north_m: float) -> Position:
    return Position(52.0 + north_m * METRE, -0.16, 8.0, True)


def offers(*steps):
    """Offer (second, metres north); gives the seconds at which something was reported."""
    rule = PositionRule()
    return [s for s, north_m in steps if rule.reports("d", at(north_m), UTC_MS + s * 1000)]


@pytest.mark.parametrize(
    ("steps", "reported"),
    [
        ([(0, 0)], [0]),
        ([(0, 0), (10, 29), (20, 29)], [0]),
        ([(0, 0), (10, 31), (20, 2), (30, 0)], [0, 10, 30]),  # back by 29 m, by 31 m
        ([(0, 0), (10, 20), (20, 40)], [0, 20]),  # slow movement adds up
        ([(0, 0), (599, 0), (600, 0), (1199, 0), (1200, 0)], [0, 600, 1200]),
    ],
)
def test_a_position_is_reported_on_movement_or_after_ten_minutes(steps, reported):
    assert offers(*steps) == reported


def test_devices_are_kept_apart():
    rule = PositionRule()
    assert [rule.reports(d, at(0), UTC_MS) for d in ("a", "b", "a")] == [True, True, False]


@given(st.lists(st.tuples(st.integers(1, 900), st.floats(-200, 200)), min_size=1, max_size=40))
def test_nobody_is_ever_further_off_than_the_threshold_unreported(steps):
    rule, now, last = PositionRule(), UTC_MS, None
    for seconds, north_m in steps:
        now += seconds * 1000
        if rule.reports("d", at(north_m), now):
            last = (now, north_m)
        assert now - last[0] < 600_000
        assert abs(north_m - last[1]) < 30.1
