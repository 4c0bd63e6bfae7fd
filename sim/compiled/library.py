"""The compiled models of the world, where they are built from the sources that are here."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from badge.host.core.sources import core_digest
from sim.engine.draws import NORMALS
from sim.world.field import COSINES, DB_OCTAVE, DECIBELS
from sim.world.movement import Journey
from sim.world.place import ATANS, Mover, Spot

_EXTENSION = "sim.compiled._c_world"
_SOURCES = Path(__file__).parent / "c"


class WorldLibrary(NamedTuple):
    """The compiled models: cffi's view of them, and their functions."""

    ffi: Any
    lib: Any
    kept: tuple[Any, ...]


@cache
def world_library() -> WorldLibrary | None:
    """Return the compiled models; None where they are not built, or from other sources."""
    spec = find_spec(_EXTENSION)
    if spec is None or spec.origin is None:
        return None
    try:
        ffi = import_module("cffi").FFI()
    except ImportError:
        return None
    declared = (_SOURCES / "world.h").read_text(encoding="utf-8")
    ffi.cdef(re.sub(r"^#.*$", "", declared, flags=re.MULTILINE))
    lib = ffi.dlopen(spec.origin)
    if ffi.string(lib.world_digest()).decode() != core_digest(_SOURCES):
        return None
    tables = (NORMALS, COSINES, DECIBELS, ATANS)
    types = ("double[]", "int16_t[]", "double[]", "int64_t[]")
    kept = tuple(ffi.from_buffer(kind, table) for kind, table in zip(types, tables, strict=True))
    lib.world_tables(*kept, DB_OCTAVE)
    return WorldLibrary(ffi, lib, kept)


class PathInC:
    """A journey or a spot as the compiled models see it: a struct over the same columns."""

    __slots__ = ("_kept", "struct")

    def __init__(self, library: WorldLibrary, mover: Journey | Spot) -> None:
        if isinstance(mover, Spot):
            places = np.array([[mover.x_m], [mover.y_m], [0.0]], np.float64)
            columns = (np.zeros(1, np.int64), *places)
        else:
            columns = mover.columns
        ffi = library.ffi
        times = columns[0]
        self._kept = (
            ffi.from_buffer("int64_t[]", times),
            *(ffi.from_buffer("double[]", one) for one in columns[1:]),
        )
        self.struct = ffi.new("struct world_path *", (len(times), 0, *self._kept))


def path_over(mover: Mover, t0_ms: int, t1_ms: int) -> Journey | Spot | None:
    """Give the journey or the spot that a mover is in a span; None where it is not one alone."""
    if isinstance(mover, Journey | Spot):
        return mover
    one_over = getattr(mover, "one_over", None)
    found: Journey | Spot | None = None if one_over is None else one_over(t0_ms, t1_ms)
    return found
