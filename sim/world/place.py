"""Anything that has a position at a time: a parked tag, a worker, a truck."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Times: TypeAlias = NDArray[np.int64]
Box: TypeAlias = tuple[float, float, float, float]  # x least, y least, x most, y most, in metres
WHOLE_M = 2.0**-16  # the radio counts places in whole steps of 15 µm, so that its sums are exact
PLACES_A_M = 1.0 / WHOLE_M
FULL_TURN = 1 << 16  # angles are counted in these
EIGHTH, RATIOS = FULL_TURN // 8, 4096
ATANS = np.rint(np.arctan((np.arange(RATIOS + 1)) / RATIOS) * (FULL_TURN / (2.0 * np.pi))).astype(
    np.int64
)  # of ratios up to 1


class Mover(Protocol):
    """Has a position (metres in the site's plane) at every whole millisecond."""

    def xy_at(self, t_ms: Times) -> tuple[Floats, Floats]:
        """Give x and y in metres at each of the times."""
        ...

    def box_over(self, t0_ms: int, t1_ms: int) -> Box:
        """Give the smallest box that holds every position in [t0, t1]."""
        ...


class Facing(Protocol):
    """Looks somewhere (radians, 0 = east, counter-clockwise) at every whole millisecond."""

    def heading_at(self, t_ms: Times) -> Floats:
        """Give the heading in radians at each of the times."""
        ...


@dataclass(frozen=True, slots=True)
class Spot:
    """A `Mover` that never moves."""

    x_m: float
    y_m: float

    def xy_at(self, t_ms: Times) -> tuple[Floats, Floats]:
        """Give the same x and y for each of the times."""
        return np.full(t_ms.shape, self.x_m), np.full(t_ms.shape, self.y_m)

    def position_at(self, t_ms: int) -> tuple[float, float]:
        """Give the same x and y."""
        return self.x_m, self.y_m

    def places_at(self, t_ms: Times) -> tuple[Floats, Floats]:
        """Give the same x and y for each of the times."""
        return self.xy_at(t_ms)

    def box_over(self, t0_ms: int, t1_ms: int) -> Box:
        """Give the point as a box."""
        return self.x_m, self.y_m, self.x_m, self.y_m


def whole_places(metres: Floats) -> Times:
    """Give coordinates in whole steps of `WHOLE_M`."""
    found: Times = np.rint(metres * PLACES_A_M).astype(np.int64)
    return found


def gap_m(one: Box, other: Box) -> float:
    """Give the least distance between two boxes in metres; 0 when they touch."""
    dx = max(other[0] - one[2], one[0] - other[2], 0.0)
    dy = max(other[1] - one[3], one[1] - other[3], 0.0)
    return math.hypot(dx, dy)


def whole_turns(radians: Floats) -> Times:
    """Give angles in 65,536ths of a turn, 0 to 65,535."""
    found: Times = np.rint(radians * (FULL_TURN / (2.0 * np.pi))).astype(np.int64)
    return found & (FULL_TURN - 1)


def whole_angles(dx: Times, dy: Times) -> Times:
    """Give the angle of each way from east, counter-clockwise, in 65,536ths of a turn.

    A table of the arc tangent: whole numbers are equal on every machine.
    """
    east, north = np.abs(dx), np.abs(dy)
    least, most = np.minimum(east, north), np.maximum(np.maximum(east, north), 1)
    angle = ATANS[(least * float(RATIOS) / most).astype(np.int64)]
    angle = np.where(north > east, 2 * EIGHTH - angle, angle)
    angle = np.where(dx < 0, 4 * EIGHTH - angle, angle)
    return np.where(dy < 0, -angle, angle) & (FULL_TURN - 1)
