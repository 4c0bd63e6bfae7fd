from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString

from badge.errors import InputError
from sim.world.site import WGS84_A_M, WGS84_E2, Plane, Site, area, area_of_degrees, path_inside

SQUARE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
planes = st.builds(Plane, st.floats(-75, 75), st.floats(-180, 180))
near = st.floats(-5000, 5000)


def east_north(origin: Plane, lat: float, lon: float) -> tuple[float, float]:
    """The exact local tangent plane, by way of the earth's centre: an independent map."""

    def ecef(lat, lon):
        phi, lam = math.radians(lat), math.radians(lon)
        n = WGS84_A_M / math.sqrt(1.0 - WGS84_E2 * math.sin(phi) ** 2)
        across = n * math.cos(phi)
        return across * math.cos(lam), across * math.sin(lam), n * (1 - WGS84_E2) * math.sin(phi)

    here, there = ecef(origin.lat, origin.lon), ecef(lat, lon)
    dx, dy, dz = (b - a for a, b in zip(here, there, strict=True))
    phi, lam = math.radians(origin.lat), math.radians(origin.lon)
    east = -math.sin(lam) * dx + math.cos(lam) * dy
    ahead = math.cos(lam) * dx + math.sin(lam) * dy
    return east, -math.sin(phi) * ahead + math.cos(phi) * dz


@settings(deadline=None)
@given(planes, near, near)
def test_there_and_back_is_within_the_quantum(plane, x, y):
    back = plane.to_xy(*plane.to_latlon(x, y))
    assert math.dist(back, (x, y)) <= 0.08


@settings(deadline=None)
@given(planes, near, near)
def test_degrees_are_quantised_to_a_millionth(plane, x, y):
    lat, lon = plane.to_latlon(x, y)
    assert (lat, lon) == (round(lat, 6), round(lon, 6))
    assert -180.0 <= lon <= 180.0


@settings(deadline=None)
@given(st.builds(Plane, st.floats(-60, 60), st.floats(-180, 180)), near, near)
def test_lengths_are_off_by_no_more_than_stated(plane, x, y):
    lat, lon = plane.to_latlon(x, y)
    east, north = east_north(plane, lat, lon)
    slope = math.tan(math.radians(abs(plane.lat))) / 6.36e6
    assert abs(east - x) <= abs(x * y) * slope * 1.01 + 0.15 + 0.01 * abs(x) / 5000
    assert abs(north - y) <= x * x * slope / 2 * 1.01 + abs(x * y) * 1e-8 + 0.35


def test_the_figures_in_the_docstring():
    plane = Plane(60.0, 10.0)
    for reach, most in ((1000.0, 0.4), (5000.0, 7.0)):
        east, _ = east_north(plane, *plane.to_latlon(reach, reach))
        assert 0.5 * most < abs(east - reach) < most


def test_the_date_line_does_not_tear_a_site():
    plane = Plane(-17.0, 179.9999)
    lat, lon = plane.to_latlon(100.0, 0.0)
    assert lon < -179.0
    assert plane.to_xy(lat, lon) == pytest.approx((100.0, 0.0), abs=0.1)


def test_an_area_holds_its_border_and_not_its_hole():
    yard = area("yard", "parcel", SQUARE, [[(4, 4), (6, 4), (6, 6), (4, 6)]])
    assert yard.contains(1, 1)
    assert yard.contains(0, 5)
    assert not yard.contains(5, 5)
    assert not yard.contains(11, 5)


@pytest.mark.parametrize(
    ("ring", "said"),
    [
        ([(0, 0), (10, 10), (10, 0), (0, 10)], r"Self-intersection near 5 5"),
        ([(0, 0), (1, 1)], "at least 3 different corners"),
        ([(0, 0), (1, 1), (0, 0), (1, 1)], "at least 3 different corners"),
        ([(0, 0), (1, 1), (2, 2)], "simple polygon|on one line"),
        ([(0, 0), (1, math.nan), (2, 0)], "not a finite number"),
    ],
)
def test_what_is_no_polygon_is_refused_in_words(ring, said):
    with pytest.raises(InputError, match=said):
        area("yard", "parcel", ring)


def test_an_unknown_kind_is_refused():
    with pytest.raises(InputError, match=r"kind 'lake' is unknown; use one of parcel"):
        area("yard", "lake", SQUARE)


def test_geojson_puts_longitude_first():
    plane = Plane(45.0, 15.0)
    ring = [[15.0, 45.0], [15.001, 45.0], [15.001, 45.001], [15.0, 45.0]]
    assert area_of_degrees(plane, "p", "parcel", [ring]).contains(70.0, 20.0)
    with pytest.raises(InputError, match="longitude first"):
        area_of_degrees(plane, "p", "parcel", [[[15.0, 145.0], [1.0, 2.0], [3.0, 4.0]]])
    with pytest.raises(InputError, match="no ring"):
        area_of_degrees(plane, "p", "parcel", [])


def test_the_worst_sky_wins():
    wood = area("wood", "tree_cover", [(0, 0), (50, 0), (50, 50), (0, 50)])
    shed = area("shed", "indoor", SQUARE)
    site = Site(Plane(45.0, 15.0), (wood, shed, area("p1", "parcel", SQUARE)))
    assert [site.sky_at(5, 5), site.sky_at(30, 30), site.sky_at(60, 60)] == [
        "indoor",
        "tree_cover",
        "open",
    ]
    assert site.parcel_at(5, 5) == site.named("p1")
    assert site.parcel_at(30, 30) is None


def test_names_are_unique_and_known():
    one = area("p1", "parcel", SQUARE)
    with pytest.raises(InputError, match="listed twice"):
        Site(Plane(45.0, 15.0), (one, one))
    with pytest.raises(InputError, match="known are: p1"):
        Site(Plane(45.0, 15.0), (one,)).named("p2")


@pytest.mark.parametrize(("lat", "lon"), [(91.0, 0.0), (0.0, 200.0), (math.nan, 0.0)])
def test_an_origin_off_the_map_is_refused(lat, lon):
    with pytest.raises(InputError, match="site origin"):
        Plane(lat, lon)


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
