"""Spells of work and of standing about, written in C."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.compiled.library import WorldLibrary
from sim.engine.draws import KeyedDraws
from sim.world.movement import Activity, Columns, place_of
from sim.world.site import SURE_M, Area, Point
from sim.world.walker import BOUT_TRIES, GAIT, SHORTER, Walker
from sim.world.work import (
    BOUT_LEAST_S,
    BOUT_MOST_S,
    ON_FOOT,
    PLACE_LEAST_S,
    PLACE_MOST_S,
    WorkKind,
)

_ROOM = 2048  # knots that are written in one go
_WHOLE, _FULL, _UNSURE = range(3)


class WalkerInC(Walker):
    """A `Walker` that works and stands in C wherever it can; the same journey."""

    def __init__(
        self, library: WorldLibrary, draws: KeyedDraws, at: Point, t_ms: int, who: str = "worker"
    ) -> None:
        super().__init__(draws, at, t_ms, GAIT, who)
        self._library = library
        self._times = np.empty(_ROOM, np.int64)
        self._places = np.empty((3, _ROOM), np.float64)
        self._felt = np.empty(_ROOM, np.uint8)
        ffi = library.ffi
        self._columns = (
            ffi.from_buffer("int64_t[]", self._times),
            *(ffi.from_buffer("double[]", one) for one in self._places),
            ffi.from_buffer("uint8_t[]", self._felt),
        )
        state = (draws.salt, 0, 0, 0.0, 0.0, 0, _ROOM, *self._columns)
        self._state = ffi.new("struct world_walk *", state)

    def stand(self, until_ms: int) -> WalkerInC:
        """Stand until a time, turning now and then."""
        self._check_ahead(until_ms)
        walk, lib = self._walk(), self._library.lib
        while lib.world_stand(walk, self._gait.turn_mean_s, until_ms) == _FULL:
            self._take(walk, "stand")
        self._take(walk, "stand")
        return self

    def work(self, ground: Area, until_ms: int, kind: WorkKind = ON_FOOT) -> WalkerInC:
        """Work inside the area until a time; see `Walker.work`."""
        known = ground_in_c(self._library, ground)
        if known is None or not ground.contains(*self._at) or until_ms < self._t_ms:
            super().work(ground, until_ms, kind)
            return self
        lib, spells = self._library.lib, self._kind(kind)
        while True:
            walk = self._walk()
            ended = lib.world_work(walk, known[0], spells, until_ms)
            self._take(walk, "work")
            if ended == _WHOLE:
                return self
            if ended == _UNSURE:
                self._spell(ground, until_ms, kind)

    def _walk(self) -> Any:
        """Give where it stands as C has it."""
        self._set_down()
        walk = self._state
        walk.draws, walk.t_ms, walk.count = self._draws.count, self._t_ms, 0
        walk.x_m, walk.y_m = self._at
        return walk

    def _take(self, walk: Any, activity: Activity) -> None:
        """Take what C has written, and go on from there."""
        count = walk.count
        if count:
            times, (xs, ys, headings) = self._times[:count].copy(), self._places[:, :count].copy()
            felt = self._felt[:count].tobytes()
            activities = bytes((place_of(activity),)) * count
            self._before.append(Columns(times, xs, ys, headings, activities, felt))
        walk.count = 0
        self._draws.count = walk.draws
        self._t_ms, self._at = walk.t_ms, (walk.x_m, walk.y_m)

    def _kind(self, kind: WorkKind) -> Any:
        places = (math.log(kind.place_median_s), kind.place_sigma, PLACE_LEAST_S, PLACE_MOST_S)
        bouts = (math.log(kind.bout_median_s), kind.bout_sigma, BOUT_LEAST_S, BOUT_MOST_S)
        rest = (kind.bout_m_s, SHORTER, BOUT_TRIES)
        return self._library.ffi.new("struct world_kind *", (*places, kind.felt, *bouts, *rest))


def ground_in_c(library: WorldLibrary, ground: Area) -> tuple[Any, Any] | None:
    """Give a convex area as C has it, and what must be kept with it; None for any other."""
    ffi = library.ffi
    if ground.box is not None:
        return ffi.new("struct world_ground *", (0, *ground.box, ffi.NULL, SURE_M)), None
    if not ground.convex or not ground.sides:
        return None
    sides = ffi.new("double[]", [number for side in ground.sides for number in side])
    nowhere = (0.0, 0.0, 0.0, 0.0)
    made = ffi.new("struct world_ground *", (len(ground.sides), *nowhere, sides, SURE_M))
    return made, sides
