"""The load of the badge benchmark: a whole shift, its inputs made ahead of the clock."""

from __future__ import annotations

import random
from collections.abc import Iterator

from badge.inputs import (
    Assign,
    Battery,
    Boot,
    GpsFix,
    Input,
    Movement,
    ScanResult,
    Tick,
    Unassign,
    UtcLearned,
)

TAGS = ("AA:BB:CC:00:00:01", "AA:BB:CC:00:00:02", "AA:BB:CC:00:00:03")
START_UNIX_MS = 1_773_470_820_000


def shift(hours: int, seed: int = 1) -> list[tuple[int, Input]]:
    """Return (ms, input): a poll every 15 s, a scan every 5 s, three tags that come and go."""
    return sorted(_shift(hours * 3_600_000, random.Random(seed)), key=lambda item: item[0])


def _shift(end_ms: int, rng: random.Random) -> Iterator[tuple[int, Input]]:
    yield 0, Boot()
    yield 0, UtcLearned(START_UNIX_MS)
    yield 0, Assign("W-007")
    yield 0, Movement(True)
    for now_ms in range(0, end_ms, 15_000):
        yield now_ms, Tick()
        lat, lon = 33.749 + rng.random() / 1000, -84.388 + rng.random() / 1000
        yield now_ms + 900, GpsFix(lat, lon, hdop=round(0.8 + rng.random(), 1))
    for now_ms in range(5_000, end_ms, 5_000):
        yield now_ms, _scan(now_ms, rng)
        yield now_ms, Tick()
    for now_ms in range(600_000, end_ms, 900_000):
        yield now_ms, Movement(False)
        yield now_ms + 120_000, Movement(True)
        yield now_ms, Battery(max(15, 100 - now_ms * 80 // end_ms))
    yield end_ms, Unassign()


def _scan(now_ms: int, rng: random.Random) -> ScanResult:
    heard = [
        (tag, -60 - rng.randrange(8))
        for place, tag in enumerate(TAGS)
        if (now_ms // 300_000 + place) % 3
    ]
    return ScanResult(tuple(heard))
