"""A store in files: each table one of NDJSON or Parquet; or all in one of SQLite or DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from badge.errors import InputError
from sim.reconcile.stores import sqlite
from sim.reconcile.stores.names import RAW
from sim.reconcile.stores.ndjson import NdjsonTable
from sim.reconcile.stores.open import TableStore

_SQLITE_MAGIC = b"SQLite format 3\0"
_PARQUET_MAGIC = b"PAR1"
_DUCKDB_MAGIC = b"DUCK"  # behind a checksum of eight bytes


class TableFile(Protocol):
    """One file of rows."""

    def columns(self) -> tuple[str, ...]:
        """Name the columns; none for an empty file."""

    def size(self) -> int | None:
        """Guess the number of rows."""

    def rows(self, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        """Yield the values of these columns row by row, in the order of the file."""


class FileTables:
    """Files as tables: raw_events is the file of the address, others go by their own paths."""

    def __init__(self, raw: Path) -> None:
        self._raw = raw
        self._opened: dict[str, TableFile] = {}
        self.title = str(raw)

    def columns(self, table: str) -> tuple[str, ...] | None:
        """Name the columns of a file; None if there is no such file."""
        return self._file(table).columns() if self._path(table).is_file() else None

    def tables(self) -> list[str]:
        """Only one file is known without its path."""
        return [RAW]

    def is_ordered(self, table: str) -> bool:
        """A file has the order of its lines or rows."""
        return True

    def size(self, table: str) -> int | None:
        """Guess the number of rows."""
        return self._file(table).size()

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        """Yield the values of these columns in the order of the file."""
        return self._file(table).rows(columns)

    def _path(self, table: str) -> Path:
        return self._raw if table == RAW else Path(table)

    def _file(self, table: str) -> TableFile:
        if table not in self._opened:
            self._opened[table] = open_table(self._path(table))
        return self._opened[table]


def opened(address: str) -> AbstractContextManager[TableStore]:
    """Open a file as the store that its first bytes say it is."""
    path = Path(address)
    head = _head(path)
    if head[8:12] == _DUCKDB_MAGIC:
        from sim.reconcile.stores import duckdb

        return duckdb.opened(address)
    return sqlite.opened(address) if head == _SQLITE_MAGIC else _files(path)


def open_table(path: Path) -> TableFile:
    """Open one file of rows, Parquet or NDJSON by its first bytes; InputError if it cannot be."""
    if _head(path).startswith(_PARQUET_MAGIC):
        from sim.reconcile.stores.parquet import ParquetTable

        return ParquetTable(path)
    return NdjsonTable(path)


@contextmanager
def _files(path: Path) -> Iterator[TableStore]:
    yield FileTables(path)


def _head(path: Path) -> bytes:
    try:
        if path.is_char_device():
            raise ValueError("a device, which holds no table")
        with path.open("rb") as file:
            return file.read(len(_SQLITE_MAGIC))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: {reason}; name a readable file, or sqlite:///FILE") from None
