"""Tables as columns of one type each, and all of them as one run of bytes for a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Column: TypeAlias = NDArray[Any]
Columns: TypeAlias = dict[str, Column]

# An event.  Moments are Unix ms, or ms from the start where nobody knew UTC; metres are the
# picture's plane; NaN is "not told"; `device`, `tag` and `fate` are places in the picture's lists;
# `state` is what a motion event came to: 1 moving, 2 still;
# `at` is where its source has it, to be read again.
EVENT = {
    "t_ms": "<f8",
    "at": "<f8",
    "number": "<f8",
    "x_m": "<f4",
    "y_m": "<f4",
    "true_x_m": "<f4",
    "true_y_m": "<f4",
    "accuracy_m": "<f4",
    "value": "<f4",
    "lag_s": "<f4",
    "device": "<u2",
    "tag": "<i2",
    "kind": "<u1",
    "fate": "<u1",
    "state": "<u1",
}
# Something that lasts, on a lane: `label` is a place in the picture's words, `tone` 0 to 3 how well
# it is (0 nothing to say, 1 good, 2 worth a look, 3 bad).
SPAN = {
    "t0_ms": "<f8",
    "t1_ms": "<f8",
    "label": "<u2",
    "device": "<u2",
    "lane": "<u1",
    "tone": "<u1",
}
# A number at a moment, on a lane; it holds until the next one.
SAMPLE = {"t_ms": "<f8", "value": "<f4", "device": "<u2", "tag": "<i2", "lane": "<u1"}
# What became of an event that was told before; `at` as the event has it.
SETTLED = {"at": "<f8", "lag_s": "<f4", "fate": "<u1"}
# A moment to jump to: `what` is 0 a finding, 1 a difference; `event` its row and `other` that of
# the right side, or -1.
MARK = {
    "t_ms": "<f8",
    "event": "<i4",
    "other": "<i4",
    "text": "<i4",
    "device": "<u2",
    "what": "<u1",
}


def columns_of(rows: Sequence[Sequence[Any]], fields: Mapping[str, str]) -> Columns:
    """Turn rows into columns of the fields' types."""
    turned = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
    return {
        name: np.array(values, dtype=kind)
        for (name, kind), values in zip(fields.items(), turned, strict=True)
    }


def taken(columns: Columns, order: Column) -> Columns:
    """Give the rows in another order, or some of them."""
    return {name: column[order] for name, column in columns.items()}


def joined(parts: Sequence[Columns], fields: Mapping[str, str]) -> Columns:
    """Put tables of the same fields one after the other."""
    if not parts:
        return columns_of([], fields)
    return {name: np.concatenate([part[name] for part in parts]) for name in fields}


def rows_of(columns: Columns) -> int:
    """Count the rows."""
    return len(next(iter(columns.values()))) if columns else 0


def packed(tables: Mapping[str, Columns]) -> tuple[dict[str, Any], bytes]:
    """Give where each column lies ({table: {column: [type, offset, length]}}), and the bytes.

    Every column begins at a multiple of 8, as typed arrays want it.
    """
    layout: dict[str, Any] = {}
    parts: list[bytes] = []
    offset = 0
    for table, columns in tables.items():
        layout[table] = {}
        for name, column in columns.items():
            content = column.tobytes()
            layout[table][name] = [column.dtype.str, offset, column.size]
            padding = -len(content) % 8
            parts += [content, bytes(padding)]
            offset += len(content) + padding
    return layout, b"".join(parts)
