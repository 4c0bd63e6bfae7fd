"""Notefiles: what a note is, how a file counts its changes, and who has seen which.

Kinds by suffix: .qo/.qos go out, .qi/.qis come in, .db/.dbs both ways, .dbx stays on the card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import SerializerFunctionWrapHandler, WrapSerializer

from sim.notecard.codec.arguments import RequestError

PLAIN_NOTES_MAX = 100  # of a file without a template
_NAME = re.compile(r"[A-Za-z0-9_\-.]{1,200}\.(qos?|qis?|dbs|dbx|db)\Z")


@dataclass(slots=True)
class Note:
    """One note.  `change` is the file's count when it last changed; `sent` once Notehub has it."""

    note_id: str
    body: dict[str, Any] | None = None
    payload: str = ""  # base64
    when_s: int = 0  # 0: the card had no time
    change: int = 0
    deleted: bool = False
    sent: bool = False
    live: bool = False  # never in flash: a restart loses it
    cached_ms: int = 0  # still in RAM until then: a loss of power loses it
    full: bool = False  # keep false, 0 and "" of a templated body
    lat: float | None = None
    lon: float | None = None
    where_s: int = 0


def _in_flash(notes: dict[str, Note], dump: SerializerFunctionWrapHandler) -> Any:
    return dump({name: n for name, n in notes.items() if not (n.live or n.cached_ms)})


@dataclass(slots=True)
class Notefile:
    """One file: its notes oldest first, its counters, its template (hints) if it has one.

    What is written as JSON is what flash holds: notes that are still in RAM are left out.
    """

    name: str
    notes: Annotated[dict[str, Note], WrapSerializer(_in_flash)] = field(default_factory=dict)
    added: int = 0  # notes ever added: the queue's IDs
    changes: int = 0
    trackers: dict[str, int] = field(default_factory=dict)
    template: dict[str, Any] | None = None
    template_options: dict[str, Any] = field(default_factory=dict)

    @property
    def queue(self) -> bool:
        """Whether notes pass through in order and cannot be edited."""
        return self.name.rsplit(".", 1)[1].startswith("q")

    @property
    def goes_out(self) -> bool:
        """Whether the card sends its notes."""
        return self.name.endswith((".qo", ".qos", ".db", ".dbs"))

    @property
    def for_satellite(self) -> bool:
        """Whether its template is one that a satellite network takes: compact, with a port."""
        options = self.template_options
        return options.get("format") == "compact" and bool(options.get("port"))

    def live(self) -> list[Note]:
        """The notes that are not deleted."""
        return [note for note in self.notes.values() if not note.deleted]

    def unsent(self) -> list[Note]:
        """The notes and deletions that Notehub does not have yet."""
        return [n for n in self.notes.values() if not n.sent] if self.goes_out else []

    def put(self, note: Note) -> Note:
        """Add or replace a note and count the change."""
        self.changes += 1
        note.change = self.changes
        self.notes[note.note_id] = note
        return note

    def next_queue_id(self) -> str:
        """The ID that a queue gives to its next note, such as ``1:7``."""
        self.added += 1
        return f"1:{self.added}"

    def remove(self, note: Note) -> None:
        """Delete a note: gone from a queue, a tombstone in a database."""
        self.changes += 1
        if self.queue:
            self.notes.pop(note.note_id, None)
            return
        note.deleted, note.sent, note.change = True, False, self.changes

    def lose(self, *, power: bool) -> None:
        """Forget what a restart does not leave, and with `power` lost what flash does not have."""
        for note in list(self.notes.values()):
            if note.live or (power and note.cached_ms):
                del self.notes[note.note_id]

    def since(self, tracker: str) -> list[Note]:
        """The notes changed after what a tracker has seen; a new tracker has seen nothing."""
        mark = self.trackers.get(tracker, 0)
        return [note for note in self.notes.values() if note.change > mark]


def check_name(name: str, *, reserved: bool = False) -> str:
    """Return a legal notefile name, or raise RequestError; a leading ``_`` is the card's own."""
    if not _NAME.match(name) or (name.startswith("_") and not reserved):
        raise RequestError(f"{name}: not a valid notefile name {{notefile-bad-name}}")
    return name


class Notefiles:
    """All files of a card, in the order of their creation."""

    def __init__(self, files: dict[str, Notefile]) -> None:
        self.files = files

    def __iter__(self) -> Iterator[Notefile]:
        return iter(list(self.files.values()))

    def find(self, name: str) -> Notefile:
        """An existing file; RequestError with both codes that clients look for if there is none."""
        if name not in self.files:
            raise RequestError(
                f"{name}: notefile does not exist {{notefile-noexist}} {{note-noexist}}"
            )
        return self.files[name]

    def open(self, name: str) -> Notefile:
        """A file, created when it is missing."""
        return self.files.setdefault(name, Notefile(name))

    def unsent(self) -> list[tuple[Notefile, Note]]:
        """Everything that waits for Notehub, file by file, oldest first."""
        return [(file, note) for file in self for note in file.unsent()]

    def waiting(self) -> bool:
        """Whether anything waits for Notehub."""
        return any(not n.sent for f in self.files.values() if f.goes_out for n in f.notes.values())

    def sent(self, file: Notefile, note: Note) -> None:
        """Notehub has this one: it leaves a queue, and stays marked in a database."""
        note.sent = True
        if file.queue or note.deleted:
            file.notes.pop(note.note_id, None)
