"""Gaussian random fields: values that vary over space with a stated correlation."""

from __future__ import annotations

import numpy as np

from sim.world.place import Floats, Times

STEPS = 4096  # of a turn: a phase is off by 0.0008 rad at most, 0.003 dB
COSINES = np.cos(2.0 * np.pi * (np.arange(STEPS) + 0.5) / STEPS)
QUARTER = STEPS // 4
# of the ten scattered waves: off walls and ground, off somebody who shifts, off one who breathes
DRIFTS = np.array([0.0] * 4 + [0.12] * 2 + [1.0] * 4)


def steps_of(places: Floats, waves: Floats, phase: Floats) -> Times:
    """Give each wave's phase at each place in steps of a turn: places @ waves + phase, whole.

    A table of cosines over whole steps is five times faster than the cosine, and equal on
    every machine.
    """
    return (places @ waves + phase).astype(np.int64) & (STEPS - 1)


def turns(rng: np.random.Generator, shape: int | tuple[int, ...]) -> Floats:
    """Draw uniform phases in steps of a turn."""
    return rng.uniform(0.0, STEPS, shape)


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
        self._scale = sigma_db * np.sqrt(2.0 / self.WAVES)
        self.most_db = float(self._scale * self.WAVES)  # all waves in phase
        near = exponential_wave_numbers(rng, self.WAVES, corr_m)
        far = exponential_wave_numbers(rng, self.WAVES, corr_m)
        self._waves = np.stack([*near, *far]) * (STEPS / (2.0 * np.pi))
        self._phase = turns(rng, self.WAVES)

    def at(self, ends: Floats) -> Floats:
        """Give the shadowing in dB for n pairs of ends: (n, 4) of near x, y and far x, y."""
        if len(ends) > 1:  # who rests is asked once for each rest
            moved = np.flatnonzero((ends[1:] != ends[:-1]).any(axis=1)) + 1
            if 2 * len(moved) < len(ends):
                firsts = np.concatenate([[0], moved])
                counts = np.diff(np.concatenate([firsts, [len(ends)]]))
                return np.repeat(self._total(ends[firsts]), counts)
        return self._total(ends)

    def _total(self, ends: Floats) -> Floats:
        steps = steps_of(ends, self._waves, self._phase)
        total: Floats = COSINES[steps].sum(axis=1) * self._scale
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
        self._waves = np.concatenate([near, far, drift]) * STEPS
        self._phase = turns(rng, (channels, self.WAVES))
        self._steady = np.sqrt(rice_k / (rice_k + 1.0))
        self._scattered = np.sqrt(1.0 / ((rice_k + 1.0) * self.WAVES))
        self._mean_db = rician_mean_db(rice_k)
        at_most = self._steady + self._scattered * self.WAVES
        self.most_db = float(20.0 * np.log10(at_most)) - self._mean_db  # all waves in phase

    def at(self, ends_and_s: Floats, channel: Times, own_phase: Floats) -> Floats:
        """Give the fading in dB about its mean: (n, 5) of near x, y, far x, y, seconds.

        `channel` (n) is 0, 1 or 2; `own_phase` (one a wave, in steps) is the tag's own.
        """
        steps = steps_of(ends_and_s, self._waves, self._phase[channel] + own_phase)
        real = self._steady + self._scattered * COSINES[steps].sum(axis=1)
        imaginary = self._scattered * COSINES[(steps - QUARTER) & (STEPS - 1)].sum(axis=1)
        power = np.maximum(real * real + imaginary * imaginary, 1e-9)
        faded: Floats = 10.0 * np.log10(power) - self._mean_db
        return faded


def rician_mean_db(rice_k: float) -> float:
    """Give the mean in dB of Rician power of mean 1: (ln(K / (1 + K)) + E1(K)) as dB, K <= 20."""
    total = -np.euler_gamma - np.log1p(rice_k)
    term = 1.0
    for n in range(1, 120):
        term *= -rice_k / n
        total -= term / n
    return float(10.0 * total / np.log(10.0))
