"""A store in a PostgreSQL database: one read-only transaction, a cursor on the server's side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from badge.errors import InputError
from badge.extras import lacking

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Identifier

_CONNECT_TIMEOUT_S = 10
_ROWS_FETCHED = 5000
_READ_AS_TEXT = ("json", "jsonb", "date", "timestamp", "timestamptz", "interval")
_HOW = "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, special characters as %XX"
_TABLES = """
SELECT CASE WHEN pg_table_is_visible(c.oid) THEN relname ELSE nspname || '.' || relname END
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
  AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg_toast%'
ORDER BY 1"""
_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0
AND NOT attisdropped ORDER BY attnum"""
_SIZE = "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)"


class PostgresTables:
    """The tables and views that the connection sees."""

    def __init__(self, connection: Connection, title: str) -> None:
        self._connection = connection
        self.title = title

    def columns(self, table: str) -> tuple[str, ...] | None:
        """Name a table's columns; None if there is no such table."""
        with _errors(self.title):
            for name in _spellings(table):
                found = self._connection.execute(_COLUMNS, [self._text(name)]).fetchall()
                if found:
                    return tuple(column for (column,) in found)
        return None

    def tables(self) -> list[str]:
        """Name the tables and views outside of the system's schemas."""
        with _errors(self.title):
            return [name for (name,) in self._connection.execute(_TABLES)]

    def is_ordered(self, table: str) -> bool:
        """A PostgreSQL table has no order of its own."""
        return False

    def size(self, table: str) -> int | None:
        """Return the planner's guess, None if it has none."""
        with _errors(self.title):
            for name in _spellings(table):
                found = self._connection.execute(_SIZE, [self._text(name)]).fetchone()
                if found is not None:
                    return int(found[0]) if found[0] > 0 else None
        return None

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        """Yield the values of these columns; JSON and moments come as text."""
        from psycopg.sql import SQL, Identifier

        query = SQL("SELECT {} FROM {}").format(
            SQL(", ").join(map(Identifier, columns)), self._identifier(table)
        )
        with _errors(self.title), self._connection.cursor(name="reconcile") as cursor:
            cursor.itersize = _ROWS_FETCHED
            yield from cursor.execute(query)

    def _identifier(self, table: str) -> Identifier:
        found = (name for name in _spellings(table) if self._exists(name))
        return next(found, next(_spellings(table)))

    def _exists(self, name: Identifier) -> bool:
        with _errors(self.title):
            query = "SELECT to_regclass(%s) IS NOT NULL"
            found = self._connection.execute(query, [self._text(name)]).fetchone()
            return bool(found and found[0])

    def _text(self, name: Identifier) -> str:
        return name.as_string(self._connection)


@contextmanager
def opened(address: str) -> Iterator[PostgresTables]:
    """Connect to `postgresql://…` and begin to read as of now.

    InputError for a bad address, an unreachable server, a refused login; no password in any.
    """
    try:
        import psycopg
    except ImportError:
        raise InputError(lacking("psycopg", f"{address.partition(':')[0]}://…")) from None
    title = _title(address)
    with _errors(title):
        connection = psycopg.connect(_with_timeout(address), autocommit=False)
    with closing(connection):
        with _errors(title):
            _begin(connection)
        yield PostgresTables(connection, title)


def _begin(connection: Connection) -> None:
    from psycopg import IsolationLevel
    from psycopg.types.string import TextLoader

    connection.read_only = True
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    for kind in _READ_AS_TEXT:  # infinity and 24:00 are differences to report, no Python values
        connection.adapters.register_loader(kind, TextLoader)
    connection.execute("SET LOCAL datestyle = 'ISO'")


def _title(address: str) -> str:
    """Return the address without its password; InputError for one whose parts cannot be told."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        # Parsed twice: an unescaped character in a password would end up in the host or port, and
        # from there in a message.
        parts = urlsplit(address)
        facts = conninfo_to_dict(address)
        sound = address.partition("?")[0].count("@") <= 1 and "@" not in parts.path
        sound = sound and "#" not in address
        sound = sound and re.fullmatch(r"[0-9,]*", str(facts.get("port", ""))) is not None
    except (ProgrammingError, ValueError):
        sound = False
    if not sound:
        raise InputError(f"--against: no PostgreSQL address; {_HOW}")
    user = f"{facts['user']}@" if "user" in facts else ""
    port = f":{facts['port']}" if "port" in facts else ""
    return f"postgresql://{user}{facts.get('host', '')}{port}/{facts.get('dbname', '')}"


def _with_timeout(address: str) -> str:
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    if "connect_timeout" in conninfo_to_dict(address):
        return address
    return make_conninfo(address, connect_timeout=_CONNECT_TIMEOUT_S)


def _spellings(table: str) -> Iterator[Identifier]:
    """A name may hold a dot itself; else the dot follows a schema."""
    from psycopg.sql import Identifier

    yield Identifier(table)
    if "." in table:
        yield Identifier(*table.split("."))


@contextmanager
def _errors(title: str) -> Iterator[None]:
    from psycopg import Error

    try:
        yield
    except Error as error:
        words = " ".join(str(error).split())
        raise InputError(
            f"{title}: {words}; check the address, the login (PGPASSWORD, ~/.pgpass) and that it "
            "may read the tables"
        ) from None
