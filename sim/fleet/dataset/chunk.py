"""The rows of some badges of a part, put away whole: a part that is made again goes on after them.

A chunk is a zip with a member for each table's day, and what it holds written down beside them.
It is there only until its part is whole.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from badge.contract.documents import fit, parse
from badge.errors import InputError
from sim.fleet.dataset.days import DayRows, Place

CONTENT = "content.json"
_CONTENT_BYTES_MAX = 16 << 20  # a year of days, six tables


@dataclass(frozen=True, slots=True)
class _Content:
    """What a chunk says of itself: whose it is, what was counted, and (table, day, rows, bytes)."""

    key: str
    counts: dict[str, int]
    members: list[tuple[str, str, int, int]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows by table and day, read from a file of this machine."""

    path: Path
    counts: Counter[str]
    rows: Mapping[Place, int]

    def lines(self, place: Place) -> Iterator[bytes]:
        """Give the lines of a table's day, in order."""
        if place in self.rows:
            with ZipFile(self.path) as whole, whole.open(_member(*place)) as file:
                yield from file


def write_chunk(path: Path, key: str, rows: DayRows, counts: Counter[str]) -> Chunk:
    """Write a chunk; `key` tells it from those of another data set."""
    members: list[tuple[str, str, int, int]] = []
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as whole:
        for table, day in sorted(rows.rows):
            content = b"".join(rows.lines((table, day)))
            whole.writestr(_member(table, day), content)
            members.append((table, day, rows.rows[table, day], len(content)))
        document: dict[str, Any] = {"key": key, "counts": counts, "members": members}
        whole.writestr(CONTENT, json.dumps(document))
    return Chunk(path, Counter(counts), dict(rows.rows))


def read_chunk(path: Path, key: str) -> Chunk | None:
    """Read what `write_chunk` has written; None if it is another's, cut off or damaged."""
    try:
        with ZipFile(path) as whole:
            sizes = {one.filename: one.file_size for one in whole.infolist()}
            if sizes.get(CONTENT, _CONTENT_BYTES_MAX + 1) > _CONTENT_BYTES_MAX:
                return None
            content = fit(_Content, parse(whole.read(CONTENT), CONTENT, _CONTENT_BYTES_MAX), "")
            told = {_member(table, day): size for table, day, _, size in content.members}
            del sizes[CONTENT]
            if content.key != key or told != sizes or whole.testzip() is not None:
                return None
    except (InputError, BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return None
    rows = {(table, day): count for table, day, count, _ in content.members}
    return Chunk(path, Counter(content.counts), rows)


def _member(table: str, day: str) -> str:
    return f"{table}/{day}"
