"""Gaussian random fields: values that vary over space with a stated correlation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.world.place import WHOLE_M, Floats, Times

STEPS = 4096  # of a turn: a phase is off by 0.0008 rad at most, 0.003 dB
AMPLITUDE = 1 << 14  # of the tables: whole numbers, whose sums are exact in any order
QUARTER = STEPS // 4
COSINES = np.rint(AMPLITUDE * np.cos(2.0 * np.pi * (np.arange(STEPS) + 0.5) / STEPS)).astype(
    np.int16
)
COSINE_LIST: list[int] = COSINES.tolist()
TURN = 2.0**32  # phases are counted in 32 bits, which turn by themselves
_TO_STEPS = np.uint32(20)
DB_OCTAVE = 10.0 * np.log10(2.0)
DECIBELS = 10.0 * np.log10(1.0 + (np.arange(4096) + 0.5) / 4096)
# of the ten scattered waves: off walls and ground, off somebody who shifts, off one who breathes
DRIFTS = np.array([0.0] * 4 + [0.12] * 2 + [1.0] * 4)


def decibels(ratio: Floats) -> Floats:
    """Give 10 log10 of numbers above 0, off by 0.0005 dB at most: a table by their leading bits.

    So it is equal on every machine, and three times faster than the logarithm.
    """
    bits = ratio.view(np.int64)
    found: Floats = ((bits >> 52) - 1023) * DB_OCTAVE + DECIBELS[(bits >> 40) & 4095]
    return found


def steps_of(places: Times, waves: NDArray[np.uint32], phase: NDArray[np.uint32]) -> Times:
    """Give each wave's phase at each place in steps of a turn: places @ waves + phase, whole.

    A table of cosines over whole steps is five times faster than the cosine; whole numbers are
    equal on every machine.
    """
    wrapped = places.astype(np.uint32)
    total = wrapped[:, :1] * waves[0] + phase
    for number in range(1, len(waves)):
        total += wrapped[:, number, None] * waves[number]
    steps: Times = (total >> _TO_STEPS).astype(np.int64)
    return steps


def turns(rng: np.random.Generator, shape: int | tuple[int, ...]) -> NDArray[np.uint32]:
    """Draw uniform phases in 32 bits."""
    return (rng.random(shape) * TURN).astype(np.uint32)


def _whole_waves(turns_per_unit: Floats) -> NDArray[np.uint32]:
    """Give wave numbers, in turns a unit, as what 32 bits of phase go on by."""
    return np.rint(turns_per_unit * TURN).astype(np.int64).astype(np.uint32)


def exponential_wave_numbers(
    rng: np.random.Generator, waves: int, corr_m: float
) -> tuple[Floats, Floats]:
    """Draw plane waves (rad/m) whose sum has the correlation exp(-distance / corr_m).

    The spectrum of the isotropic exponential in the plane is (1/corr^2 + k^2)^(-3/2); its
    distribution function is inverted in closed form.
    """
    share = 1.0 - rng.random(waves)
    k = np.sqrt(1.0 / share**2 - 1.0) / corr_m
    angle = rng.uniform(0.0, 2.0 * np.pi, waves)
    return k * np.cos(angle), k * np.sin(angle)


class Shadowing:
    """Log-normal shadowing in dB between two places: a pure function of both ends.

    Correlation exp(-(moved by one end + moved by the other) / corr_m): Gudmundson, Electronics
    Letters 27 (1991) 2145, for each end; the product for two moving ends: Wang, Tameh, Nix,
    IEEE Trans. Veh. Technol. 57 (2008) 52. A sum of plane waves, so that a place seen twice has
    the same shadow, in whatever order it is asked.
    """

    WAVES = 24

    def __init__(self, rng: np.random.Generator, sigma_db: float, corr_m: float) -> None:
        self.scale = float(sigma_db * np.sqrt(2.0 / self.WAVES)) / AMPLITUDE
        self.most_db = self.scale * AMPLITUDE * self.WAVES  # all waves in phase
        near = exponential_wave_numbers(rng, self.WAVES, corr_m)
        far = exponential_wave_numbers(rng, self.WAVES, corr_m)
        self.waves = _whole_waves(np.stack([*near, *far]) * (WHOLE_M / (2.0 * np.pi)))
        self.phase = turns(rng, self.WAVES)
        self._rows: list[tuple[int, int, int]] | None = None

    def at(self, ends: Times) -> Floats:
        """Give the shadowing in dB for n pairs of ends: (n, 4) of near x, y and far x, y.

        These are whole (`whole_places`).
        """
        if len(ends) > 1:  # who rests is asked once for each rest
            moved = np.flatnonzero((ends[1:] != ends[:-1]).any(axis=1)) + 1
            if 2 * len(moved) < len(ends):
                firsts = np.concatenate([[0], moved])
                counts = np.diff(np.concatenate([firsts, [len(ends)]]))
                return np.repeat(self._total(ends[firsts]), counts)
        return self._total(ends)

    def at_one(self, x: int, y: int) -> float:
        """Give the shadowing of one place that stands for both ends, the far one at the origin.

        As `at` does, and for one place five times faster.
        """
        if self._rows is None:
            self._rows = list(zip(*self.waves[:2].tolist(), self.phase.tolist(), strict=True))
        total = 0
        for along_x, along_y, phase in self._rows:
            total += COSINE_LIST[((x * along_x + y * along_y + phase) & 0xFFFFFFFF) >> 20]
        return total * self.scale

    def _total(self, ends: Times) -> Floats:
        steps = steps_of(ends, self.waves, self.phase)
        total: Floats = COSINES[steps].sum(axis=1) * self.scale
        return total


class Fading:
    """Rician fast fading in dB: a pure function of both ends, the time and the channel.

    Clarke's sum of plane waves (Bell Syst. Tech. J. 47 (1968) 957) plus a steady path `rice_k`
    times stronger: it decorrelates over a fraction of the 12.5 cm wavelength, is independent
    between channels (indoor coherence bandwidth is a few MHz).  Four of the waves come by way of
    somebody who breathes and sways, and drift with `sway_rad_s`; two drift slowly; four come off
    walls and ground and stay, so that each channel keeps a level of its own for as long as
    nobody walks.  Time stands still for a receiver that nobody is near.
    """

    WAVES = 10
    WAVELENGTH_M = 0.125

    def __init__(
        self, rng: np.random.Generator, rice_k: float, sway_rad_s: float, channels: int
    ) -> None:
        angle = rng.uniform(0.0, 2.0 * np.pi, (2, self.WAVES))
        near, far = np.array([np.cos(angle), np.sin(angle)]).swapaxes(0, 1) / self.WAVELENGTH_M
        drift = rng.normal(0.0, sway_rad_s / (2.0 * np.pi), (1, self.WAVES))
        drift *= DRIFTS
        waves = np.concatenate([near * WHOLE_M, far * WHOLE_M, drift / 1000.0])
        self.waves = _whole_waves(waves)
        self.phase = turns(rng, (channels, self.WAVES))
        self.steady = float(np.sqrt(rice_k / (rice_k + 1.0)))
        scattered = float(np.sqrt(1.0 / ((rice_k + 1.0) * self.WAVES)))
        self.scattered = scattered / AMPLITUDE
        self.mean_db = rician_mean_db(rice_k)
        at_most = self.steady + scattered * self.WAVES
        self.most_db = float(20.0 * np.log10(at_most)) - self.mean_db  # all waves in phase

    def at(self, ends_and_ms: Times, channel: Times, own_phase: NDArray[np.uint32]) -> Floats:
        """Give the fading in dB about its mean: (n, 5) of near x, y, far x, y, all whole, and ms.

        `channel` (n) is 0, 1 or 2; `own_phase` (one a wave, of `turns`) is the tag's own.
        """
        steps = steps_of(ends_and_ms, self.waves, self.phase[channel] + own_phase)
        real = self.steady + self.scattered * COSINES[steps].sum(axis=1)
        imaginary = self.scattered * COSINES[(steps - QUARTER) & (STEPS - 1)].sum(axis=1)
        power = np.maximum(real * real + imaginary * imaginary, 1e-9)
        return decibels(power) - self.mean_db


def rician_mean_db(rice_k: float) -> float:
    """Give the mean in dB of Rician power of mean 1: (ln(K / (1 + K)) + E1(K)) as dB, K <= 20."""
    total = -np.euler_gamma - np.log1p(rice_k)
    term = 1.0
    for n in range(1, 120):
        term *= -rice_k / n
        total -= term / n
    return float(10.0 * total / np.log(10.0))
