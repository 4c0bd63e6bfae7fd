"""`python -m sim.view.sources.lines FILE`: NDJSON of events on stdout, as columns of Arrow.

A process of its own, for `typed.read_typed_lines`: whatever it meets, it ends alone.
"""

from __future__ import annotations

import sys
from importlib import import_module  # pyarrow has no types, and need not be there
from pathlib import Path
from typing import Any

from sim.view.model.events import VALUES
from sim.view.sources.opened import LINE_BYTES_MAX
from sim.view.sources.typed import MORE, READ, TRUE

BLOCK_BYTES = 8 << 20


def table_of(path: Path) -> Any:
    """Read the columns that Parquet would have; `ValueError` unless all lines are events."""
    pa, json, pc = map(import_module, ("pyarrow", "pyarrow.json", "pyarrow.compute"))
    kinds = dict.fromkeys((*READ, *TRUE, *MORE), pa.string()) | {
        "sequence_number": pa.int64(),
        "timestamp_utc": pa.timestamp("ms", "UTC"),
        "delivered": pa.bool_(),
        **dict.fromkeys(("true_lat", "true_lon"), pa.float64()),
    }
    numbers = ("lat", "lon", "accuracy_m", *VALUES.values())
    inner = {name: pa.float64() for name in numbers}
    inner |= {name: pa.string() for name in ("tag_mac", "new_state")}
    with path.open("rb") as file:
        begins = file.readline(LINE_BYTES_MAX)
    # Truth has the payload as text, as Parquet and DuckDB want it; events as an object.
    as_text = b'"payload":"' in begins
    if not as_text:
        inner["worker_id"] = pa.string()
    outer = {name: kind for name, kind in kinds.items() if name not in inner}

    def read(source: Any, fields: dict[str, Any]) -> Any:
        parsing = json.ParseOptions(
            explicit_schema=pa.schema(fields.items()), unexpected_field_behavior="ignore"
        )
        reading = json.ReadOptions(block_size=BLOCK_BYTES)
        return json.read_json(source, read_options=reading, parse_options=parsing)

    payload = pa.string() if as_text else pa.struct(inner.items())
    table = read(str(path), {**outer, "payload": payload})
    if table["device_id"].null_count or table["event_type"].null_count:
        raise ValueError("not all of it are events")
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


def main() -> None:
    """Read the file that is named, and write its columns."""
    table = table_of(Path(sys.argv[1]))
    with import_module("pyarrow.ipc").new_stream(sys.stdout.buffer, table.schema) as out:
        out.write_table(table)


if __name__ == "__main__":
    main()
