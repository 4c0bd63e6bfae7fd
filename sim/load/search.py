"""The highest rate that holds a promise: doubled until it breaks, then halved in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

NEAR = 0.05  # how close the answer comes, of the rate


@dataclass(frozen=True, slots=True)
class Probe:
    """One rate that was tried."""

    rate_per_s: float
    holds: bool


def highest(
    try_out: Callable[[float], bool], first_per_s: float, most_per_s: float
) -> tuple[float | None, list[Probe]]:
    """Find the highest rate that holds, to 5 %; None if not even a hundredth of the first does.

    `try_out` is asked at most some thirty times.
    """
    tried: list[Probe] = []

    def holds(rate: float) -> bool:
        tried.append(Probe(rate, try_out(rate)))
        return tried[-1].holds

    rate = min(first_per_s, most_per_s)
    if holds(rate):
        good, bad = rate, None
        while bad is None and good < most_per_s:
            rate = min(good * 2, most_per_s)
            if holds(rate):
                good = rate
            else:
                bad = rate
    else:
        good, bad = 0.0, rate
        while bad > first_per_s / 100:
            rate = bad / 2
            if holds(rate):
                good = rate
                break
            bad = rate
        if not good:
            return None, tried
    while bad is not None and bad - good > NEAR * good:
        rate = (good + bad) / 2
        if holds(rate):
            good = rate
        else:
            bad = rate
    return good, tried
