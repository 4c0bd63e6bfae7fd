"""Sort more rows than fit into memory: a private database on disk that is gone afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from badge.errors import InputError

_MEMORY_KIB = 64 << 10  # of the sorter; what does not fit goes to disk


class Scratch:
    """Tables of plain values, written once, read in the order of their columns."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def fill(self, name: str, width: int, rows: Iterable[tuple[Any, ...]]) -> None:
        """Keep rows of `width` columns as the table `name`."""
        columns = ", ".join(f"c{place}" for place in range(width))
        marks = ", ".join("?" * width)
        with _room():
            self._database.execute(f"CREATE TABLE {name} ({columns})")
            self._database.execute("BEGIN")
            self._database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608  # our names
            self._database.execute("COMMIT")

    def ordered(self, name: str, *columns: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a table, ascending by these columns; text by code points."""
        order = ", ".join(f"c{place}" for place in columns)
        with _room():
            cursor = self._database.execute(f"SELECT * FROM {name} ORDER BY {order}")  # noqa: S608  # our names
            # From the cursor itself it would also close it, perhaps after the database.
            yield from iter(cursor.fetchone, None)


@contextmanager
def scratch() -> Iterator[Scratch]:
    """Open an empty scratch database in the system's folder for temporary files."""
    with closing(sqlite3.connect("", isolation_level=None)) as database:
        database.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;"
            f"PRAGMA cache_size = -{_MEMORY_KIB};"
        )
        yield Scratch(database)


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise InputError(
            f"no room for sorting the events ({error}): name a folder with more in SQLITE_TMPDIR"
        ) from None
