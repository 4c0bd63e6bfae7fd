"""How far the strongest sample of a cycle is above the steady level: one draw for many samples.

A sample's fading is a sum of waves.  Over a cycle at rest some of them hold (their sum is worked
out, and is the place's own), the others turn: what these and the receiver's errors add to the
strongest of n samples is drawn in one step, F^-1(u^(1/n)) of the distribution F of one sample.
Who moves is drawn span by span, about the level in its midst, with all waves turning.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.engine.draws import bits_of
from sim.world.environments import Environment
from sim.world.field import COSINES, QUARTER, STEPS, TURN, Fading, decibels, steps_of
from sim.world.place import Floats, Times

Levels: TypeAlias = NDArray[np.int16]
FIT_FILE = Path(__file__).with_name("cycle_fit.json")
WORN, WORN_SPAN, ALONE, MOVING = range(4)  # how an entry is drawn
SPAN_MS, SPANS_MAX = 1000, 16
DRAWS_A_MS = 64  # numbers of a cycle's draws: three a span
WEIGHT = 1 << 10  # of a wave that holds over the whole time
COUNTS = 256  # of samples: more are as these
POWER_ROWS, POWER_LEAST = 48, -9  # quarter octaves of the steady waves' power, from 2^-9 on
CHANCES, CHANCE_LEAST = 192, -20  # eighths of an octave of -ln F, from 2^-20 on
MOVED_ROWS, MOVED_A_M = 17, 4  # quarters of a metre that the ends move in a span
LEVELS_A_DB = 256
EXPONENTIALS = -np.log((np.arange(4096) + 0.5) / 4096)
_STEP_DB, _LEAST_DB, _MOST_DB = 1 / 8, -64.0, 48.0
_POINTS = 2048
_LEAST_POWER = 1e-9


@dataclass(frozen=True, slots=True)
class CycleFit:
    """What was fitted to the sample model (`python -m sim.calibration.cycle`).

    `*_share`: of n samples so much of each after the first counts as another one; by itself a
    worn badge at rest for a cycle and for a span, and one that moves.  `moving_shadow`: the share
    of the shadowing's variance within a span that counts.
    """

    source: str
    worn_share: float
    span_share: float
    moving_share: float
    moving_shadow: float


@cache
def cycle_fit() -> CycleFit:
    """Read the fit that is shipped."""
    return CycleFit(**json.loads(FIT_FILE.read_text(encoding="utf-8")))


class CycleLaw:
    """The law of a radio's cycles of one length: tables, which the model in C takes as they are.

    `weights` (3, waves): how much of each wave holds, in 1024ths, by kind; `loose` (3): the power
    of what turns; `rows` (rows, CHANCES): 256ths of a dB; `shares` (4, COUNTS): one by the
    effective number of samples; `most_db`: what none is above.
    """

    def __init__(
        self, env: Environment, fading: Fading, period_ms: int, fit: CycleFit | None = None
    ) -> None:
        fit = fit or cycle_fit()
        self.fading = fading
        self.spans = min(max(period_ms // SPAN_MS, 1), SPANS_MAX)
        drifts = fading.waves[4].astype(np.int32) / TURN  # turns a ms
        held = [np.abs(np.sinc(drifts * ms)) for ms in (period_ms, period_ms / self.spans)]
        held.append(np.ones(Fading.WAVES))
        self.weights = np.rint(np.array(held) * WEIGHT).astype(np.int32)
        amplitude = fading.scattered * (1 << 14)
        lost = amplitude * np.sqrt(1.0 - (self.weights / WEIGHT) ** 2)
        self.loose = (lost * lost).sum(axis=1)
        powers = 2.0 ** (POWER_LEAST + (np.arange(POWER_ROWS) + 0.5) / 4)
        about = 10.0 * np.log10(np.maximum(powers[:, None] + self.loose, _LEAST_POWER))
        rows = [
            _levels(powers, lost[kind], about[:, kind], np.array([env.error_db]))
            for kind in (WORN, WORN_SPAN, ALONE)
        ]
        half_m = (np.arange(MOVED_ROWS) + 0.5) / (2 * MOVED_A_M)
        like = env.corr_m / half_m * (1.0 - np.exp(-half_m / env.corr_m))
        shadow = 2.0 * env.shadowing_db**2 * fit.moving_shadow * (1.0 - like)
        steady, all_turn = np.array([fading.steady**2]), np.full(Fading.WAVES, amplitude)
        errors = np.sqrt(env.error_db**2 + shadow)
        rows.append(_levels(steady, all_turn, np.array([fading.mean_db]), errors))
        self.rows = np.concatenate(rows)
        more = np.arange(COUNTS) - 1.0
        shares = (fit.worn_share, fit.span_share, 1.0, fit.moving_share)
        counted = 1.0 + np.maximum(more, 0.0) * np.array(shares)[:, None]
        self.shares = 1.0 / counted
        most_power = (fading.steady + Fading.WAVES * amplitude) ** 2 + float(self.loose.max())
        most_db = max(0.0, 10.0 * float(np.log10(most_power)) - fading.mean_db)
        self.most_db = most_db + int(self.rows.max()) / LEVELS_A_DB

    def above(
        self,
        kinds: Times,
        places: Times,
        moved_m: Floats,
        counts: Times,
        numbers: Times,
        salt: int,
        own_phase: NDArray[np.uint32],
    ) -> Floats:
        """Give the dB of the strongest samples above the steady level, -inf where none is heard.

        Arrays of n: `places` (n, 5) as `Fading.at` takes them, `moved_m` by both ends, `counts`
        (n, 3) of the samples on each channel, `numbers` of the first of three draws.
        """
        above = np.full(len(kinds), -np.inf)
        moving = np.flatnonzero((kinds == MOVING) & counts.any(axis=1))
        row = (moved_m[moving] * MOVED_A_M).astype(np.int64).clip(max=MOVED_ROWS - 1)
        drawn = self._drawn(salt, numbers[moving], MOVING, counts[moving].sum(axis=1))
        above[moving] = self.rows[3 * POWER_ROWS + row, drawn] / LEVELS_A_DB
        for kind in (WORN, WORN_SPAN, ALONE):
            for channel in range(3):
                mine = np.flatnonzero((kinds == kind) & (counts[:, channel] > 0))
                power = self._power(kind, places[mine], channel, own_phase)
                row = (power.view(np.int64) >> 50) - ((1023 + POWER_LEAST) << 2)
                row = kind * POWER_ROWS + row.clip(0, POWER_ROWS - 1)
                drawn = self._drawn(salt, numbers[mine] + channel, kind, counts[mine, channel])
                level = decibels(np.maximum(power + self.loose[kind], _LEAST_POWER))
                level = level - self.fading.mean_db + self.rows[row, drawn] / LEVELS_A_DB
                above[mine] = np.maximum(above[mine], level)
        return above

    def _power(
        self, kind: int, places: Times, channel: int, own_phase: NDArray[np.uint32]
    ) -> Floats:
        fading = self.fading
        steps = steps_of(places, fading.waves, fading.phase[channel] + own_phase)
        scattered, weights = fading.scattered * (1.0 / WEIGHT), self.weights[kind].astype(np.int64)
        real = fading.steady + scattered * (COSINES[steps] * weights).sum(axis=1)
        turned = COSINES[(steps - QUARTER) & (STEPS - 1)]
        imaginary = scattered * (turned * weights).sum(axis=1)
        power: Floats = real * real + imaginary * imaginary
        return power

    def _drawn(self, salt: int, numbers: Times, kind: int, counts: Times) -> Times:
        """Give the columns of draws."""
        place = (bits_of(salt, numbers) >> np.uint64(52)).astype(np.int64)
        chance = EXPONENTIALS[place] * self.shares[kind, counts.clip(max=COUNTS - 1)]
        column = (chance.view(np.int64) >> 49) - ((1023 + CHANCE_LEAST) << 3)
        found: Times = column.clip(0, CHANCES - 1)
        return found


def _levels(powers: Floats, turning: Floats, about_db: Floats, errors_db: Floats) -> Levels:
    """Give 256ths of a dB about `about_db` by chance, of a steady power and waves that turn.

    A row for each of the powers, or of the errors.
    """
    roots = np.sqrt(np.array([2, 3, 5, 7, 11, 13, 17, 19, 23, 29][: len(turning)]))
    angles = 2.0 * np.pi * ((np.arange(_POINTS)[:, None] + 0.5) * roots % 1.0)
    real = (turning * np.cos(angles)).sum(axis=1)
    imaginary = (turning * np.sin(angles)).sum(axis=1)
    bins = round((_MOST_DB - _LEAST_DB) / _STEP_DB)
    shares = []
    for power, about in zip(powers, about_db, strict=True):
        level = (np.sqrt(power) + real) ** 2 + imaginary**2
        level = 10.0 * np.log10(np.maximum(level, _LEAST_POWER)) - about
        place = np.rint((level - _LEAST_DB) / _STEP_DB).astype(np.int64).clip(0, bins - 1)
        shares.append(np.bincount(place, minlength=bins) / _POINTS)
    edges_db = _LEAST_DB + _STEP_DB * (np.arange(bins) + 0.5)
    chances = np.exp(-(2.0 ** (CHANCE_LEAST + (np.arange(CHANCES) + 0.5) / 8)))
    rows = []
    for error_db in errors_db:
        most = min(round(5.0 * error_db / _STEP_DB), bins // 2 - 1)
        off = np.arange(-most, most + 1) * (_STEP_DB / max(float(error_db), _STEP_DB))
        spread = np.exp(-0.5 * off * off)
        for share in shares:
            below = np.cumsum(np.convolve(share, spread / spread.sum(), "same"))
            below += np.arange(bins) * 1e-15  # so that it goes up
            rows.append(np.interp(chances, below, edges_db))
    found: Levels = np.rint(np.array(rows) * LEVELS_A_DB).astype(np.int16)
    return found
