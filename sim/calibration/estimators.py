"""The arithmetic that measured and simulated samples go through alike: pure functions of columns.

Times are milliseconds, strengths dBm, errors metres.  Anyone can run them on samples of her own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.world.movement import MOVING_M_S, Journey
from sim.world.place import Floats, Times

CYCLE_MS = 5000  # contract section 3: ble_scan_period_s
HITS, MISSES = 3, 5  # contract section 3: detection and lost count thresholds
STILL_MS = 30_000  # contract section 3: stationary_after_s
LAG_TOLERANCE_MS = 50
Flags = NDArray[np.bool_]


def means_by(group: Times, rssi: Floats) -> Floats:
    """Give the mean of each group, in order of the group's number."""
    numbers, index = np.unique(group, return_inverse=True)
    means: Floats = np.bincount(index, weights=rssi) / np.bincount(index)
    assert len(means) == len(numbers)
    return means


def front_to_back_db(facing: Times, rssi: Floats) -> float:
    """Give the strongest facing's mean less the weakest one's."""
    means = means_by(facing, rssi)
    return float(means.max() - means.min())


def cycle_maxima(t_ms: Times, rssi: Floats, period_ms: int = CYCLE_MS) -> Floats:
    """Give the strongest sample of each scan cycle in which anything was heard, in order."""
    cycle, index = np.unique(t_ms // period_ms, return_inverse=True)
    best = np.full(len(cycle), -np.inf)
    np.maximum.at(best, index, rssi)
    return best


def hit_share(maxima: Floats, margin_db: float) -> float:
    """Give the share of cycles hit by a threshold so far below the mean maximum."""
    return float((maxima >= maxima.mean() - margin_db).mean())


def session_lost(maxima: Floats, margin_db: float) -> bool:
    """Say whether a session is met (3 hits running) and then lost (5 misses running)."""
    met, run = False, 0
    for hit in (maxima >= maxima.mean() - margin_db).tolist():
        run = run + 1 if hit is not met else 0
        if run >= (MISSES if met else HITS):
            if met:
                return True
            met, run = True, 0
    return False


def autocorrelation(t_ms: Times, rssi: Floats, lag_ms: int) -> float:
    """Give the correlation of samples that lie `lag_ms` apart (± 50 ms), about their own mean."""
    left = rssi - rssi.mean()
    apart = t_ms[None, :] - t_ms[:, None]
    one, other = np.nonzero(np.abs(apart - lag_ms) <= LAG_TOLERANCE_MS)
    return float((left[one] * left[other]).mean() / (left * left).mean())


def channel_spread_db(channel: Times, rssi: Floats) -> float:
    """Give the strongest channel's mean less the weakest one's."""
    return front_to_back_db(channel, rssi)


def scatter_db(group: Times, rssi: Floats) -> float:
    """Give the standard deviation about each group's own mean, pooled."""
    _, index = np.unique(group, return_inverse=True)
    left = rssi - means_by(group, rssi)[index]
    return float(np.sqrt((left * left).mean()))


def levels_of(rssi: Floats, count: int = 3) -> Times:
    """Part samples whose channel is not told into `count` levels: the cut of least squares."""
    values = np.sort(rssi)
    ahead = np.concatenate([[0.0], np.cumsum(values)])
    ahead2 = np.concatenate([[0.0], np.cumsum(values * values)])

    def left_over(i: int, j: int) -> float:
        return float(ahead2[j] - ahead2[i] - (ahead[j] - ahead[i]) ** 2 / (j - i))

    size = len(values)
    if count != 3 or size < 3:
        raise ValueError("three levels, of three samples or more")
    cuts = ((i, j) for i in range(1, size - 1) for j in range(i + 1, size))
    i, j = min(cuts, key=lambda c: left_over(0, c[0]) + left_over(*c) + left_over(c[1], size))
    edges = np.array([values[i], values[j]])
    found: Times = np.searchsorted(edges, rssi, side="right")
    return found


def inside_share(error_m: Floats, accuracy_m: Floats) -> float:
    """Give the share of the fixes whose error is within the radius that they state."""
    return float((error_m <= accuracy_m).mean())


def drms_m(error_m: Floats) -> float:
    """Give the root mean square of the distances from the truth."""
    return float(np.sqrt((error_m * error_m).mean()))


def missed_share(missed: Flags) -> float:
    """Give the share of polls without a fix."""
    return float(missed.mean())


def mean_run(missed: Flags) -> float:
    """Give the mean number of missed polls in a row; 0 when none was missed."""
    edges = np.diff(np.concatenate([[0], missed.astype(np.int64), [0]]))
    begins = np.count_nonzero(edges == 1)
    return float(missed.sum() / begins) if begins else 0.0


def off_route_m(x_m: Floats, y_m: Floats, route: Sequence[tuple[float, float]]) -> Floats:
    """Give each point's distance to the nearest leg of a route."""
    best = np.full(len(x_m), np.inf)
    corners = np.array(route)
    for (ax, ay), (bx, by) in pairwise(corners):
        dx, dy = bx - ax, by - ay
        along = ((x_m - ax) * dx + (y_m - ay) * dy) / max(dx * dx + dy * dy, 1e-9)
        along = np.clip(along, 0.0, 1.0)
        best = np.minimum(best, np.hypot(x_m - ax - along * dx, y_m - ay - along * dy))
    return best


def walking_share(journey: Journey, end_ms: int, step_ms: int = 1000) -> float:
    """Give the share of the time in which somebody goes faster than 0.3 m/s."""
    times = np.arange(journey.start_ms, end_ms + step_ms, step_ms)
    xs, ys = journey.xy_at(times)
    speed = np.hypot(np.diff(xs), np.diff(ys)) * 1000.0 / step_ms
    return float((speed > MOVING_M_S).mean())


def still_spells_an_hour(changes: Sequence[tuple[int, bool]], hours: float) -> float:
    """Give how often an hour nothing is felt for longer than 30 s."""
    spells = [b[0] - a[0] for a, b in pairwise(changes) if not a[1]]
    return sum(spell > STILL_MS for spell in spells) / hours
