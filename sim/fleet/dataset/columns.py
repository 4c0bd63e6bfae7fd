"""Lines of JSON as Parquet with the run's typed columns, read and written by Arrow alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module  # pyarrow has no types
from itertools import islice
from pathlib import Path
from typing import Any

from sim.compiled.library import world_library
from sim.compiled.lines import LINE, PAYLOAD, read_lines
from sim.fleet.output.folder import TABLES
from sim.fleet.output.parquet import read_rows, schemas

ROWS_AT_ONCE = 50_000
_ORDER = ("device_id", "sequence_number")
_ENVELOPE = {
    "device_id": "text",
    "sequence_number": "int",
    "event_type": "text",
    "timestamp_utc": "text",
    "firmware_version": "text",
}
_TRUTH = (
    *("worker_id", "true_lat", "true_lon", "parcel_id", "equipment_near"),
    *("delivered", "undelivered_why"),
)


def write_day(table: str, lines: Iterable[bytes], out: Path, facts: Mapping[str, str]) -> None:
    """Write one table's day; `facts` say in its metadata which run it is of.

    Lines come badge by badge, and so sorted by device, events by number, too: the file says so.
    """
    pq = import_module("pyarrow.parquet")
    schema = schema_of(table).with_metadata(dict(facts))
    read = {"events": _events, "truth/events": _truths}.get(table, _table)
    levels = [(field, _level(table, field.name)) for field in schema]
    order = [(name, "ascending") for name in _ORDER if name in schema.names]
    sorting = pq.SortingColumn.from_ordering(schema, order)
    with pq.ParquetWriter(out, schema, compression="zstd", sorting_columns=sorting) as file:
        for block in _blocks(iter(lines)):
            found = _columns(block, levels)
            if found is None:
                file.write_table(read(block, schema))
            else:
                file.write_table(import_module("pyarrow").table(found, schema=schema))


def schema_of(table: str) -> Any:
    """Give the columns of a table, as those of a run's own Parquet files."""
    pa = import_module("pyarrow")
    truths, events = schemas()
    if table in ("events", "truth/events"):
        return events if table == "events" else truths
    types = {"text": pa.string(), "time": pa.timestamp("ms", tz="UTC"), "float": pa.float64()}
    columns = TABLES[table.removeprefix("truth/")]
    return pa.schema([(name, types[kind]) for name, kind in columns.items()])


def _blocks(rows: Iterator[bytes]) -> Iterator[bytes]:
    while lines := list(islice(rows, ROWS_AT_ONCE)):
        yield b"".join(lines)


def _level(table: str, name: str) -> int:
    """Give whose field a column is: that of a line, or of its payload."""
    own = {"events": (*_ENVELOPE,), "truth/events": (*_ENVELOPE, *_TRUTH)}.get(table)
    return LINE if own is None or name in own else PAYLOAD


def _columns(block: bytes, levels: Sequence[tuple[Any, int]]) -> list[Any] | None:
    """Give the columns as they are read in C; None where that is not built, or does not know."""
    library = world_library()
    if library is None:
        return None
    return read_lines(library, import_module("pyarrow"), block, levels)


def _events(block: bytes, schema: Any) -> Any:
    """Give events in wire form: an envelope, and a payload of its own kind spread out beside it."""
    pa, pc = import_module("pyarrow"), import_module("pyarrow.compute")
    wanted = {field.name: field.type for field in schema if field.name not in _ENVELOPE}
    rows = _read(block, {**_ENVELOPE, "payload": pa.struct(list(wanted.items()))})
    columns = {name: pc.struct_field(rows["payload"], name) for name in wanted}
    return _timed(pa, {name: rows[name] for name in _ENVELOPE} | columns, schema)


def _truths(block: bytes, schema: Any) -> Any:
    """Give rows of truth, whose payload is a text of JSON; the worker is the true one."""
    pa = import_module("pyarrow")
    own = {field.name: field.type for field in schema if field.name in _TRUTH}
    rows = _read(block, {**_ENVELOPE, **own, "payload": "text"})
    wanted = {f.name: f.type for f in schema if f.name not in _ENVELOPE and f.name not in own}
    fields = _read("\n".join(rows["payload"].to_pylist()).encode(), wanted)
    columns = {name: rows[name] for name in (*_ENVELOPE, *own)}
    return _timed(pa, columns | {name: fields[name] for name in wanted}, schema)


def _table(block: bytes, schema: Any) -> Any:
    pa = import_module("pyarrow")
    kinds = {f.name: "text" if _is_time(f) else f.type for f in schema}
    rows = _read(block, kinds)
    return _timed(pa, {name: rows[name] for name in schema.names}, schema)


def _timed(pa: Any, columns: dict[str, Any], schema: Any) -> Any:
    """Put columns in order, and make moments of their texts (RFC 3339)."""
    for field in schema:
        if _is_time(field):
            columns[field.name] = columns[field.name].cast(field.type)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _is_time(field: Any) -> bool:
    return str(field.type).startswith("timestamp")


def _read(block: bytes, columns: Mapping[str, Any]) -> Any:
    """Read lines of JSON into just these columns; a column that is nowhere is null."""
    pa = import_module("pyarrow")
    named = {"text": pa.string(), "int": pa.int64()}
    kinds = [
        (name, named[kind] if isinstance(kind, str) else kind) for name, kind in columns.items()
    ]
    return read_rows(pa, block, [pa.field(name, kind) for name, kind in kinds])
