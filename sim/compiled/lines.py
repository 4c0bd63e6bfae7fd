"""Lines of JSON that this program has written as columns of Arrow, read in C."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled.library import WorldLibrary

TEXT_BYTES = 4 << 20  # which so many lines take, and what is made of them
LINE, PAYLOAD, ITEM = range(3)
"""Whose field a column is: the line's, its payload's, or that of the objects in a list."""
_TEXT, _INT, _FLOAT, _BOOL, _TIME, _LIST = range(6)
_KINDS = {"string": _TEXT, "int64": _INT, "double": _FLOAT, "bool": _BOOL}


class _Column(NamedTuple):
    """A column while it is read: its field, where it stands, and the memory that C fills."""

    field: Any
    kind: int
    level: int
    inner: tuple[_Column, ...]
    rows: int
    valid: NDArray[np.uint8]
    values: NDArray[np.uint8]
    offsets: NDArray[np.int32]


def texts_of(file: IO[bytes]) -> Iterator[bytes]:
    """Give a file's lines, some MiB of whole ones at a time; one that is longer is cut."""
    while text := file.read(TEXT_BYTES):
        yield text if text.endswith(b"\n") else text + file.readline(TEXT_BYTES)


def read_lines(
    library: WorldLibrary, pa: Any, text: bytes, fields: Sequence[tuple[Any, int]]
) -> list[Any] | None:
    """Give an array for each field (of Arrow, with its level).

    None where a line is not as this program writes it: another reader may know it.
    """
    ffi, lib, _ = library
    counts = ffi.new("uint64_t[3]")
    lib.world_tally(ffi.from_buffer(text), len(text), counts)
    rows, items, controls = counts
    if controls > rows or not is_utf8(text):
        return None
    found = [_column(field, level, rows, items) for field, level in fields]
    columns = [one for one in found if one is not None]
    if len(columns) < len(found):
        return None
    flat = list(_flat(columns))
    names = [ffi.new("char[]", one.field.name.encode()) for one in flat]
    made = ffi.new("struct world_column[]", len(flat))
    for column, name, one in zip(made, names, flat, strict=True):
        column.name, column.name_bytes = name, len(name) - 1
        column.kind, column.level, column.inner = one.kind, one.level, len(one.inner)
        column.valid = ffi.from_buffer("uint8_t[]", one.valid)
        column.values = ffi.from_buffer("uint8_t[]", one.values)
        column.offsets = ffi.from_buffer("int32_t[]", one.offsets)
        column.items_most = max((item.rows for item in one.inner), default=0)
    try:
        if lib.world_lines(ffi.from_buffer(text), len(text), made, len(flat), rows) != rows:
            return None
        texts = [bytes(ffi.buffer(one.text, one.text_bytes)) if one.text else b"" for one in made]
        counts = [one.items for one in made]
    finally:
        lib.world_lines_free(made, len(flat))
    told = iter(zip(texts, counts, strict=True))
    return [_array(pa, one, rows, told) for one in columns]


def is_utf8(text: bytes) -> bool:
    """Say whether bytes are UTF-8 (RFC 3629): what C copies into texts is not looked at."""
    try:
        return text.isascii() or bool(text.decode())
    except UnicodeDecodeError:
        return False


def _column(field: Any, level: int, rows: int, items: int) -> _Column | None:
    kind, inner = _KINDS.get(str(field.type)), tuple[_Column, ...]()
    if str(field.type) == "timestamp[ms, tz=UTC]":
        kind = _TIME
    elif str(field.type).startswith("list<"):
        kind, item = _LIST, field.type.value_type
        found = [_column(item.field(n), ITEM, items, 0) for n in range(item.num_fields)]
        inner = tuple(one for one in found if one is not None)
    if kind is None:
        return None
    bits, size = rows // 8 + 1, {_TEXT: 0, _LIST: 0, _BOOL: rows // 8 + 1}.get(kind, 8 * rows)
    offsets = rows + 1 if kind in (_TEXT, _LIST) else 0
    memory = np.zeros(bits, np.uint8), np.zeros(size, np.uint8), np.zeros(offsets, np.int32)
    return _Column(field, kind, level, inner, rows, *memory)


def _flat(columns: Sequence[_Column]) -> Iterator[_Column]:
    for one in columns:
        yield one
        yield from _flat(one.inner)


def _array(pa: Any, one: _Column, rows: int, told: Iterator[tuple[bytes, int]]) -> Any:
    """Give a column as an array; `told` are the text and the items of this one and those behind."""
    text, items = next(told)
    valid, values, offsets = map(pa.py_buffer, (one.valid, one.values, one.offsets))
    if one.kind == _TEXT:
        return pa.Array.from_buffers(one.field.type, rows, [valid, offsets, pa.py_buffer(text)])
    if one.kind != _LIST:
        return pa.Array.from_buffers(one.field.type, rows, [valid, values])
    inner = [_array(pa, each, items, told) for each in one.inner]
    item = one.field.type.value_type
    children = [pa.Array.from_buffers(item, items, [None], children=inner)]
    return pa.Array.from_buffers(one.field.type, rows, [valid, offsets], children=children)
