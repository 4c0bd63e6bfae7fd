from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString

from badge.errors import InputError
from sim.world.paths import path_inside
from sim.world.site import area

ELL = area("ell", "parcel", [(0, 0), (40, 0), (40, 10), (10, 10), (10, 40), (0, 40)])
RING = area(
    "ring", "path", [(0, 0), (30, 0), (30, 30), (0, 30)], [[(10, 10), (20, 10), (20, 20), (10, 20)]]
)


def length(way):
    return sum(math.dist(a, b) for a, b in pairwise(way))


def test_what_is_in_sight_is_walked_straight():
    assert path_inside(ELL, (1, 1), (39, 9)) == [(1, 1), (39, 9)]


def test_a_corner_is_walked_around():
    assert path_inside(ELL, (35, 5), (5, 35)) == [(35, 5), (10, 10), (5, 35)]


def test_a_hole_is_walked_around_on_the_shorter_side():
    way = path_inside(RING, (5, 14), (25, 14))
    assert way == [(5, 14), (10, 10), (20, 10), (25, 14)]


@settings(deadline=None)
@given(*[st.floats(0, 40)] * 4)
def test_the_way_never_leaves_and_is_never_shorter_than_the_crow(ax, ay, bx, by):
    assume(ELL.contains(ax, ay) and ELL.contains(bx, by))
    way = path_inside(ELL, (ax, ay), (bx, by))
    assert (way[0], way[-1]) == ((ax, ay), (bx, by))
    assert all(ELL.polygon.buffer(1e-5).covers(LineString(leg)) for leg in pairwise(way))
    assert length(way) >= math.dist((ax, ay), (bx, by)) - 1e-9
    assert length(way) <= 81.0


def test_a_way_from_outside_is_refused():
    with pytest.raises(InputError, match=r"'ell': the point 20.0, 20.0 is outside"):
        path_inside(ELL, (20, 20), (1, 1))
