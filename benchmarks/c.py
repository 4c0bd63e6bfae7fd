"""The badge in C, fed by the block, beside the badge in Python and the loop by hand.

The load and the way of measuring are those of `benchmarks/badge.py`: a whole shift, every batch
encoded and accepted.  Events lie in flash (in memory), which the badge in Python goes without here.
"""

from __future__ import annotations

from badge.errors import InputError
from badge.host.c_block import CBlockBadge, columns
from benchmarks.badge import CONFIG, best_s, run_badge, run_by_hand
from benchmarks.shift_load import shift


def ratios() -> list[tuple[str, float, float | None]]:
    """Return (label, value, goal); InputError where the core is not built."""
    load = shift(hours=24)
    block = columns(load)
    inputs, events, bodies = run_badge(load)
    taken = CBlockBadge(CONFIG).take(block)
    if taken.pieces != bodies:
        raise InputError("the badge in C has encoded other batches than the badge in Python")
    c_s, lines_s, python_s, hand_s = best_s(
        lambda: CBlockBadge(CONFIG).take(block),
        lambda: CBlockBadge(CONFIG, lines=True).take(block),
        lambda: run_badge(load),
        lambda: run_by_hand(events),
    )
    return [
        ("inputs/s of the badge in C", inputs / c_s, 5_000_000),
        ("events/s of the badge in C, as batches", events / c_s, 700_000),
        ("events/s of the badge in C, as lines when logged", events / lines_s, None),
        ("events/s, as a ratio to the loop by hand", hand_s / c_s, 1.2),
        ("inputs/s of the badge in Python", inputs / python_s, None),
        ("inputs/s in C, as a ratio to Python", python_s / c_s, None),
    ]
