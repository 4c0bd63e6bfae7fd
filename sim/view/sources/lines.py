"""NDJSON of events as columns of Arrow: in C where that is built, else by pyarrow's own reader.

`python -m sim.view.sources.lines FILE` has pyarrow's reader in a process of its own, with the
columns on stdout: whatever it meets, it ends alone.
"""

from __future__ import annotations

import sys
from importlib import import_module  # pyarrow has no types, and need not be there
from pathlib import Path
from typing import Any

from sim.compiled.library import world_library
from sim.compiled.lines import LINE, PAYLOAD, read_lines, texts_of
from sim.view.model.events import VALUES
from sim.view.sources.opened import LINE_BYTES_MAX

READ = ("device_id", "sequence_number", "event_type", "timestamp_utc", "lat", "lon", "accuracy_m")
TRUE = ("true_lat", "true_lon", "delivered", "undelivered_why", "worker_id")
MORE = ("tag_mac", "new_state", *dict.fromkeys(VALUES.values()))
BLOCK_BYTES = 8 << 20


def table_in_c(path: Path) -> Any:
    """Read the columns that Parquet would have; None where C does not read all of the lines."""
    pa, library = import_module("pyarrow"), world_library()
    if library is None:
        return None
    outer, inner = _fields(pa, as_text=_has_texts(path))
    levels = [(pa.field(*one), LINE) for one in outer.items()]
    levels += [(pa.field(*one), PAYLOAD) for one in inner.items()]
    schema, tables = pa.schema([field for field, _ in levels]), []
    with path.open("rb") as file:
        for text in texts_of(file):
            columns = read_lines(library, pa, text, levels)
            if columns is None:
                return None
            tables.append(pa.Table.from_arrays(columns, schema=schema))
    return _of_events(pa.concat_tables(tables)) if tables else None


def table_of(path: Path) -> Any:
    """Read the same by pyarrow; `ValueError` unless all lines are events."""
    pa, json, pc = map(import_module, ("pyarrow", "pyarrow.json", "pyarrow.compute"))
    as_text = _has_texts(path)
    outer, inner = _fields(pa, as_text=as_text)

    def read(source: Any, fields: dict[str, Any]) -> Any:
        parsing = json.ParseOptions(
            explicit_schema=pa.schema(fields.items()), unexpected_field_behavior="ignore"
        )
        reading = json.ReadOptions(block_size=BLOCK_BYTES)
        return json.read_json(source, read_options=reading, parse_options=parsing)

    payload = pa.string() if as_text else pa.struct(inner.items())
    table = _of_events(read(str(path), {**outer, "payload": payload}))
    if as_text:
        lines = pc.binary_join_element_wise(table["payload"], "", "\n").combine_chunks()
        told = read(pa.BufferReader(lines.buffers()[2]), inner)
    else:
        parts = table["payload"].combine_chunks().flatten()
        told = pa.table(dict(zip(inner, parts, strict=True)))
    if told.num_rows != table.num_rows or table["payload"].null_count:
        raise ValueError("not every event has a payload in one line")
    for name in inner:
        table = table.append_column(name, told[name])
    return table


def _has_texts(path: Path) -> bool:
    """Truth has the payload as text, as Parquet and DuckDB want it; events as an object."""
    with path.open("rb") as file:
        return b'"payload":"' in file.readline(LINE_BYTES_MAX)


def _fields(pa: Any, *, as_text: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the types of what a line has, and of what its payload has."""
    kinds = dict.fromkeys((*READ, *TRUE, *MORE), pa.string()) | {
        "sequence_number": pa.int64(),
        "timestamp_utc": pa.timestamp("ms", "UTC"),
        "delivered": pa.bool_(),
        **dict.fromkeys(("true_lat", "true_lon"), pa.float64()),
    }
    inner = dict.fromkeys(("lat", "lon", "accuracy_m", *VALUES.values()), pa.float64())
    inner |= dict.fromkeys(("tag_mac", "new_state"), pa.string())
    if not as_text:
        inner["worker_id"] = pa.string()
    return {name: kind for name, kind in kinds.items() if name not in inner}, inner


def _of_events(table: Any) -> Any:
    if table["device_id"].null_count or table["event_type"].null_count:
        raise ValueError("not all of it are events")
    return table


def main() -> None:
    """Write the columns of the file that is named."""
    table = table_of(Path(sys.argv[1]))
    with import_module("pyarrow.ipc").new_stream(sys.stdout.buffer, table.schema) as out:
        out.write_table(table)


if __name__ == "__main__":
    main()
