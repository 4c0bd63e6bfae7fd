"""A worker's or a truck's day, written leg by leg, with stated speeds and pauses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from badge.errors import InputError
from badge.words import lasting
from sim.engine.draws import KeyedDraws
from sim.world.movement import Activity, Columns, Journey, Knot, columns_of, heading_of
from sim.world.site import Area, Plane, Point, path_inside
from sim.world.work import (
    BOUT_LEAST_S,
    BOUT_MOST_S,
    ON_FOOT,
    PLACE_LEAST_S,
    PLACE_MOST_S,
    WorkKind,
)


class LatLon(Protocol):
    """A place on the earth, in degrees."""

    @property
    def lat(self) -> float:
        """Degrees north."""
        ...

    @property
    def lon(self) -> float:
        """Degrees east."""
        ...


class Track(Protocol):
    """A real track: where its carrier was at a time, None where it does not say."""

    def fix_at(self, utc_ms: int) -> LatLon | None:
        """Give the place at that time."""
        ...


@dataclass(frozen=True, slots=True)
class Gait:
    """How somebody walks and drives; how she works is a `WorkKind`.

    Walking: normal, 1.34 ± 0.26 m/s, once a person (Weidmann, Transporttechnik der Fussgaenger,
    ETH Zurich 1993), cut to 0.7...2.0, and 5 % from leg to leg.  Standing: a new way to face
    every 20 s on average (decision).  Driving: the route's speed, normal with 10 %, cut to
    ±25 %; at a corner a stop with probability 0.15, exponential of mean 12 s (decision).
    """

    walk_m_s: float = 1.34
    walk_sd_m_s: float = 0.26
    walk_least_m_s: float = 0.7
    walk_most_m_s: float = 2.0
    leg_sd_share: float = 0.05
    turn_mean_s: float = 20.0
    drive_sd_share: float = 0.10
    stop_share: float = 0.15
    stop_mean_s: float = 12.0


GAIT = Gait()
BOUT_TRIES = 20
SHORTER = 0.8  # of a bout that would leave the area: tried anew, so that small areas work too


class Walker:
    """Writes a journey: each verb goes on from where and when the last one ended.

    Equal draws and equal verbs give equal journeys.
    """

    def __init__(
        self, draws: KeyedDraws, at: Point, t_ms: int, gait: Gait = GAIT, who: str = "worker"
    ) -> None:
        self._draws = draws
        self._gait = gait
        self._who = who
        self._t_ms = t_ms
        self._at = at
        self._knots: list[Knot] = []
        self._before: list[Columns] = []  # what was written before these knots
        speed = draws.normal(gait.walk_m_s, gait.walk_sd_m_s)
        self.walk_m_s = min(max(speed, gait.walk_least_m_s), gait.walk_most_m_s)

    @property
    def now_ms(self) -> int:
        """When the last verb ended."""
        return self._t_ms

    @property
    def at(self) -> Point:
        """Where the last verb ended."""
        return self._at

    def walk(self, *points: Point) -> Walker:
        """Walk straight from point to point."""
        for point in points:
            share = self._draws.normal(1.0, self._gait.leg_sd_share)
            self._go(point, self.walk_m_s * min(max(share, 0.8), 1.2), "walk")
        return self

    def walk_inside(self, ground: Area, point: Point) -> Walker:
        """Walk the shortest way that stays inside the area."""
        return self.walk(*path_inside(ground, self._at, point)[1:])

    def stand(self, until_ms: int) -> Walker:
        """Stand until a time, turning now and then."""
        self._check_ahead(until_ms)
        while self._t_ms < until_ms:
            turn_s = max(self._draws.exponential(self._gait.turn_mean_s), 1.0)
            self._rest(min(_ms(turn_s), until_ms - self._t_ms), "stand")
        return self

    def work(self, ground: Area, until_ms: int, kind: WorkKind = ON_FOOT) -> Walker:
        """Work inside the area until a time: a spell in one place, a bout to the next."""
        self._check_ahead(until_ms)
        if not ground.contains(*self._at):
            raise InputError(
                f"{self._who}: works in {ground.name!r} but stands outside of it; walk there first."
            )
        while self._t_ms < until_ms:
            self._spell(ground, until_ms, kind)
        return self

    def drive(self, route: Sequence[Point], speed_m_s: float) -> Walker:
        """Drive from corner to corner; acceleration is not modelled."""
        if not 0.5 <= speed_m_s <= 40.0:
            raise InputError(
                f"{self._who}: a driving speed of {speed_m_s} m/s is not between 0.5 and 40."
            )
        for point in route:
            share = self._draws.normal(1.0, self._gait.drive_sd_share)
            self._go(point, speed_m_s * min(max(share, 0.75), 1.25), "drive")
            if self._draws.uniform() < self._gait.stop_share:
                # the engine runs on: what stands still is felt
                self._rest(_ms(self._draws.exponential(self._gait.stop_mean_s)), "drive", felt=True)
        return self

    def follow(
        self,
        track: Track,
        plane: Plane,
        utc_ms: int,
        until_ms: int,
        every_ms: int = 1000,
        *,
        felt: bool = False,
        together: bool = False,
    ) -> Walker:
        """Follow a real track from its time `utc_ms` on, sampled every second; rest in its gaps.

        `felt`: an engine runs all the way; `together`: others follow it from there and then, too.
        """
        self._check_ahead(until_ms)
        if self._t_ms == until_ms:
            return self
        times = self._t_ms, until_ms, every_ms, utc_ms
        first = _place_on(track, plane, utc_ms + min(every_ms, until_ms - self._t_ms), self._at)
        heading = self._heading if first == self._at else heading_of(self._at, first)
        way: Callable[..., tuple[Columns, Point]] = _shared_way if together else _way
        columns, self._at = way(track, plane, times, self._at, heading, felt)
        self._set_down()
        self._before.append(columns)
        self._t_ms = until_ms
        return self

    def journey(self) -> Journey:
        """Give what was written so far."""
        end = Knot(self._t_ms, *self._at, self._heading, "stand")
        return Journey((*self._knots, end), self._before)

    @property
    def _heading(self) -> float:
        """The way that was faced last."""
        if self._knots:
            return self._knots[-1].heading_rad
        return float(self._before[-1].headings[-1]) if self._before else 0.0

    def _spell(self, ground: Area, until_ms: int, kind: WorkKind) -> None:
        """Work in one place for a while, then go on to the next."""
        drawn = math.exp(math.log(kind.place_median_s) + kind.place_sigma * self._draws.normal())
        spell_ms = _ms(min(max(drawn, PLACE_LEAST_S), PLACE_MOST_S))
        felt = self._draws.uniform() < kind.felt
        self._knots.append(Knot(self._t_ms, *self._at, self._any_way(), "work", felt))
        self._t_ms = min(self._t_ms + spell_ms, until_ms)
        self._bout(ground, until_ms, kind)

    def _any_way(self) -> float:
        """Draw a heading."""
        return -math.pi + 2.0 * math.pi * self._draws.uniform()

    def _bout(self, ground: Area, until_ms: int, kind: WorkKind) -> None:
        """Make one bout that stays inside and ends in time; stay when none is found."""
        (x_m, y_m), here = self._at, self._at
        drawn = math.exp(math.log(kind.bout_median_s) + kind.bout_sigma * self._draws.normal())
        bout_s = min(max(drawn, BOUT_LEAST_S), BOUT_MOST_S)
        for _ in range(BOUT_TRIES):
            metres, angle = bout_s * kind.bout_m_s, self._any_way()
            point = x_m + metres * math.cos(angle), y_m + metres * math.sin(angle)
            if self._t_ms + _ms(bout_s) <= until_ms and ground.contains_way(here, point):
                self._knots.append(Knot(self._t_ms, x_m, y_m, angle, "work", True))
                self._t_ms += _ms(bout_s)
                self._at = point
                return
            bout_s *= SHORTER

    def _go(
        self, point: Point, speed_m_s: float, activity: Activity, *, felt: bool = False
    ) -> None:
        metres = math.dist(self._at, point)
        if metres > 0.0:
            self._leg(point, _ms(metres / speed_m_s), activity, felt)

    def _rest(self, for_ms: int, activity: Activity, felt: bool = False) -> None:
        heading = self._any_way()
        if for_ms > 0:
            self._knots.append(Knot(self._t_ms, *self._at, heading, activity, felt))
            self._t_ms += for_ms

    def _leg(self, point: Point, for_ms: int, activity: Activity, felt: bool = False) -> None:
        heading = self._heading if point == self._at else heading_of(self._at, point)
        self._knots.append(Knot(self._t_ms, *self._at, heading, activity, felt))
        self._t_ms += for_ms
        self._at = point

    def _set_down(self) -> None:
        """Turn the knots so far into columns."""
        if self._knots:
            self._before.append(columns_of(self._knots))
            self._knots.clear()

    def _check_ahead(self, until_ms: int) -> None:
        if until_ms < self._t_ms:
            late_s = (self._t_ms - until_ms) / 1000.0
            raise InputError(
                f"{self._who}: the day is impossible: at least {lasting(late_s)} late for the next "
                "time in it; leave earlier or plan it later."
            )


def _way(
    track: Track,
    plane: Plane,
    times: tuple[int, int, int, int],
    at: Point,
    heading: float,
    felt: bool,
) -> tuple[Columns, Point]:
    """Give the knots of who follows a track, and where it ends.

    `times`: from when to when, how often, and the track's own time at the beginning.
    """
    begin_ms, until_ms, every_ms, utc_ms = times
    knots = []
    for t_ms in range(begin_ms, until_ms, every_ms):
        ends_ms = min(t_ms + every_ms, until_ms)
        point = _place_on(track, plane, utc_ms + ends_ms - begin_ms, at)
        heading = heading if point == at else heading_of(at, point)
        knots.append(Knot(t_ms, *at, heading, "track", felt))
        at = point
    return columns_of(knots), at


_shared_way = lru_cache(maxsize=64)(_way)


def _place_on(track: Track, plane: Plane, utc_ms: int, before: Point) -> Point:
    fix = track.fix_at(utc_ms)
    return before if fix is None else plane.to_xy(fix.lat, fix.lon)


def _ms(seconds: float) -> int:
    return max(round(seconds * 1000.0), 1)
