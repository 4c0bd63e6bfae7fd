"""Where somebody is at every millisecond: a journey of straight legs, exact and O(log n)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from badge.errors import MisuseError
from sim.world.place import Box, Floats, Times

Activity: TypeAlias = Literal["walk", "work", "stand", "drive", "track"]
ACTIVITIES: tuple[Activity, ...] = get_args(Activity)
_PLACE_OF_ACTIVITY = {name: place for place, name in enumerate(ACTIVITIES)}
FEW_KNOTS = 4096
MOVING_M_S = 0.3  # slower than this is not moving


class Knot(NamedTuple):
    """A corner of a journey: there at `t_ms`, and facing that way from then on.

    `felt`: an accelerometer feels movement from then on, carried anywhere or not.
    """

    t_ms: int
    x_m: float
    y_m: float
    heading_rad: float
    activity: Activity
    felt: bool = False


class Columns(NamedTuple):
    """Many knots, column by column; one activity is all of theirs, or each has its own."""

    times: Times
    xs: Floats
    ys: Floats
    headings: Floats
    activities: bytes
    felt: bytes


def columns_of(knots: Sequence[Knot]) -> Columns:
    """Turn knots into columns."""
    found = list(zip(*knots, strict=True)) or [()] * len(Knot._fields)
    return Columns(
        np.array(found[0], np.int64),
        np.array(found[1], np.float64),
        np.array(found[2], np.float64),
        np.array(found[3], np.float64),
        bytes(map(_PLACE_OF_ACTIVITY.__getitem__, found[4])),
        bytes(found[5]),
    )


def place_of(activity: Activity) -> int:
    """Give the number that stands for an activity in a column."""
    return _PLACE_OF_ACTIVITY[activity]


class Journey:
    """Straight legs at constant speed between knots; rests at the first and the last one.

    Positions, speeds and headings are exact at every whole millisecond, in O(log knots); kept
    as columns, 34 bytes a knot.  Immutable; `knots` must not be empty and their times go up.
    """

    __slots__ = ("_activities", "_felt", "_headings", "_moved", "_times", "_xs", "_ys")

    def __init__(self, knots: Sequence[Knot], before: Sequence[Columns] = ()) -> None:
        """Take knots, after those that are columns already."""
        parts = [*before, columns_of(knots)]
        times, xs, ys, headings = (
            np.concatenate([part[number] for part in parts]) for number in range(4)
        )
        if not len(times) or (times[1:] <= times[:-1]).any():
            raise MisuseError("a journey needs at least one knot, and times that go up")
        self._times, self._xs, self._ys, self._headings = times, xs, ys, headings
        self._activities = b"".join(part.activities for part in parts)
        self._felt = b"".join(part.felt for part in parts)
        self._moved: tuple[Times, NDArray[np.bool_]] | None = None

    def __len__(self) -> int:
        return len(self._times)

    @property
    def columns(self) -> tuple[Times, Floats, Floats, Floats]:
        """The knots' times, x, y and headings."""
        return self._times, self._xs, self._ys, self._headings

    @property
    def start_ms(self) -> int:
        """When the first leg begins."""
        return int(self._times[0])

    @property
    def end_ms(self) -> int:
        """When the last leg ends."""
        return int(self._times[-1])

    def position_at(self, t_ms: int) -> tuple[float, float]:
        """Give x and y in metres."""
        leg = self._leg(t_ms)
        if leg is None:
            end = 0 if t_ms < self.start_ms else -1
            return float(self._xs[end]), float(self._ys[end])
        t0, t1 = self._times[leg : leg + 2].tolist()
        x0, x1 = self._xs[leg : leg + 2].tolist()
        y0, y1 = self._ys[leg : leg + 2].tolist()
        share = (t_ms - t0) / (t1 - t0)
        return x0 + share * (x1 - x0), y0 + share * (y1 - y0)

    def places_at(self, t_ms: Times) -> tuple[Floats, Floats]:
        """Give x and y at each of the times, to the last bit as `position_at` does."""
        last = len(self._times) - 1
        if not last:
            return np.full(len(t_ms), self._xs[0]), np.full(len(t_ms), self._ys[0])
        found = self._times.searchsorted(t_ms, side="right") - 1
        leg = np.clip(found, 0, last - 1)
        t0, t1 = self._times[leg], self._times[leg + 1]
        share = (t_ms - t0) / (t1 - t0)
        ends = np.where(found < 0, 0, last)
        within = (found >= 0) & (found < last)
        xs, ys = (
            np.where(within, one[leg] + share * (one[leg + 1] - one[leg]), one[ends])
            for one in (self._xs, self._ys)
        )
        return xs, ys

    def speed_at(self, t_ms: int) -> float:
        """Give the speed in m/s on the leg that holds the time; 0 outside of the journey."""
        leg = self._leg(t_ms)
        if leg is None:
            return 0.0
        metres = math.hypot(self._xs[leg + 1] - self._xs[leg], self._ys[leg + 1] - self._ys[leg])
        return metres * 1000.0 / int(self._times[leg + 1] - self._times[leg])

    def moving_at(self, t_ms: int) -> bool:
        """Say whether an accelerometer feels it: faster than 0.3 m/s, or shaken in place."""
        leg = self._leg(t_ms)
        return leg is not None and (bool(self._felt[leg]) or self.speed_at(t_ms) > MOVING_M_S)

    def activity_at(self, t_ms: int) -> Activity:
        """Say what is being done; before the start and after the end it is standing."""
        leg = self._leg(t_ms)
        return "stand" if leg is None else ACTIVITIES[self._activities[leg]]

    def changes(self) -> list[tuple[int, bool]]:
        """List (ms, moving) at every change of `moving_at`, in order, the first at the start."""
        times, moving = self.moved()
        return list(zip(times.tolist(), moving.tolist(), strict=True))

    def moved(self) -> tuple[Times, NDArray[np.bool_]]:
        """Give the same as two columns."""
        if self._moved is None:
            self._moved = self._when_moved()
        return self._moved

    def _when_moved(self) -> tuple[Times, NDArray[np.bool_]]:
        metres = np.hypot(_steps(self._xs), _steps(self._ys))
        moving = np.zeros(len(self._times), np.bool_)
        moving[:-1] = metres * 1000.0 / _steps(self._times) > MOVING_M_S
        moving[:-1] |= np.frombuffer(self._felt, dtype=np.bool_)[:-1]
        changed = np.flatnonzero(np.append(True, moving[1:] != moving[:-1]))
        return self._times[changed], moving[changed]

    def corners(self) -> list[tuple[int, float, float]]:
        """List (ms, x, y) of every knot: between two of them it goes straight."""
        columns = (self._times.tolist(), self._xs.tolist(), self._ys.tolist())
        return list(zip(*columns, strict=True))

    def xy_at(self, t_ms: Times) -> tuple[Floats, Floats]:
        """Give x and y in metres at each of the times."""
        legs = self._legs_over(t_ms)
        asked, times = t_ms.astype(np.float64), self._times[legs].astype(np.float64)
        return np.interp(asked, times, self._xs[legs]), np.interp(asked, times, self._ys[legs])

    def _legs_over(self, t_ms: Times) -> slice:
        """Give the knots that matter at those times; all, of few, which are soon turned over."""
        if len(self._times) < FEW_KNOTS or not len(t_ms):
            return slice(None)
        first = int(self._times.searchsorted(t_ms.min(), side="right")) - 1
        last = int(self._times.searchsorted(t_ms.max()))
        return slice(max(min(first, len(self._times) - 1), 0), last + 1)

    def heading_at(self, t_ms: Times) -> Floats:
        """Give the heading in radians at each of the times."""
        index = self._times.searchsorted(t_ms, side="right") - 1
        headings: Floats = self._headings[np.maximum(index, 0)]
        return headings

    def box_over(self, t0_ms: int, t1_ms: int) -> Box:
        """Give the smallest box that holds every position in [t0, t1]."""
        ends = self.xy_at(np.array([t0_ms, t1_ms]))
        if t0_ms == t1_ms:
            x_m, y_m = float(ends[0][0]), float(ends[1][0])
            return x_m, y_m, x_m, y_m
        low, high = self._times.searchsorted((t0_ms, t1_ms), side="right").tolist()
        xs = np.concatenate([ends[0], self._xs[low:high]])
        ys = np.concatenate([ends[1], self._ys[low:high]])
        return float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max())

    def _leg(self, t_ms: int) -> int | None:
        """Find the leg that holds the time; None before the first and after the last one."""
        leg = int(self._times.searchsorted(t_ms, side="right")) - 1
        return leg if 0 <= leg < len(self._times) - 1 else None


