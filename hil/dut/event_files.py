"""The events of a device in a file: one event, one batch or one recorded line on each line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from badge.contract.documents import documents
from badge.contract.validation import decode, unwrap
from badge.errors import InputError
from badge.recording.format import FORMAT


def read_events(path: Path) -> list[Any]:
    """Return all events in the order of the file; InputError with the line that is none.

    Takes what `badge record --events` writes, batches as they were posted, what a Notehub route
    posts, and a recording (its `out` lines).
    """
    with path.open("rb") as file:
        return list(_events(file, path))


def _events(file: BinaryIO, path: Path) -> Iterator[Any]:
    place = str(path)
    try:
        for document in documents(file):
            place = f"{path}: line {document.line}" if document.line else str(path)
            yield from events_in(decode(document.raw))
    except InputError as error:
        raise InputError(f"{place}: {error}") from None


def events_in(document: object) -> list[Any]:
    """Return the events of one line's document; InputError if it is none of these."""
    match document:
        case {"format": str(name)} if name == FORMAT:
            return []
        case {"ms": int(), "in": dict()}:
            return []
        case {"ms": int(), "out": dict(event)}:
            return [event]
    return unwrap(document)
