"""Random numbers by their place: the nth draw of a salt depends on the salt and n alone."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sim.engine.streams import seed_of

GOLDEN = 0x9E37_79B9_7F4A_7C15
NORMALS = np.array([NormalDist().inv_cdf((i + 0.5) / 4096) for i in range(4096)])
_NORMALS = NORMALS.tolist()
_HELD = 256  # draws that are mixed in one go
_FEW = 24  # one after the other; so many are mixed one by one before it is worth a block
_SALTS = 2**64
_UNIT = 2.0**-53


def salt_of(run_seed: int, *names: str | int) -> int:
    """Name 64 bits that depend on the seed and on every name, in order (see `seed_of`)."""
    return seed_of(run_seed, *names) % _SALTS


def bits_of(salt: int, counter: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Mix a salt and numbers into 64 bits each (splitmix64)."""
    z = counter.astype(np.uint64) * np.uint64(GOLDEN) + np.uint64(salt % _SALTS)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    z ^= z >> np.uint64(31)
    return z


def uniform_of(salt: int, counter: NDArray[np.int64]) -> NDArray[np.float64]:
    """Hash numbers to [0, 1): random by number, not by the order of asking."""
    share: NDArray[np.float64] = (bits_of(salt, counter) >> np.uint64(11)).astype(np.float64)
    share *= _UNIT
    return share


def normal_of(salt: int, counter: NDArray[np.int64]) -> NDArray[np.float64]:
    """Hash numbers to standard normals: a table of 4096 quantiles, equal on every machine."""
    drawn: NDArray[np.float64] = NORMALS[
        (bits_of(~salt, counter) >> np.uint64(52)).astype(np.int64)
    ]
    return drawn


def below_of(salt: int, counter: NDArray[np.int64], bound: int) -> NDArray[np.int64]:
    """Hash numbers to whole ones in [0, bound); `bound` is at most 2**32."""
    high = bits_of(salt, counter) >> np.uint64(32)
    return ((high * np.uint64(bound)) >> np.uint64(32)).astype(np.int64)


class KeyedDraws:
    """Numbers one after the other; `count` is the place of the next one and may be set."""

    __slots__ = ("_after", "_alone", "_block", "_held", "count", "salt")

    def __init__(self, salt: int, count: int = 0) -> None:
        self.salt, self.count = salt, count
        self._block = -1
        self._held: list[int] = []
        self._after = self._alone = 0

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """Draw from [low, high)."""
        return low + (high - low) * ((self._bits() >> 11) * _UNIT)

    def normal(self, mean: float = 0.0, sd: float = 1.0) -> float:
        """Draw a normal number: one of 4096 quantiles, 3.67 sd from the mean at most."""
        drawn: float = _NORMALS[self._bits() >> 52]
        return mean + sd * drawn

    def exponential(self, mean: float) -> float:
        """Draw a time to the next of what comes once in `mean`."""
        return -mean * math.log(1.0 - (self._bits() >> 11) * _UNIT)

    def below(self, bound: int) -> int:
        """Draw a whole number in [0, bound)."""
        return (self._bits() >> 32) * bound >> 32

    def _bits(self) -> int:
        block, place = divmod(self.count, _HELD)
        if block != self._block:
            self._alone = self._alone + 1 if self.count == self._after else 0
            if self._alone < _FEW:
                self.count = self._after = self.count + 1
                return _mixed(self.salt + (self.count - 1) * GOLDEN)
            places = np.arange(block * _HELD, (block + 1) * _HELD)
            self._block, self._held = block, bits_of(self.salt, places).tolist()
        self.count += 1
        return self._held[place]


def _mixed(z: int) -> int:
    """Mix a number as `bits_of` does."""
    z %= _SALTS
    z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9 % _SALTS
    z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB % _SALTS
    return z ^ (z >> 31)


def draws(run_seed: int, *names: str | int) -> KeyedDraws:
    """Open the draws of that name: same seed and names, same numbers."""
    return KeyedDraws(salt_of(run_seed, *names))
