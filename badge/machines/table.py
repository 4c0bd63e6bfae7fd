"""A machine's law as a total table: every state meets every fact, and what is ignored says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import Any

from badge.errors import MisuseError

Row = tuple[StrEnum, Callable[..., None]]
Key = tuple[StrEnum, StrEnum]


def ignore(machine: object, *context: object) -> None:
    """Do nothing, on purpose."""


def never(machine: object, *context: object) -> None:
    """Mark a pair that cannot meet, because of how facts are made."""
    raise MisuseError(f"{type(machine).__name__} was told something that cannot happen now")


class Table:
    """Rows of (state, fact) -> (next state, action).

    Raises `MisuseError` unless every pair of a state and a fact has its row.
    """

    def __init__(
        self,
        name: str,
        states: Iterable[StrEnum],
        facts: Iterable[StrEnum],
        rows: Mapping[Key, Row],
    ) -> None:
        self.name = name
        self.states, self.facts = tuple(states), tuple(facts)
        self.rows: Mapping[Key, Row] = dict(rows)
        missing = [
            f"{state} × {fact}"
            for state in self.states
            for fact in self.facts
            if (state, fact) not in rows
        ]
        # Total, and nothing over: a pair that nobody thought of is found when the program starts.
        if missing or len(rows) != len(self.states) * len(self.facts):
            raise MisuseError(f"table {name}: no row for {', '.join(missing) or 'a stranger'}")


class _Watched(dict[Any, Any]):
    def __init__(self, rows: Mapping[Key, Row], used: Callable[[Key], None]) -> None:
        super().__init__(rows)
        self._rows, self._used = rows, used

    def __getitem__(self, key: Any) -> Any:
        self._used(key)
        return self._rows[key]  # which may be watched by another, too


@contextmanager
def watching(tables: Iterable[Table], used: Callable[[Table, Key], None]) -> Iterator[None]:
    """Tell of each row that is looked up, in order, by badges made inside the context."""
    chosen = tuple(tables)
    plain = [table.rows for table in chosen]
    for table in chosen:
        table.rows = _Watched(table.rows, partial(used, table))
    try:
        yield
    finally:
        for table, rows in zip(chosen, plain, strict=True):
            table.rows = rows


@contextmanager
def counting(tables: Iterable[Table]) -> Iterator[dict[str, Counter[Key]]]:
    """Count how often each row of these tables is used, by badges made inside the context."""
    chosen = tuple(tables)
    uses: dict[str, Counter[Key]] = {table.name: Counter() for table in chosen}

    def used(table: Table, key: Key) -> None:
        uses[table.name][key] += 1

    with watching(chosen, used):
        yield uses
