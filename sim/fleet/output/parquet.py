"""Events and truth as Parquet with typed columns, where pyarrow is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module  # pyarrow has no types, and need not be there
from importlib.metadata import version
from pathlib import Path
from typing import Any

from badge.errors import InputError
from sim.compiled.library import world_library
from sim.compiled.lines import LINE, PAYLOAD, is_utf8, read_lines, texts_of

ROWS_AT_ONCE = 10_000
_DAMAGED = "rows of this run were damaged since they were written; run it anew"
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

_EVER_NEW = {"sequence_number", "timestamp_utc"}
_IN_LISTS = ["equipment_near.list.element.tag_mac", "equipment_near.list.element.distance_m"]


def write_parquet(truth: Path, folder: Path, facts: Mapping[str, str]) -> None:
    """Write truth/events.parquet and events.parquet (typed columns), if pyarrow is there.

    `facts` are kept in the files' metadata: which run they are of.
    """
    try:
        pa, pq = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        return
    truths, events = (schema.with_metadata(facts) for schema in _schemas(pa))
    with (
        truth.open("rb") as lines,
        _writer(pq, folder / "truth" / "events.parquet", truths) as truth_file,
        _writer(pq, folder / "events.parquet", events) as event_file,
    ):
        for text in texts_of(lines):
            columns, worker = _columns(pa, text, truths)
            table = pa.Table.from_arrays(columns, schema=truths)
            truth_file.write_table(table)
            event_file.write_table(_own(table, worker, events))


def _writer(pq: Any, path: Path, schema: Any) -> Any:
    """Open a file; a column whose values do not come again is smaller without a dictionary."""
    again = [name for name in schema.names if name not in _EVER_NEW]
    return pq.ParquetWriter(path, schema, use_dictionary=[*again, *_IN_LISTS])


def write_table(
    path: Path,
    rows: Sequence[dict[str, Any]],
    columns: Mapping[str, str],
    facts: Mapping[str, str] | None = None,
) -> None:
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
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()], facts)
    times = [name for name, kind in columns.items() if kind == "time"]
    with pq.ParquetWriter(path, schema) as file:
        for n in range(0, max(len(rows), 1), ROWS_AT_ONCE):
            some = rows[n : n + ROWS_AT_ONCE]
            typed = [{**row, **{name: _moment(row[name]) for name in times}} for row in some]
            file.write_table(pa.Table.from_pylist(typed, schema=schema))


def facts_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Give what the files of a run say of it: which one, of what, by which version."""
    names = ("scenario", "run_id", "seed", "start", "hours")
    return {
        **{f"badge.{name}": str(document[name]) for name in names},
        "badge.version": version("badge-simulator"),
    }


def schemas() -> tuple[Any, Any]:
    """Give the columns of truth/events.parquet and of events.parquet; pyarrow must be there."""
    return _schemas(import_module("pyarrow"))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _columns(pa: Any, text: bytes, schema: Any) -> tuple[list[Any], Any]:
    """Spread the payloads out, beside what is known; the worker of a row is the true one.

    The second is who a badge has said to wear it, which only the events of a shift do.
    """
    worker = schema.field("worker_id")
    spread = {*_INTS, *_FLOATS, *_TEXTS} - {worker.name}
    library = world_library()
    if library is not None:
        levels = [(field, PAYLOAD if field.name in spread else LINE) for field in schema]
        found = read_lines(library, pa, text, [*levels, (worker, PAYLOAD)])
        if found is not None:
            return found[:-1], found[-1]
    known = [field for field in schema if field.name not in spread]
    rows = read_rows(pa, text, [*known, pa.field("payload", pa.string())])
    payloads = "\n".join(rows["payload"].to_pylist()).encode()
    told = read_rows(pa, payloads, [field for field in schema if field.name in spread] + [worker])
    columns = [
        (told if field.name in spread else rows)[field.name].combine_chunks() for field in schema
    ]
    return columns, told[worker.name].combine_chunks()


def read_rows(pa: Any, text: bytes, fields: Sequence[Any]) -> Any:
    """Read lines of JSON that this program wrote, as columns of those types.

    InputError for lines that are not as they were written.
    """
    json = import_module("pyarrow.json")
    try:
        if not is_utf8(text):  # it would go on as it is
            raise InputError(f"{_DAMAGED}: a text is not UTF-8")
        return json.read_json(
            pa.BufferReader(text),
            read_options=json.ReadOptions(use_threads=False, block_size=len(text) + 1),
            parse_options=json.ParseOptions(
                explicit_schema=pa.schema(fields), unexpected_field_behavior="ignore"
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(f"{_DAMAGED}: {error}") from None


def _own(table: Any, worker: Any, schema: Any) -> Any:
    """Give what the badges sent; what happened to a badge that was off has no time."""
    place = schema.names.index("worker_id")
    own = table.select(schema.names).set_column(place, schema.field(place), worker)
    own = own.replace_schema_metadata(schema.metadata)
    return own.filter(own["timestamp_utc"].is_valid()) if own["timestamp_utc"].null_count else own


def _schemas(pa: Any) -> tuple[Any, Any]:
    """Give the columns of truth/events.parquet and events.parquet: the same, and what is true."""
    envelope = [
        ("device_id", pa.string()),
        ("sequence_number", pa.int64()),
        ("event_type", pa.string()),
    ]
    near = pa.list_(pa.struct([("tag_mac", pa.string()), ("distance_m", pa.float64())]))
    columns = [(name, pa.float64()) for name in _FLOATS] + [(name, pa.int64()) for name in _INTS]
    events = [
        *envelope,
        ("timestamp_utc", pa.timestamp("ms", tz="UTC")),
        ("firmware_version", pa.string()),
        *columns,
        *((name, pa.string()) for name in _TEXTS),
    ]
    truths = [
        *events,
        ("true_lat", pa.float64()),
        ("true_lon", pa.float64()),
        ("parcel_id", pa.string()),
        ("equipment_near", near),
        ("delivered", pa.bool_()),
        ("undelivered_why", pa.string()),
    ]
    return pa.schema(truths), pa.schema(events)
