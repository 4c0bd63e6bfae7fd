"""Who is told of differences: the first of each kind for the report, all of them for a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pydantic_core import to_json

from badge.host.files import whole_file
from sim.reconcile.comparison.differences import Difference
from sim.reconcile.reconciliation import DifferenceSink


class Examples:
    """Keeps the first `limit` differences of each kind."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.of: dict[str, list[Difference]] = defaultdict(list)

    def found(self, difference: Difference) -> None:
        """Keep it if there are few of its kind yet."""
        if len(self.of[difference.kind]) < self._limit:
            self.of[difference.kind].append(difference)


class ExamplesAndLines:
    """Keeps examples, and writes every difference as a line of JSON."""

    def __init__(self, examples: Examples, file: BinaryIO) -> None:
        self._examples = examples
        self._file = file

    def found(self, difference: Difference) -> None:
        """Keep and write it."""
        self._examples.found(difference)
        self._file.write(to_json(difference.document(), inf_nan_mode="constants") + b"\n")


@contextmanager
def open_sink(examples: Examples, path: Path | None) -> Iterator[DifferenceSink]:
    """Open the one to tell: examples, and a line in the file if there is one."""
    if path is None:
        yield examples
    else:
        with whole_file(path) as file:
            yield ExamplesAndLines(examples, file)
