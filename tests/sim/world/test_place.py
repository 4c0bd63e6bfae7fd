from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.world.place import Spot, gap_m

edge = st.floats(-50, 50)


def test_a_spot_stays():
    x, y = Spot(3.0, -4.0).xy_at(np.array([0, 10**12]))
    assert x.tolist() == [3.0, 3.0]
    assert y.tolist() == [-4.0, -4.0]
    assert Spot(3.0, -4.0).box_over(0, 9) == (3.0, -4.0, 3.0, -4.0)


def test_boxes_that_touch_have_no_gap():
    assert gap_m((0, 0, 2, 2), (2, 2, 3, 3)) == 0.0
    assert gap_m((0, 0, 1, 1), (4, 5, 6, 7)) == pytest.approx(5.0)


@settings(deadline=None)
@given(edge, edge, edge, edge, edge, edge)
def test_the_gap_is_never_more_than_any_distance_between_them(a, b, c, d, x, y):
    box = (min(a, c), min(b, d), max(a, c), max(b, d))
    assert gap_m(box, (x, y, x, y)) <= math.hypot(x - a, y - b) + 1e-9
    assert gap_m(box, (x, y, x, y)) == gap_m((x, y, x, y), box)
