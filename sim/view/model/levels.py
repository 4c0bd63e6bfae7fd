"""Levels of detail: what of a million events is seen at once, worked out when the picture is."""

from __future__ import annotations

import numpy as np

from sim.view.model.columns import Columns

BINS_MAX = 4096
CELLS_MAX = 4_000_000  # of all devices together: 8 MB


def levels_of(events: Columns, devices: int, kinds: int, span: tuple[float, float]) -> Columns:
    """Count by kind and bin, and say which kinds each device logged in each bin (bit by bit).

    `seen` is devices × bins, `counts` kinds × bins, both row by row; a bin is an equal part of
    the span.
    """
    bins = max(1, min(BINS_MAX, CELLS_MAX // max(devices, 1)))
    start_ms, end_ms = span
    width_ms = max(end_ms - start_ms, 1.0) / bins
    places = ((events["t_ms"] - start_ms) / width_ms).astype(np.int64).clip(0, bins - 1)
    seen = np.zeros(devices * bins, dtype="<u2")
    kind = events["kind"].astype(np.int64)
    bits = np.left_shift(1, kind).astype("<u2")
    np.bitwise_or.at(seen, events["device"].astype(np.int64) * bins + places, bits)
    counts = np.bincount(kind * bins + places, minlength=kinds * bins).astype("<u4")
    return {"seen": seen, "counts": counts}
