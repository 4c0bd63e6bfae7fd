"""A recorded walk past radios at known places, and the same walk through our radio."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from badge.errors import InputError
from sim.world.adverts import ScanPattern, Tag
from sim.world.environments import FIT_FILE, Environment
from sim.world.movement import Journey, Knot
from sim.world.place import Floats, Spot, Times
from sim.world.radio import RSSI_MAX_DBM, RSSI_MIN_DBM, Radio, Receiver

COLUMNS = ("unix_ms", "mac", "rssi", "x_m", "y_m")
HEARD_ALWAYS = ScanPattern(interval_ms=200, window_ms=200)


@dataclass(frozen=True, slots=True)
class Walk:
    """Columns of what was heard on a walk: ms, index into `macs`, dBm, and where (metres)."""

    macs: tuple[str, ...]
    t_ms: Times
    radio: NDArray[np.int64]
    rssi: Floats
    x_m: Floats
    y_m: Floats

    def only(self, kept: NDArray[np.bool_]) -> Walk:
        """Give the rows that are kept."""
        return Walk(
            self.macs,
            self.t_ms[kept],
            self.radio[kept],
            self.rssi[kept],
            self.x_m[kept],
            self.y_m[kept],
        )


@dataclass(frozen=True, slots=True)
class FixedRadio:
    """One radio of the hall: where it is and how much stronger than the mean it is."""

    mac: str
    x_m: float
    y_m: float
    gain_db: float


def read_walk(path: Path) -> Walk:
    """Read a walk (unix_ms,mac,rssi,x_m,y_m); InputError with the line on anything else."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        if tuple(next(rows, ())) != COLUMNS:
            raise InputError(f"{path.name} line 1: the columns must be {','.join(COLUMNS)}.")
        found = [_row(path.name, number, row) for number, row in enumerate(rows, start=2)]
    if not found:
        raise InputError(f"{path.name}: there is no row under the header; record some first.")
    macs = tuple(sorted({mac for _, mac, *_ in found}))
    index = {mac: number for number, mac in enumerate(macs)}
    times, names, rssi, xs, ys = zip(*found, strict=True)
    return Walk(
        macs,
        np.array(times, dtype=np.int64),
        np.array([index[mac] for mac in names]),
        np.array(rssi, dtype=np.float64),
        np.array(xs),
        np.array(ys),
    )


def _row(name: str, number: int, row: list[str]) -> tuple[int, str, int, float, float]:
    try:
        t_ms, mac, rssi, x_m, y_m = row
        read = int(t_ms), mac, int(rssi), float(x_m), float(y_m)
    except ValueError:
        raise InputError(f"{name} line {number}: not a row of {','.join(COLUMNS)}.") from None
    if not all(np.isfinite(value) for value in read[2:]):
        raise InputError(f"{name} line {number}: a number is not finite; correct it.")
    return read


def possible(walk: Walk) -> Walk:
    """Drop readings that no receiver can have had (the recordings hold two, +42 and +29 dBm)."""
    return walk.only((walk.rssi >= RSSI_MIN_DBM) & (walk.rssi <= RSSI_MAX_DBM))


def fitted_radios() -> list[FixedRadio]:
    """Give the radios of the fit, in the order of their MACs."""
    fitted = json.loads(FIT_FILE.read_text(encoding="utf-8"))["radios"]
    return [FixedRadio(**one) for one in fitted]


def residuals(walk: Walk, radios: list[FixedRadio], env: Environment) -> Floats:
    """Give RSSI less path loss and the radio's gain, about each radio's own mean on the walk."""
    at = np.array([(r.x_m, r.y_m, r.gain_db) for r in radios])[walk.radio]
    distance = np.hypot(walk.x_m - at[:, 0], walk.y_m - at[:, 1])
    left = walk.rssi - (env.rssi_1m_dbm + at[:, 2] - 10.0 * env.exponent * np.log10(distance))
    heard = np.bincount(walk.radio, minlength=len(radios))
    mean = np.bincount(walk.radio, weights=left, minlength=len(radios)) / np.maximum(heard, 1)
    centred: Floats = left - mean[walk.radio]
    return centred


def rewalk(walk: Walk, radios: list[FixedRadio], env: Environment, seed: int) -> Walk:
    """Walk it again through our radio: same way, same pace, same radios, 450 ms adverts."""
    start = int(walk.t_ms.min())
    badge = Receiver("walker", _journey(walk, start), scanner=HEARD_ALWAYS)
    radio = Radio(seed, replace(env, loss=0.0))  # one PDU of three is always heard by this scanner
    end = int(walk.t_ms.max()) - start
    heard = [
        radio.sightings(0, end, Tag(r.mac, 450, r.gain_db), Spot(r.x_m, r.y_m), badge)
        for r in radios
    ]
    times = np.concatenate([t_ms for t_ms, _ in heard])
    index = np.repeat(np.arange(len(radios)), [len(t_ms) for t_ms, _ in heard])
    rssi = np.concatenate([dbm for _, dbm in heard]).astype(np.float64)
    x_m, y_m = badge.mover.xy_at(times)
    return Walk(walk.macs, times + start, index, rssi, x_m, y_m)


def _journey(walk: Walk, start_ms: int) -> Journey:
    times, first = np.unique(walk.t_ms, return_index=True)
    return Journey(
        [
            Knot(int(t_ms) - start_ms, float(walk.x_m[row]), float(walk.y_m[row]), 0.0, "walk")
            for t_ms, row in zip(times, first, strict=True)
        ]
    )


def wasserstein_db(one: Floats, other: Floats) -> float:
    """Give the mean distance in dB between two distributions' quantiles (Wasserstein-1)."""
    levels = (np.arange(1000) + 0.5) / 1000.0
    return float(np.abs(np.quantile(one, levels) - np.quantile(other, levels)).mean())


def variogram(walk: Walk, left: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Give half the mean squared difference (dB^2) by distance walked, and the pairs counted."""
    sums, pairs = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    for number in range(len(walk.macs)):
        mine = walk.radio == number
        x_m, y_m, value = walk.x_m[mine], walk.y_m[mine], left[mine]
        upper = np.triu_indices(len(value), 1)
        apart = np.hypot(x_m[upper[0]] - x_m[upper[1]], y_m[upper[0]] - y_m[upper[1]])
        half = 0.5 * (value[upper[0]] - value[upper[1]]) ** 2
        sums += np.histogram(apart, edges, weights=half)[0]
        pairs += np.histogram(apart, edges)[0]
    return sums / np.maximum(pairs, 1.0), pairs
