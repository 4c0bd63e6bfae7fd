"""The site: a plane in metres, to WGS84 and back, polygons in it, and the ways inside them."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal, TypeAlias, get_args

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.polygon import orient
from shapely.validation import explain_validity

from badge.errors import InputError
from badge.words import near
from sim.world.place import Box, Floats

Kind: TypeAlias = Literal["parcel", "indoor", "tree_cover", "urban", "path"]
Sky: TypeAlias = Literal["open", "tree_cover", "urban", "indoor"]
SKY_FIRST: tuple[Sky, ...] = ("indoor", "urban", "tree_cover")  # the worst sky wins

Point: TypeAlias = tuple[float, float]
SLACK_M = 1e-6  # corners lie on the border: let rounding not push them out
SURE_M = 1e-6  # nearer to a border than this, the polygon itself is asked
WGS84_A_M = 6_378_137.0
WGS84_E2 = 0.006_694_379_990_14


@dataclass(frozen=True, slots=True)
class Plane:
    """Metres east and north of an origin on WGS84: equirectangular about that origin.

    Radii of curvature are the ellipsoid's at the origin. The map is exactly invertible; its
    lengths are off by at most y * tan(lat) / R of the east part, that is 0.3 m at 1 km by 1 km
    and 60 degrees, 7 m at 5 km by 5 km.
    """

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (abs(self.lat) <= 80.0 and abs(self.lon) <= 180.0):
            raise InputError(
                f"site origin {self.lat}, {self.lon}: latitude must be within ±80 and "
                "longitude within ±180 degrees; give them in that order."
            )

    @property
    def metres_per_degree(self) -> tuple[float, float]:
        """East and north metres in one degree of longitude and of latitude at the origin."""
        return _metres_per_degree(self.lat)

    def to_xy(self, lat: float, lon: float) -> tuple[float, float]:
        """Project degrees to metres (x east, y north)."""
        east, north = self.metres_per_degree
        return _wrap(lon - self.lon) * east, (lat - self.lat) * north

    def to_latlon(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Project metres to degrees, quantised to 1e-6 as the badge's events are (0.11 m)."""
        east, north = self.metres_per_degree
        lat, lon = self.lat + y_m / north, _wrap(self.lon + x_m / east)
        return round(lat * 1e6) / 1e6, round(lon * 1e6) / 1e6

    def to_latlons(self, xs_m: Floats, ys_m: Floats) -> tuple[Floats, Floats]:
        """Project many places at once, each as `to_latlon` does."""
        east, north = self.metres_per_degree
        lons = (self.lon + xs_m / east + 180.0) % 360.0 - 180.0
        return _rounded(self.lat + ys_m / north), _rounded(lons)


@lru_cache(maxsize=64)
def _metres_per_degree(lat: float) -> tuple[float, float]:
    phi = math.radians(lat)
    bend = 1.0 - WGS84_E2 * math.sin(phi) ** 2
    east = WGS84_A_M / math.sqrt(bend) * math.cos(phi)
    north = WGS84_A_M * (1.0 - WGS84_E2) / bend**1.5
    return math.radians(east), math.radians(north)


def _rounded(degrees: Floats) -> Floats:
    """Round to 1e-6; nought has no sign, as no whole number has."""
    return np.rint(degrees * 1e6) / 1e6 + 0.0


def _wrap(lon: float) -> float:
    return (lon + 180.0) % 360.0 - 180.0


