"""Fit a body to its front to back: the one number of an environment that each place has anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.calibration import estimators, simulated
from sim.world.environments import METAL, ROOM, YARD, Environment

TARGETS_DB = ((YARD, 17.5), (ROOM, 9.5), (METAL, 6.8))
"""Medians of MIT LL: seven series in a courtyard, rooms, a room of metal."""
MOST_DB, STEPS = 30.0, 6


def front_to_back_of(env: Environment, seeds: int) -> float:
    """Give the mean front to back of persons who turn, one a seed."""
    people = (simulated.person(env, seed, 0, 120.0) for seed in range(seeds))
    found = [estimators.front_to_back_db(one.t_ms // 15_000, one.rssi) for one in people]
    return float(np.mean(found))


def body_for(env: Environment, wanted_db: float, seeds: int) -> float:
    """Find the `body_db` that shows so much front to back, to half a dB; 0 if none is needed.

    Fading and shadowing alone make facings differ, so this is less than `wanted_db`.
    """
    low, high = 0.0, MOST_DB
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        if front_to_back_of(replace(env, body_db=middle), seeds) < wanted_db:
            low = middle
        else:
            high = middle
    return round((low + high) / 2.0, 1)
