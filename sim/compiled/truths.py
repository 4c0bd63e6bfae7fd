"""Rows of truth as lines of JSON, written in C."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.compiled.library import WorldLibrary
from sim.world.place import Floats

Numbers: TypeAlias = NDArray[np.uint32]


class Named(NamedTuple):
    """Pieces of JSON, and of each row which one is its own."""

    words: Sequence[bytes]
    numbers: Numbers


class TrueRows(NamedTuple):
    """What is true of rows: where, whose, what became of them, and what was near.

    Of row n the tags `near.numbers[near_ends[n] : near_ends[n + 1]]` were near, `near_cm` away.
    """

    lats: Floats
    lons: Floats
    worker: Named
    parcel: Named
    fate: Named
    near: Named
    near_ends: Numbers
    near_cm: NDArray[np.int64]


def write_truths(
    library: WorldLibrary, rows: NDArray[Any], text: bytes, true: TrueRows
) -> tuple[bytes, bytes] | None:
    """Give (events in wire form, rows of truth), lines of JSON, of rows of a `CPump`.

    None where a number is not as this writes it: of a place within metres of the equator, say.
    """
    ffi, lib, _ = library
    made = ffi.new("struct world_truths *")
    kept: list[Any] = []

    def view(kind: str, values: Any) -> Any:
        kept.append(ffi.from_buffer(kind, np.ascontiguousarray(values)))
        return kept[-1]

    for name in ("event_at", "truth_at", "end"):
        setattr(made, name, view("uint64_t[]", rows[name]))
    made.lats, made.lons = view("double[]", true.lats), view("double[]", true.lons)
    longest = 0
    for name in ("worker", "parcel", "fate", "near"):
        words, numbers = getattr(true, name)
        told = made.tags if name == "near" else getattr(made, f"{name}s")
        told.text = view("char[]", np.frombuffer(b"".join(words) or b" ", np.uint8))
        told.ends = view("uint32_t[]", np.cumsum([0, *map(len, words)], dtype=np.uint32))
        setattr(made, "near_tag" if name == "near" else name, view("uint32_t[]", numbers))
        longest += len(numbers) * max(map(len, words), default=0)
    made.near_ends = view("uint32_t[]", true.near_ends)
    made.near_cm = view("int64_t[]", true.near_cm)
    events = np.empty(int((rows["truth_at"] - rows["event_at"]).sum()), np.uint8)
    heads = int((rows["end"] - rows["truth_at"]).sum())
    room = heads + longest + lib.world_truths_room(len(rows), len(true.near_cm))
    lines = np.empty(room, np.uint8)
    size = lib.world_truths(
        made, ffi.from_buffer(text), len(rows), *(view("char[]", one) for one in (events, lines))
    )
    return None if size < 0 else (events.tobytes(), lines[:size].tobytes())
