"""The way to walk from one point to another without leaving a polygon."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from typing import TypeAlias

import shapely
from shapely import LineString, Polygon

from badge.errors import InputError
from sim.world.site import Area

Point: TypeAlias = tuple[float, float]
SLACK_M = 1e-6  # corners lie on the border: let rounding not push them out


def path_inside(ground: Area, start: Point, end: Point) -> list[Point]:
    """Give the shortest way inside the area, both ends included.

    Dijkstra over the corners that see each other.  InputError when an end is outside.
    """
    for x_m, y_m in (start, end):
        if not ground.contains(x_m, y_m):
            raise InputError(
                f"area {ground.name!r}: the point {x_m:.1f}, {y_m:.1f} is outside; move it inside."
            )
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
