"""A store in a DuckDB file, opened read-only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from badge.errors import InputError
from sim.reconcile.stores.address import store_file

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ROWS_FETCHED = 5000
_TABLES = """
SELECT CASE WHEN table_schema = 'main' THEN table_name ELSE table_schema || '.' || table_name END,
    table_type = 'BASE TABLE'
FROM information_schema.tables WHERE table_catalog = current_database() ORDER BY 1"""


class DuckdbTables:
    """The tables and views of an open file."""

    def __init__(self, database: DuckDBPyConnection, path: str) -> None:
        self._database = database
        self._are_tables: dict[str, bool] = dict(self._query(_TABLES))
        self.title = path

    def columns(self, table: str) -> tuple[str, ...] | None:
        """Name a table's columns; None if there is no such table."""
        if table not in self._are_tables:
            return None
        described = self._query(f"DESCRIBE {_quote(table)}")
        return tuple(row[0] for row in described)

    def tables(self) -> list[str]:
        """Name the tables and views."""
        return list(self._are_tables)

    def is_ordered(self, table: str) -> bool:
        """A table keeps its rows in the order of their insertion; a view has none."""
        return self._are_tables.get(table, False)

    def size(self, table: str) -> int | None:
        """Count the rows, which DuckDB keeps."""
        count = f"SELECT count(*) FROM {_quote(table)}"  # noqa: S608  # quoted
        return int(self._query(count)[0][0])

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        """Yield the values of these columns in the order of insertion, if there is one."""
        names = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in columns)
        order = " ORDER BY rowid" if self.is_ordered(table) else ""
        cursor = self._database.cursor()
        try:
            cursor.execute(f"SELECT {names} FROM {_quote(table)}{order}")  # noqa: S608  # quoted
            while some := cursor.fetchmany(_ROWS_FETCHED):
                yield from some
        except _duckdb_error() as error:
            raise InputError(_unreadable(self.title, error)) from None
        finally:
            cursor.close()

    def _query(self, query: str) -> list[Any]:
        try:
            return self._database.execute(query).fetchall()
        except _duckdb_error() as error:
            raise InputError(_unreadable(self.title, error)) from None


@contextmanager
def opened(address: str) -> Iterator[DuckdbTables]:
    """Open `duckdb:///FILE` (a fourth slash for an absolute path), or a plain path, read-only.

    InputError if there is no such file, it is no DuckDB database, or another program writes it.
    """
    import duckdb

    path = store_file(address, "duckdb")
    try:
        # A database from elsewhere may load no extension and read no other file.
        locked = {"enable_external_access": "false"}
        database = duckdb.connect(str(path), read_only=True, config={**locked})
    except _duckdb_error() as error:
        raise InputError(_unreadable(str(path), error)) from None
    with closing(database):
        database.execute("SET TimeZone = 'UTC'")
        yield DuckdbTables(database, str(path))


def _duckdb_error() -> type[Exception]:
    import duckdb

    return duckdb.Error


def _unreadable(path: str, error: Exception) -> str:
    words = str(error).splitlines()[0][:200]
    return f"{path}: cannot be read as a DuckDB database ({words}); name another, or a copy of it"


def _quote(table: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))
