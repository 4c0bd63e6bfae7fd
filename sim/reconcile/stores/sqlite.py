"""A store in a SQLite file, opened read-only, seen as of one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from badge.errors import InputError
from sim.reconcile.stores.address import store_file

_BUSY_TIMEOUT_S = 5.0
_ROWIDS = ("_rowid_", "rowid", "oid")
_ROWS_GUESSED = 1 << 20  # counting more of them takes a noticeable time
# sqlite3 decodes its own messages, in which the names of a damaged file stand.
_UNREADABLE = (sqlite3.Error, UnicodeDecodeError)


class SqliteTables:
    """The tables and views of an open database."""

    def __init__(self, database: sqlite3.Connection, path: str) -> None:
        self._database = database
        self.title = path

    def columns(self, table: str) -> tuple[str, ...] | None:
        """Name a table's columns; None if there is no such table."""
        names = self._query("SELECT name FROM pragma_table_xinfo(?)", table)
        return tuple(name for (name,) in names) or None

    def tables(self) -> list[str]:
        """Name the tables and views."""
        query = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name"
        return [name for (name,) in self._query(query) if not name.startswith("sqlite_")]

    def is_ordered(self, table: str) -> bool:
        """Tell whether the table has rowids, which grow with every insertion."""
        return self._rowid(table) is not None

    def size(self, table: str) -> int | None:
        """Count the rows, up to a million."""
        rows = f"SELECT 1 FROM {_quote(table)} LIMIT {_ROWS_GUESSED}"  # noqa: S608  # quoted
        return int(next(self._query(f"SELECT count(*) FROM ({rows})"))[0])  # noqa: S608  # quoted

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        """Yield the values of these columns in the order of insertion, if there is one."""
        names = ", ".join(map(_quote, columns))
        rowid = self._rowid(table)
        order = f" ORDER BY {rowid}" if rowid else ""
        return self._query(f"SELECT {names} FROM {_quote(table)}{order}")  # noqa: S608  # quoted

    def _rowid(self, table: str) -> str | None:
        """Return a name of the rowid that no column has; None for views and WITHOUT ROWID."""
        taken = {column.lower() for column in self.columns(table) or ()}
        free = next((name for name in _ROWIDS if name not in taken), None)
        kinds = self._query(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?)", table
        )
        if free is None or next(kinds, None) is None:
            return None
        try:
            self._database.execute(f"SELECT {free} FROM {_quote(table)} LIMIT 0")  # noqa: S608  # quoted
        except (sqlite3.OperationalError, UnicodeDecodeError):
            return None
        return free

    def _query(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        try:
            cursor = self._database.execute(query, values)
            # From the cursor itself it would also close it, perhaps after the database.
            yield from iter(cursor.fetchone, None)
        except _UNREADABLE as error:
            raise InputError(_unreadable(self.title, error)) from None


@contextmanager
def opened(address: str) -> Iterator[SqliteTables]:
    """Open `sqlite:///FILE` (a fourth slash for an absolute path), or a plain path, read-only.

    InputError if there is no such file or it is no SQLite database.
    """
    path = store_file(address, "sqlite")
    with closing(_connected(path)) as database:
        yield SqliteTables(database, str(path))


def _connected(path: Path) -> sqlite3.Connection:
    """Connect and begin to read: from here on other programs' writes are not seen."""
    try:
        return _begun(path, "mode=ro")
    except sqlite3.OperationalError:
        # A WAL database on a read-only medium cannot have the index file that readers share.
        try:
            return _begun(path, "mode=ro&immutable=1")
        except _UNREADABLE as error:
            raise InputError(_unreadable(str(path), error)) from None
    except _UNREADABLE as error:
        raise InputError(_unreadable(str(path), error)) from None


def _begun(path: Path, options: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?{options}"
    database = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
    try:
        # Bytes that are no UTF-8 are a difference to report, not a reason to stop.
        database.text_factory = partial(str, encoding="utf-8", errors="replace")
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except _UNREADABLE:
        database.close()
        raise
    return database


def _unreadable(path: str, error: Exception) -> str:
    return f"{path}: cannot be read as a SQLite database ({error}); name another, or a copy of it"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
