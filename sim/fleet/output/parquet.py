"""Events and truth as Parquet with typed columns, where pyarrow is installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module  # pyarrow has no types, and need not be there
from itertools import islice
from pathlib import Path
from typing import IO, Any

from pydantic_core import from_json

ROWS_AT_ONCE = 20_000
ENVELOPE = ("device_id", "sequence_number", "event_type", "timestamp_utc", "firmware_version")
_INTS = [
    "timeout_s",
    "rssi",
    "last_rssi",
    "detection_count",
    "duration_s",
    "battery_pct",
    "voltage_mv",
    "previous_uptime_s",
    "events_in_queue",
]
_FLOATS = [
    "lat",
    "lon",
    "accuracy_m",
    "altitude_m",
    "speed_kmh",
    "last_known_lat",
    "last_known_lon",
]
_TEXTS = [
    "worker_id",
    "assigned_by",
    "end_reason",
    "fix_type",
    "tag_mac",
    "previous_state",
    "new_state",
    "reason",
]


def write_parquet(truth: Path, folder: Path) -> None:
    """Write truth/events.parquet and events.parquet (typed columns), if pyarrow is there."""
    try:
        pa, pq = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        return
    truths, events = _schemas(pa)
    with (
        truth.open("rb") as lines,
        pq.ParquetWriter(folder / "truth" / "events.parquet", truths) as truth_file,
        pq.ParquetWriter(folder / "events.parquet", events) as event_file,
    ):
        for rows in _chunks(lines):
            truth_file.write_table(pa.Table.from_pylist(rows, schema=truths))
            typed = [_typed(row, events.names) for row in rows if row["timestamp_utc"]]
            event_file.write_table(pa.Table.from_pylist(typed, schema=events))


def write_table(path: Path, rows: Sequence[dict[str, Any]], columns: Mapping[str, str]) -> None:
    """Write one table of the truth; columns are `text`, `time`, `float`, `int` or `bool`."""
    try:
        pa, pq = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        return
    types = {
        "text": pa.string(),
        "time": pa.timestamp("ms", tz="UTC"),
        "float": pa.float64(),
        "int": pa.int64(),
        "bool": pa.bool_(),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    times = [name for name, kind in columns.items() if kind == "time"]
    typed = [{**row, **{name: _moment(row[name]) for name in times}} for row in rows]
    pq.write_table(pa.Table.from_pylist(typed, schema=schema), path)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _chunks(lines: IO[bytes]) -> Iterator[list[dict[str, Any]]]:
    while rows := [from_json(line) for line in islice(lines, ROWS_AT_ONCE)]:
        yield rows


def _typed(row: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    found = {**from_json(row["payload"]), **{name: row[name] for name in ENVELOPE}}
    found["timestamp_utc"] = datetime.fromisoformat(row["timestamp_utc"])
    return {name: found.get(name) for name in names}


def _schemas(pa: Any) -> tuple[Any, Any]:
    """Give the columns of truth/events.parquet, and of events.parquet: payloads spread out."""
    envelope = [
        ("device_id", pa.string()),
        ("sequence_number", pa.int64()),
        ("event_type", pa.string()),
    ]
    near = pa.list_(pa.struct([("tag_mac", pa.string()), ("distance_m", pa.float64())]))
    truths = [
        *envelope,
        ("timestamp_utc", pa.string()),
        ("firmware_version", pa.string()),
        ("payload", pa.string()),
        ("worker_id", pa.string()),
        ("true_lat", pa.float64()),
        ("true_lon", pa.float64()),
        ("parcel_id", pa.string()),
        ("equipment_near", near),
        ("delivered", pa.bool_()),
        ("undelivered_why", pa.string()),
    ]
    columns = [(name, pa.float64()) for name in _FLOATS] + [(name, pa.int64()) for name in _INTS]
    events = [
        *envelope,
        ("timestamp_utc", pa.timestamp("ms", tz="UTC")),
        ("firmware_version", pa.string()),
        *columns,
        *((name, pa.string()) for name in _TEXTS),
    ]
    return pa.schema(truths), pa.schema(events)
