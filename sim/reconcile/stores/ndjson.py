"""Rows in a text file: a JSON object a line, or JSON arrays of them (batches)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from badge.contract.documents import documents
from badge.contract.validation import decode, kind
from badge.errors import InputError


class NdjsonTable:
    """One NDJSON file.  Reading raises InputError with file and line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._columns: tuple[str, ...] | None = None

    def columns(self) -> tuple[str, ...]:
        """Name the fields that any row has, in the order in which they come; none without rows.

        The first row alone does not tell: what it lacks would be taken for held nowhere.
        """
        if self._columns is None:
            found: dict[str, None] = {}
            for _, row in self.objects():
                if row.keys() - found.keys():
                    found |= dict.fromkeys(row)
            self._columns = tuple(found)
        return self._columns

    def size(self) -> int | None:
        """Guess the number of rows from the length of the first line."""
        with self._path.open("rb") as file:
            first = file.readline(1 << 20)
        return self._path.stat().st_size // len(first) if first else 0

    def rows(self, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        """Yield these fields of every row, None where one has none."""
        if not columns:
            return
        pick = itemgetter(*columns) if len(columns) > 1 else None
        for _, row in self.objects():
            try:
                yield pick(row) if pick else (row[columns[0]],)
            except KeyError:
                yield [row.get(column) for column in columns]

    def objects(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield every row with its place, `FILE:LINE` or `FILE`."""
        with self._path.open("rb") as stream:
            for document in _named(documents(stream), self._path):
                place = f"{self._path}:{document.line}" if document.line else str(self._path)
                try:
                    value = decode(document.raw)
                except InputError as error:
                    raise InputError(
                        f"{place}: {error}; mend or remove it: one JSON object a line"
                    ) from None
                for row in value if isinstance(value, list) else (value,):
                    if not isinstance(row, dict):
                        raise InputError(f"{place}: {kind(row)} where an object of a row belongs")
                    yield place, row


def _named(found: Iterator[Any], path: Path) -> Iterator[Any]:
    try:
        yield from found
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
