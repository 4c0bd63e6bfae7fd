"""What an upload draws, drawn in C."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.compiled.library import WorldLibrary
from sim.engine.streams import SEED_BYTES, seed_of
from sim.world import coverage
from sim.world.coverage import Exchange, Link


class ModemInC:
    """Draws as `exchange` does from the stream of a run by its names: the same numbers."""

    __slots__ = ("_draw", "_drawn", "_kept", "_modem", "_run_seed")

    def __init__(self, library: WorldLibrary, run_seed: int, numpys: Any) -> None:
        """Take the library of numpy's distributions, too."""
        ffi, lib, _ = library
        self._run_seed, self._draw = run_seed, lib.world_exchange
        self._kept, self._drawn = numpys, ffi.new("int64_t[3]")
        logs = [math.log(median_s) if median_s else 0.0 for median_s in coverage.REGISTRATION_S]
        self._modem = ffi.new(
            "struct world_modem *",
            {
                "registration_log": logs,
                "uplink_bit_s": coverage.UPLINK_BIT_S,
                "round_trip_ms": coverage.ROUND_TRIP_MS,
                "loss": coverage.LOSS,
                "registration_sigma": coverage.REGISTRATION_SIGMA,
                "registration_most_s": coverage.REGISTRATION_MOST_S,
                "trip_sigma": coverage.TRIP_SIGMA,
                "answer_lost": coverage.ANSWER_LOST,
                "trips_new": coverage.TRIPS_NEW,
                "trips_kept": coverage.TRIPS_KEPT,
                "header_bytes": coverage.HEADER_BYTES,
                "lognormal": numpys.random_lognormal,
            },
        )

    def exchange(self, body_bytes: int, link: Link, connected: bool, *names: str | int) -> Exchange:
        """Draw how a batch fares, out of the stream of that name."""
        seed, drawn = seed_of(self._run_seed, *names).to_bytes(SEED_BYTES, "little"), self._drawn
        self._draw(self._modem, seed, link.bars, connected, body_bytes, drawn)
        before_ms, takes_ms, arrives = drawn
        return Exchange(before_ms, None if takes_ms < 0 else takes_ms, bool(arrives))


def modem_in_c(library: WorldLibrary, run_seed: int) -> ModemInC | None:
    """Give the draws of a run; None where numpy shows its distributions to nobody."""
    try:
        numpys = library.ffi.dlopen(np.random._generator.__file__)
        return ModemInC(library, run_seed, numpys)
    except (AttributeError, OSError):
        return None
