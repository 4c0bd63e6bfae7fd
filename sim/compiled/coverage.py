"""The network along a journey, its shadows worked out in C."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.compiled.library import PathInC, WorldLibrary
from sim.world.coverage import Coverage, Levels, Link, Reception, Walk


@dataclass(slots=True)
class CoverageInC(Coverage):
    """A `Coverage` that is asked along journeys in C; the same numbers."""

    library: WorldLibrary = field(kw_only=True)
    shadowing: Any = field(init=False)

    def __post_init__(self) -> None:
        Coverage.__post_init__(self)
        waves = self._shadowing
        made = (waves.scale, waves.waves.ravel().tolist(), waves.phase.tolist())
        self.shadowing = self.library.ffi.new("struct world_shadowing *", made)

    def along(self, mover: Walk) -> Reception:
        """Give the network where somebody is."""
        return ReceptionInC(self, mover)


class ReceptionInC(Reception):
    """A `Reception` whose places and shadows are found in C."""

    __slots__ = ("_asked", "_found", "_path", "_shadows", "_view")

    def __init__(self, coverage: CoverageInC, mover: Walk) -> None:
        super().__init__(coverage, mover)
        ffi, lib, _ = coverage.library
        self._path = PathInC(coverage.library, mover)
        self._shadows, self._view = lib.world_shadows, ffi.from_buffer
        self._found = found = ffi.new("double[3]")
        self._asked = coverage.shadowing, self._path.struct, (found, found + 1, found + 2)

    def at(self, t_ms: int) -> Link:
        """Give it at a moment."""
        shadowing, path, places = self._asked
        self._shadows(shadowing, path, t_ms, 0, 1, *places)
        x_m, y_m, shadow_db = self._found
        return self._coverage.shadowed_link_at(t_ms, x_m, y_m, shadow_db)

    def levels(self, from_ms: int, step_ms: int, count: int) -> Levels:
        """Give the RSRP at so many moments; `link_of` reads it."""
        xs, ys, shadows_db = found = np.empty((3, count))
        places = (self._view("double[]", one) for one in found)
        shadowing, path, _ = self._asked
        self._shadows(shadowing, path, from_ms, step_ms, count, *places)
        times = from_ms + step_ms * np.arange(count)
        return self._coverage.shadowed_at(times, xs, ys, shadows_db)
