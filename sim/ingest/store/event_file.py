"""The events that a store accepts, as lines of a file too: from the ingest to `badge judge`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from badge.host.files import named
from sim.ingest.store.sqlite import SqliteStore
from sim.ingest.store.values import Added


class EventFileStore(SqliteStore):
    """Appends each accepted event to a file, one a line, in the order of arrival.

    An event that comes again stands there again: the file says what was sent, the database what
    is kept.  A line is written after the commit that holds its event and before its answer.  A
    disk without room ends the file with a word, never the store.  OSError if it cannot be opened.
    """

    def __init__(self, path: str, events: Path, say: Callable[[str], None]) -> None:
        self._lines: list[bytes] = []
        self._events_path, self._say = events, say
        try:
            self._events = events.open("ab", buffering=0)
        except OSError as error:
            raise named(error, events) from None
        super().__init__(path)

    @contextmanager
    def group(self) -> Iterator[None]:
        """See `SqliteStore.group`: a part that is taken back leaves no line."""
        outermost, mark = not self._grouped, len(self._lines)
        try:
            with super().group():
                yield
        except BaseException:
            del self._lines[mark:]
            raise
        if outermost:
            self._write()

    def add_batch(self, events: Sequence[dict[str, Any]], received_at: str) -> Added:
        """See `SqliteStore.add_batch`."""
        with self.group():
            added = super().add_batch(events, received_at)
            self._lines += [to_json(event) + b"\n" for event in events]
            return added

    def _write(self) -> None:
        lines, self._lines = b"".join(self._lines), []
        if not lines or self._events.closed:
            return
        try:
            while lines:  # unbuffered: a full disk takes a part
                lines = lines[self._events.write(lines) :]
        except OSError as error:
            why = error.strerror or error
            self._say(f"{self._events_path}: the list of events ends here ({why}); all are kept")
            with suppress(OSError):
                self._events.close()

    def close(self) -> None:
        """Close both."""
        with suppress(OSError):
            self._events.close()
        super().close()