@dataclass(frozen=True, slots=True)
class Area:
    """A named polygon in the plane; its border belongs to it.

    A place that is in several pieces is one area each, of one name; `part` counts them.
    """

    name: str
    kind: Kind
    polygon: Polygon
    convex: bool = False
    part: int = 0
    sides: tuple[tuple[float, float, float], ...] = ()
    """Of a convex one: a, b, c of each side; a x + b y + c is how far inside of it a point is."""
    box: Box | None = None
    """Of a rectangle along the axes: its bounds are all there is to it."""

    def contains(self, x_m: float, y_m: float) -> bool:
        """Say whether the point is inside or on the border."""
        if self.box is not None:
            west, south, east, north = self.box
            return west <= x_m <= east and south <= y_m <= north
        if self.sides:
            least_m = min([a * x_m + b * y_m + c for a, b, c in self.sides])
            if abs(least_m) > SURE_M:
                return least_m > 0.0
        return bool(shapely.intersects_xy(self.polygon, x_m, y_m))

    def contain(self, xs_m: Floats, ys_m: Floats) -> NDArray[np.bool_]:
        """Say of many points which are inside or on the border."""
        if self.box is not None:
            west, south, east, north = self.box
            return (xs_m >= west) & (xs_m <= east) & (ys_m >= south) & (ys_m <= north)
        if not self.sides:
            found: NDArray[np.bool_] = shapely.intersects_xy(self.polygon, xs_m, ys_m)
            return found
        least = np.full(len(xs_m), np.inf)
        for a, b, c in self.sides:
            np.minimum(least, a * xs_m + b * ys_m + c, out=least)
        inside = least > 0.0
        unsure = np.flatnonzero(np.abs(least) <= SURE_M)
        if len(unsure):
            inside[unsure] = shapely.intersects_xy(self.polygon, xs_m[unsure], ys_m[unsure])
        return inside

    def contains_way(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """Say whether the straight way between two points stays inside or on the border."""
        if not self.contains(*end):
            return False
        return self.convex or bool(shapely.covers(self.polygon, LineString([start, end])))


def area(
    name: str,
    kind: Kind,
    ring: Sequence[tuple[float, float]],
    holes: Iterable[Sequence[tuple[float, float]]] = (),
) -> Area:
    """Make an area of rings in metres (closed or not); InputError when it is no polygon."""
    if kind not in get_args(Kind):
        kinds = ", ".join(get_args(Kind))
        raise InputError(f"area {name!r}: kind {kind!r} is unknown; use one of {kinds}.")
    for points in (ring, *holes):
        _check_ring(name, points)
    polygon = Polygon(ring, list(holes))
    _check_shape(name, polygon)
    shapely.prepare(polygon)
    convex = bool(polygon.equals(polygon.convex_hull))
    if not convex:
        return Area(name, kind, polygon)
    edges = list(pairwise(polygon.exterior.coords))
    along = all(start[0] == end[0] or start[1] == end[1] for start, end in edges)
    box = polygon.bounds if along else None
    return Area(name, kind, polygon, convex, sides=_sides(polygon), box=box)


def _sides(polygon: Polygon) -> tuple[tuple[float, float, float], ...]:
    sides = []
    for (x0, y0), (x1, y1) in pairwise(orient(polygon).exterior.coords):
        metres = math.hypot(x1 - x0, y1 - y0)
        if metres == 0.0:
            continue
        a, b = (y0 - y1) / metres, (x1 - x0) / metres
        sides.append((a, b, -(a * x0 + b * y0)))
    return tuple(sides)


def _check_ring(name: str, points: Sequence[tuple[float, float]]) -> None:
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
        raise InputError(f"area {name!r}: a corner is not a finite number; correct it.")
    if len(dict.fromkeys(points)) < 3:
        raise InputError(f"area {name!r}: a polygon needs at least 3 different corners.")


def _check_shape(name: str, polygon: Polygon) -> None:
    if not polygon.is_valid:
        why = explain_validity(polygon).replace("[", " near ").replace("]", "")
        raise InputError(
            f"area {name!r}: not a simple polygon ({why}); list its corners in order around it."
        )
    if polygon.area < 0.01:
        raise InputError(f"area {name!r}: its corners lie on one line; give it some area.")


def area_of_degrees(
    plane: Plane,
    name: str,
    kind: Kind,
    rings: Sequence[Sequence[Sequence[float]]],
) -> Area:
    """Make an area of GeoJSON polygon coordinates: rings of [lon, lat], the first one outer."""
    if not rings:
        raise InputError(f"area {name!r}: the polygon has no ring; give at least the outer one.")
    projected = [[_project(plane, name, point) for point in ring] for ring in rings]
    return area(name, kind, projected[0], projected[1:])


def _project(plane: Plane, name: str, point: Sequence[float]) -> tuple[float, float]:
    if len(point) < 2 or not (abs(point[0]) <= 180.0 and abs(point[1]) <= 90.0):
        raise InputError(
            f"area {name!r}: {list(point)} is not [longitude, latitude] in degrees; "
            "GeoJSON puts longitude first."
        )
    return plane.to_xy(point[1], point[0])


@dataclass(frozen=True, slots=True)
class Site:
    """A plane and its areas, in the order they were given; name and part are unique."""

    plane: Plane
    areas: tuple[Area, ...]

    def __post_init__(self) -> None:
        seen: set[tuple[str, int]] = set()
        for one in self.areas:
            if (one.name, one.part) in seen:
                raise InputError(f"area {one.name!r}: listed twice; give each its own name.")
            seen.add((one.name, one.part))

    def named(self, name: str) -> Area:
        """Find an area, or its first part, by name; InputError naming the known ones."""
        for one in self.areas:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.areas) or "none"
        meant = near(name, [one.name for one in self.areas])
        raise InputError(f"area {name!r}: not part of the site; known are: {known}{meant}")

    def areas_at(self, x_m: float, y_m: float, kind: Kind) -> list[Area]:
        """List the areas of that kind that hold the point, in their order."""
        return [a for a in self.areas if a.kind == kind and a.contains(x_m, y_m)]

    def parcel_at(self, x_m: float, y_m: float) -> Area | None:
        """Give the first parcel that holds the point."""
        parcels = self.areas_at(x_m, y_m, "parcel")
        return parcels[0] if parcels else None

    def sky_at(self, x_m: float, y_m: float) -> Sky:
        """Give the sky above the point; where areas overlap the worst one counts."""
        for kind in SKY_FIRST:
            if any(a.kind == kind and a.contains(x_m, y_m) for a in self.areas):
                return kind
        return "open"


