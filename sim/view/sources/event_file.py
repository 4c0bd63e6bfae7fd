"""A file of events: one event, batch or recorded line each, or one JSON document of them all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from badge.contract.documents import documents, parse
from badge.contract.validation import unwrap
from badge.errors import InputError
from badge.words import counted
from sim.view.model.events import EventRows
from sim.view.model.picture import Draft, picture_of
from sim.view.model.plane import PicturePlane
from sim.view.sources.opened import LINE_BYTES_MAX, GrowsOnly, Opened, line_at, lines_with_places

EVENTS_A_LINE = 4096  # where an event lies: its line's offset times this, and its place in the line


def events_of(document: object) -> list[dict[str, Any]]:
    """Give the events of a document: an event, a batch, or what a recording says was logged."""
    match document:
        case {"out": dict(event)}:
            return [event]
        case {"in": _} | {"format": str()}:
            return []
    return [one for one in unwrap(document) if isinstance(one, dict)]


class EventFile(GrowsOnly):
    """A file of events, read line by line; `read` goes on where the last one ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = EventRows(PicturePlane())
        self.skipped = 0
        self.first_skipped = ""
        self._whole: list[dict[str, Any]] | None = None
        self._next = 0

    def read(self) -> int:
        """Read what is there now; gives how many events came."""
        before = self.rows.count
        for offset, line, end in lines_with_places(self.path, start=self._next):
            cut = not line.endswith(b"\n") and len(line) < LINE_BYTES_MAX
            if cut and not _is_whole(line):
                break  # somebody is still writing it
            self._next = end
            self._take(offset, line)
        return self.rows.count - before

    def read_document(self) -> None:
        """Read a file that is one JSON document."""
        with self.path.open("rb") as file:
            self._whole = list(_events(file, self.path))
        for at, event in enumerate(self._whole):
            self.rows.add(event, at)

    def _take(self, offset: int, line: bytes) -> None:
        place = f"{self.path} at byte {offset}"
        try:
            if len(line) == LINE_BYTES_MAX:
                raise InputError(f"{place}: a line of more than {LINE_BYTES_MAX:,} bytes")
            events = events_of(parse(line, place))
        except InputError as error:
            self.skipped += 1
            self.first_skipped = self.first_skipped or str(error)
            return
        for number, event in enumerate(events[:EVENTS_A_LINE]):
            self.rows.add(event, offset * EVENTS_A_LINE + number)

    def details(self, at: int) -> dict[str, Any]:
        """Give all there is about an event: itself."""
        if self._whole is not None:
            return {"event": self._whole[at]}
        offset, number = divmod(at, EVENTS_A_LINE)
        line = line_at(self.path, offset)
        return {"event": events_of(parse(line, f"{self.path} at byte {offset}"))[number]}

    def draft(self) -> Draft:
        """Give what has been read, with a word about what has not."""
        draft = Draft(self.path.name, self.rows)
        if self.skipped:
            draft.notes.append(
                f"{counted(self.skipped, 'line')} left out; the first: {self.first_skipped}"
            )
        if not self.rows.count:
            draft.notes.append(f"{self.path}: there is no event in it")
        return draft


def open_events(path: Path) -> Opened:
    """Make the picture of a file of events."""
    file = EventFile(path)
    file.read()
    if not file.rows.count and file.skipped:
        whole = EventFile(path)
        try:
            whole.read_document()
            file = whole
        except InputError:
            pass  # neither lines nor a document: the words about the lines stand
    return Opened(picture_of(file.draft()), file.details)


def _events(file: BinaryIO, path: Path) -> Iterator[dict[str, Any]]:
    for document in documents(file):
        yield from events_of(parse(document.raw, str(path)))


def _is_whole(line: bytes) -> bool:
    try:
        parse(line)
    except InputError:
        return False
    return True
