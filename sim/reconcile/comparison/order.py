"""Which rows came out of order: the fewest whose removal leaves the rest in order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise


def displaced(arrivals: Sequence[int]) -> list[int]:
    """Return the places, ascending, of a smallest set without which `arrivals` never falls.

    `arrivals` are the moments of insertion in the order of the sequence numbers.  Equal ones (a
    batch) are in order.  O(n log n); O(n) where nothing is out of order.
    """
    if all(one <= other for one, other in pairwise(arrivals)):
        return []
    kept = set(_longest_rising(arrivals))
    return [place for place in range(len(arrivals)) if place not in kept]


def _longest_rising(values: Sequence[int]) -> list[int]:
    """Return the places of a longest subsequence that never falls, last first (patience)."""
    ends: list[int] = []  # the smallest last value of a rising run of each length
    places: list[int] = []  # and its place
    before: list[int] = []  # the place before each place in the longest run that ends there
    for place, value in enumerate(values):
        length = bisect_right(ends, value)
        before.append(places[length - 1] if length else -1)
        ends[length : length + 1] = [value]
        places[length : length + 1] = [place]
    run, place = [], places[-1]
    while place >= 0:
        run.append(place)
        place = before[place]
    return run