def path_inside(ground: Area, start: Point, end: Point) -> list[Point]:
    """Give the shortest way inside the area, both ends included.

    Dijkstra over the corners that see each other.  InputError when an end is outside.
    """
    for x_m, y_m in (start, end):
        if not ground.contains(x_m, y_m):
            raise InputError(
                f"area {ground.name!r}: the point {x_m:.1f}, {y_m:.1f} is outside; move it inside."
            )
    if ground.convex:
        return [start, end]
    roomy = ground.polygon.buffer(SLACK_M, join_style="mitre")
    shapely.prepare(roomy)
    if _sees(roomy, start, end):
        return [start, end]
    return _shortest([start, end, *_corners(ground.polygon)], roomy)


def _corners(polygon: Polygon) -> Iterable[Point]:
    for ring in (polygon.exterior, *polygon.interiors):
        yield from ((float(x), float(y)) for x, y in ring.coords[:-1])


def _sees(roomy: Polygon, one: Point, other: Point) -> bool:
    return bool(shapely.covers(roomy, LineString([one, other])))


def _shortest(nodes: list[Point], roomy: Polygon) -> list[Point]:
    """Go from node 0 to node 1; a polygon is connected, so there is a way."""
    best = {0: 0.0}
    before: dict[int, int] = {}
    heap = [(0.0, 0)]
    while heap:
        metres, here = heapq.heappop(heap)
        if here == 1:
            break
        if metres > best[here]:
            continue
        for there, node in enumerate(nodes):
            further = metres + math.dist(nodes[here], node)
            if further < best.get(there, math.inf) and _sees(roomy, nodes[here], node):
                best[there], before[there] = further, here
                heapq.heappush(heap, (further, there))
    way = [1]
    while way[-1] != 0:
        way.append(before[way[-1]])
    return [nodes[index] for index in reversed(way)]
