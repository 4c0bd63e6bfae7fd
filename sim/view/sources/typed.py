"""A run's events as Parquet or NDJSON: a million at once, where pyarrow is installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module  # pyarrow has no types, and need not be there
from pathlib import Path
from typing import Any

import numpy as np

from sim.view.model.columns import EVENT, Column, Columns
from sim.view.model.events import FATES, KINDS, NUMBER_MAX, STATES, VALUES, EventRows, short
from sim.view.sources import lines


def read_typed(path: Path, offsets: Column, rows: EventRows) -> bool:
    """Take the events of truth/events.parquet, whose lines in the NDJSON lie at `offsets`.

    False, and nothing is taken, where it cannot be read or has other rows than the NDJSON.
    """
    return _take(lambda: _parquet(path), offsets, rows)


def read_typed_lines(path: Path, offsets: Column, rows: EventRows) -> bool:
    """Take the events of an NDJSON file whose lines lie at `offsets`: truth, or events alone.

    False, and nothing is taken, unless all of it is as it should be: one by one then tells what
    is not.
    """
    return _take(lambda: _table(path), offsets, rows)


def _take(read: Callable[[], Any], offsets: Column, rows: EventRows) -> bool:
    try:
        table = read()
        if table.num_rows != len(offsets):
            return False
        block = _columns(table, offsets, rows)
    except (ImportError, OSError, ValueError, KeyError, TypeError, NotImplementedError):
        return False  # pyarrow's own errors are of these kinds
    rows.blocks.append(block)
    return True


def _parquet(path: Path) -> Any:
    pq = import_module("pyarrow.parquet")
    return pq.read_table(path, columns=[*lines.READ, *lines.TRUE, *lines.MORE])


def _table(path: Path) -> Any:
    """Read the columns that Parquet would have.

    pyarrow's reader of JSON ends its process at some broken lines, and must not end ours.
    """
    found = lines.table_in_c(path)
    if found is not None:
        return found
    ipc = import_module("pyarrow.ipc")
    command = [sys.executable, "-P", "-m", lines.__name__, str(path.absolute())]
    # Our own program; the path is one word of it.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reading:  # noqa: S603
        assert reading.stdout is not None
        try:
            return ipc.open_stream(reading.stdout).read_all()
        except BaseException:
            reading.kill()
            raise


def _columns(table: Any, offsets: Column, rows: EventRows) -> Columns:
    devices = _places(table, "device_id", rows.devices.place)
    kinds = _places(table, "event_type", lambda word: _place(KINDS, word, "other"))
    x_m, y_m = _metres(table, "lat", "lon", rows)
    true_x_m, true_y_m = _metres(table, "true_lat", "true_lon", rows)
    moments = table["timestamp_utc"].cast("int64")
    delivered = table["delivered"].fill_null(False).to_numpy().astype(bool)
    fates = _places(table, "undelivered_why", lambda word: _place(FATES, word, "rejected"), 0)
    found = {
        "t_ms": _numbers(moments),
        "at": offsets,
        "number": _numbers(table["sequence_number"]),
        "x_m": x_m,
        "y_m": y_m,
        "true_x_m": true_x_m,
        "true_y_m": true_y_m,
        "accuracy_m": _numbers(table["accuracy_m"]),
        "value": _values(table, kinds),
        "lag_s": np.full(table.num_rows, np.nan),
        "device": devices,
        "tag": _places(table, "tag_mac", rows.tags.place, -1),
        "kind": kinds,
        "fate": np.where(delivered, FATES.index("delivered"), fates),
        "state": _places(table, "new_state", lambda word: STATES.get(word, 0), 0),
    }
    _note_workers(table, devices, kinds, rows)
    rows.undated += int(np.isnan(found["t_ms"]).sum())
    return {name: found[name].astype(kind) for name, kind in EVENT.items()}


def _place(words: tuple[str, ...], word: str, other: str) -> int:
    return words.index(word if word in words else other)


def _places(table: Any, name: str, place: Any, none: int = -1) -> Column:
    """Turn words into their places, each word once."""
    coded = table[name].combine_chunks().dictionary_encode()
    known = np.array([place(word) for word in coded.dictionary.to_pylist()] or [none])
    indices = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(indices < 0, none, known[np.maximum(indices, 0)])


def _numbers(column: Any) -> Column:
    found: Column = column.cast("float64").to_numpy()
    return np.where(np.abs(found) < NUMBER_MAX, found, np.nan)


def _metres(table: Any, lat: str, lon: str, rows: EventRows) -> tuple[Column, Column]:
    north, east = _numbers(table[lat]), _numbers(table[lon])
    possible = (np.abs(north) <= 90.0) & (np.abs(east) <= 180.0)
    north, east = np.where(possible, north, np.nan), np.where(possible, east, np.nan)
    known = np.flatnonzero(possible)
    if not len(known):
        return np.full(len(north), np.nan), np.full(len(north), np.nan)
    rows.ground.xy(float(north[known[0]]), float(east[known[0]]))  # the origin, if there is none
    assert rows.ground.plane is not None
    x_m: Any
    y_m: Any
    x_m, y_m = rows.ground.plane.to_xy(north, east)  # type: ignore[arg-type]  # element by element
    return x_m, y_m


def _values(table: Any, kinds: Column) -> Column:
    found = np.full(len(kinds), np.nan)
    for kind, name in VALUES.items():
        some = kinds == KINDS.index(kind)
        if some.any():
            found[some] = _numbers(table[name])[some]
    return found


def _note_workers(table: Any, devices: Column, kinds: Column, rows: EventRows) -> None:
    starts = np.flatnonzero(kinds == KINDS.index("shift_start"))
    workers = table["worker_id"].take(starts).to_pylist()
    for device, worker in zip(devices[starts].tolist(), workers, strict=True):
        if worker:
            rows.workers.setdefault(device, short(worker))