class Follower:
    """A journey that is asked for one moment after the other: as `position_at`, from plain lists.

    Five times faster, and it takes five times the memory: for one journey at a time.
    """

    __slots__ = ("_times", "_xs", "_ys")

    def __init__(self, journey: Journey) -> None:
        times, xs, ys = zip(*journey.corners(), strict=True)
        self._times, self._xs, self._ys = times, xs, ys

    def position_at(self, t_ms: int) -> tuple[float, float]:
        """Give x and y in metres."""
        times, xs, ys = self._times, self._xs, self._ys
        leg = bisect_right(times, t_ms) - 1
        if not 0 <= leg < len(times) - 1:
            end = 0 if leg < 0 else -1
            return xs[end], ys[end]
        t0, x0, y0 = times[leg], xs[leg], ys[leg]
        share = (t_ms - t0) / (times[leg + 1] - t0)
        return x0 + share * (xs[leg + 1] - x0), y0 + share * (ys[leg + 1] - y0)


def _steps(column: NDArray[Any]) -> NDArray[Any]:
    """Give what is between one and the next; `np.diff` takes five times as long."""
    steps: NDArray[Any] = column[1:] - column[:-1]
    return steps


def heading_of(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Give the heading in radians from one point to another."""
    return math.atan2(end[1] - start[1], end[0] - start[0])
