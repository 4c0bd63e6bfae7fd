"""Rows in a Parquet file, read in pieces with pyarrow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from badge.contract.documents import parse
from badge.contract.events import TEXT_FIELDS
from badge.errors import InputError
from badge.extras import lacking

_ROWS_READ = 8192
EXPANDS_TIMES = 500  # ten times what millions of rows of badges come to
EXPANDS_FREELY_BYTES = 256 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ParquetTable:
    """One Parquet file.  InputError if it is broken, or pyarrow is not installed."""

    def __init__(self, path: Path) -> None:
        try:
            self._arrow: Any = import_module("pyarrow")  # typed as Any: it has no stubs
            parquet: Any = import_module("pyarrow.parquet")
        except ImportError:
            raise InputError(lacking("pyarrow", f"{path}: Parquet")) from None
        self._path = path
        self._left = max(EXPANDS_FREELY_BYTES, path.stat().st_size * EXPANDS_TIMES)
        with self._errors():
            schema = parquet.read_schema(path)
            twice = [name for name, count in Counter(schema.names).items() if count > 1]
            if twice:
                raise ValueError(f"the column {twice[0]!r} is in it more than once")
            # Dictionaries stay dictionaries: one long text may stand for thousands of rows.
            texts = [f.name for f in schema if self._is_text(f.type)]
            self._file = parquet.ParquetFile(path, read_dictionary=texts)

    def columns(self) -> tuple[str, ...]:
        """Name the columns."""
        return tuple(self._file.schema_arrow.names)

    def size(self) -> int | None:
        """Return the number of rows."""
        return int(self._file.metadata.num_rows)

    def rows(self, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        """Yield the values of these columns; a null inside a struct is a field that is absent."""
        with self._errors():
            for batch in self._file.iter_batches(batch_size=_ROWS_READ, columns=list(columns)):
                yield from zip(*(self._values(batch[name]) for name in columns), strict=True)

    def _is_text(self, kind: Any) -> bool:
        types = self._arrow.types
        return bool(types.is_string(kind) or types.is_binary(kind))

    def _values(self, column: Any) -> list[Any]:
        types = self._arrow.types
        if types.is_dictionary(column.type):
            words = column.dictionary.to_pylist()
            texts = [None if i is None else words[i] for i in column.indices.to_pylist()]
            self._left -= sum(len(one) for one in texts if isinstance(one, (str, bytes)))
            if self._left < 0:
                raise ValueError(f"its texts are more than {EXPANDS_TIMES} times its own size")
            return texts
        if types.is_timestamp(column.type):
            return self._moments(column)
        values: list[Any] = column.to_pylist()
        if types.is_nested(column.type):
            return [
                None if value is None else _plain(value, column.type, types) for value in values
            ]
        return values

    def _moments(self, column: Any) -> list[datetime | None]:
        exact = self._arrow.timestamp("us", tz=column.type.tz)
        counts = column.cast(exact, safe=False).cast(self._arrow.int64()).to_pylist()
        return [None if n is None else _EPOCH + timedelta(microseconds=n) for n in counts]

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (self._arrow.ArrowException, OSError, ValueError, KeyError, OverflowError) as error:
            words = " ".join(str(error).split())
            raise InputError(
                f"{self._path}: cannot be read as Parquet ({words}); write it again"
            ) from None


def _meant(field: str, text: str) -> Any:
    """Return what a map whose values are all texts means: numbers but where a field is a text."""
    if field in TEXT_FIELDS:
        return text
    try:
        return parse(text.encode())
    except InputError:
        return text


def _plain(value: Any, kind: Any, types: Any) -> Any:
    """Return what JSON would hold: a struct or a map as an object without its nulls."""
    if value is None:
        return None
    if types.is_struct(kind):
        fields = {kind.field(i).name: kind.field(i).type for i in range(kind.num_fields)}
        return {k: _plain(v, fields[k], types) for k, v in value.items() if v is not None}
    if types.is_map(kind):
        item = kind.item_type
        texts = types.is_string(item) or types.is_large_string(item) or types.is_binary(item)
        pairs = {k: _plain(inner, item, types) for k, inner in value if inner is not None}
        return {k: _meant(k, inner) for k, inner in pairs.items()} if texts else pairs
    if types.is_list(kind) or types.is_large_list(kind):
        return [_plain(inner, kind.value_type, types) for inner in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
