"""What a backend's store must offer, and the table of the kinds of store that can be opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any, Final, Protocol


class TableStore(Protocol):
    """A backend's tables, read-only, as of one moment.  Every method may raise InputError."""

    title: str  # for reports; holds no password

    def columns(self, table: str) -> tuple[str, ...] | None:
        """Name a table's columns; none for an empty file; None if there is no such table."""

    def tables(self) -> list[str]:
        """Name the tables that there are."""

    def is_ordered(self, table: str) -> bool:
        """Tell whether `rows` come in the order in which they were inserted."""

    def size(self, table: str) -> int | None:
        """Guess the number of rows, for progress."""

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        """Yield the values of these columns, which exist, row by row, in bounded memory."""


# scheme -> module with `opened(url) -> context manager of a Store`; imported when it is asked for
SCHEMES: Final = {
    "sqlite": "sim.reconcile.stores.sqlite",
    "duckdb": "sim.reconcile.stores.duckdb",
    "postgresql": "sim.reconcile.stores.postgres",
    "postgres": "sim.reconcile.stores.postgres",
}


def open_store(address: str) -> AbstractContextManager[TableStore]:
    """Open `sqlite:///FILE`, `postgresql://…`, any URL of SQLAlchemy, or a file of rows or tables.

    InputError, at once or when it is entered, if it cannot be read.
    """
    scheme, mark, _ = address.partition("://")
    if not mark:
        module = "sim.reconcile.stores.files"
    else:
        module = SCHEMES.get(scheme, "sim.reconcile.stores.sql")
    opened: AbstractContextManager[TableStore] = import_module(module).opened(address)
    return opened
