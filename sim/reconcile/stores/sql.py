"""A store in any database that SQLAlchemy speaks to: MySQL, MariaDB, SQL Server and more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from badge.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection, TableClause
    from sqlalchemy.engine import URL

_ROWS_FETCHED = 5000
_MYSQL = ("mysql", "mariadb")
_DRIVER = "pymysql"  # of MySQL and MariaDB, unless the address names another
_HOW = "write mysql://USER:PASSWORD@HOST:PORT/DATABASE, or another URL of SQLAlchemy"


class SqlTables:
    """The tables and views that the connection sees."""

    def __init__(self, connection: Connection, title: str) -> None:
        from sqlalchemy import inspect

        self._connection = connection
        self._inspector = inspect(connection)
        self.title = title

    def columns(self, table: str) -> tuple[str, ...] | None:
        """Name a table's columns; None if there is no such table."""
        from sqlalchemy.exc import NoSuchTableError

        for schema, name in _spellings(table):
            try:
                with _errors(self.title):
                    found = self._inspector.get_columns(name, schema)
            except NoSuchTableError:
                continue
            if found:
                return tuple(str(column["name"]) for column in found)
        return None

    def tables(self) -> list[str]:
        """Name the tables and views of the database."""
        with _errors(self.title):
            names = [*self._inspector.get_table_names(), *self._inspector.get_view_names()]
        return sorted(names)

    def is_ordered(self, table: str) -> bool:
        """A table has no order of its own."""
        return False

    def size(self, table: str) -> int | None:
        """Unknown: to count may take as long as to read."""
        return None

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        """Yield the values of these columns as the driver gives them."""
        from sqlalchemy import column, select

        wanted: list[Any] = [column(name) for name in columns]
        query: Any = select(*wanted).select_from(self._table(table))
        with _errors(self.title):
            found = self._connection.execution_options(yield_per=_ROWS_FETCHED).execute(query)
            yield from (tuple(row) for row in found)

    def _table(self, name: str) -> TableClause:
        from sqlalchemy import table
        from sqlalchemy.exc import NoSuchTableError

        for schema, plain in _spellings(name):
            try:
                if self._inspector.get_columns(plain, schema):
                    return table(plain, schema=schema)
            except NoSuchTableError:
                continue
        return table(name)


def opened(address: str) -> AbstractContextManager[SqlTables]:
    """Open any URL of SQLAlchemy, to be read only; `mysql://` and `mariadb://` take PyMySQL.

    InputError at once if SQLAlchemy or its driver does not know it, later if nobody answers.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        url = make_url(address)
        if url.drivername in _MYSQL:
            url = url.set(drivername=f"{url.drivername}+{_DRIVER}")
        url.get_dialect().import_dbapi()
    except NoSuchModuleError:
        scheme = address.partition("://")[0]
        raise InputError(
            f"--against {scheme}://…: this kind of store is not known; sqlite://, postgresql://, "
            "duckdb://, mysql://, mariadb://, another of SQLAlchemy's, or a file"
        ) from None
    except (ArgumentError, ValueError):
        raise InputError(f"--against: no URL of a database; {_HOW}") from None
    except ModuleNotFoundError as error:
        raise InputError(
            f"--against: {url.drivername} needs the Python package {error.name}; install it"
        ) from None
    return _connected(url)


@contextmanager
def _connected(url: URL) -> Iterator[SqlTables]:
    from sqlalchemy import create_engine, text

    title = url.render_as_string(hide_password=True)
    engine = create_engine(url)
    try:
        with _errors(title):
            connection = engine.connect()
        with connection:
            if url.get_backend_name() in _MYSQL:  # one snapshot, and nothing is written
                connection.execute(text("SET SESSION TRANSACTION READ ONLY"))
                connection.rollback()
            yield SqlTables(connection, title)
    finally:
        engine.dispose()


@contextmanager
def _errors(title: str) -> Iterator[None]:
    """What a database or its driver says, as one sentence."""
    from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

    try:
        yield
    except NoSuchTableError:
        raise
    except SQLAlchemyError as error:
        words = str(getattr(error, "orig", None) or error).splitlines()[0][:200]
        raise InputError(f"{title}: {words}; {_HOW}") from None


def _spellings(table: str) -> Iterator[tuple[str | None, str]]:
    """A name as it stands, and as `schema.name`."""
    yield None, table
    schema, dot, name = table.partition(".")
    if dot and schema and name:
        yield schema, name
