"""Percent from volts: whole, within bounds, and never falling as the voltage rises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hil.card.lipo import battery_pct


@given(st.integers(0, 6000), st.integers(0, 500))
def test_more_volts_are_never_fewer_percent(voltage_mv, more_mv):
    assert 0 <= battery_pct(voltage_mv) <= battery_pct(voltage_mv + more_mv) <= 100


def test_points_of_the_curve():
    assert [battery_pct(mv) for mv in (3000, 3690, 3840, 4200, 5000)] == [0, 10, 50, 100, 100]
