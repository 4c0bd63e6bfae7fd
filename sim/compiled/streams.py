"""Random streams that are opened by the thousand, their seeds worked out in C."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

from sim.compiled.library import WorldLibrary
from sim.engine.streams import SEED_BYTES, seed_of


class _Seeded(ISeedSequence):
    """What numpy asks for the four numbers that PCG64 begins with."""

    def __init__(self) -> None:
        self.state = np.empty(4, np.uint64)

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        """Give them."""
        return self.state


class StreamsInC:
    """Opens streams as `sim.engine.streams.stream` does, three times faster; the same draws."""

    __slots__ = ("_run_seed", "_seed", "_seeded", "_state")

    def __init__(self, library: WorldLibrary, run_seed: int) -> None:
        self._run_seed, seeded = run_seed, _Seeded()
        self._seed = library.lib.world_seeded
        self._state = library.ffi.from_buffer("uint64_t[]", seeded.state)
        self._seeded: Any = seeded  # numpy takes any ISeedSequence, its stubs do not

    def stream(self, *names: str | int) -> np.random.Generator:
        """Open the stream of that name."""
        self._seed(seed_of(self._run_seed, *names).to_bytes(SEED_BYTES, "little"), self._state)
        return np.random.Generator(np.random.PCG64(self._seeded))
