"""The card's own hand in its notefiles: notes with time and place, in RAM first or in flash."""

from __future__ import annotations

from typing import Any

from sim.notecard.model.exchange import Inbound
from sim.notecard.model.services import Services
from sim.notecard.storage.notefiles import Note, Notefile

CACHE_MS = 15_000  # how long a templated note may wait in RAM for its page of flash


class Notebook:
    """Adds notes, and flushes in time what it keeps in RAM."""

    def __init__(self, card: Services) -> None:
        self._card = card
        self._flush_ms: int | None = None

    def add(self, file: Notefile, note_id: str, **parts: Any) -> Note:
        """Store one note of the card's own time and place."""
        card = self._card
        note = Note(note_id, when_s=card.clock.utc_s, **parts)
        if card.place is not None:
            note.lat, note.lon, note.where_s = card.place.lat, card.place.lon, card.fixed_s
        card.state.notes_made += 1
        card.touch()
        return file.put(note)

    def log(self, file: str, body: dict[str, Any], payload: str = "") -> None:
        """Add a note of the card's own to an outbound queue."""
        queue = self._card.files.open(file)
        self.add(queue, queue.next_queue_id(), body=body, payload=payload)

    def receive(self, inbound: Inbound) -> None:
        """Take a note from Notehub, or the end of one."""
        file = self._card.files.open(inbound.file)
        if inbound.deleted:
            file.notes.pop(inbound.note_id, None)
            return
        note_id = inbound.note_id or file.next_queue_id()
        self.add(file, note_id, body=inbound.body, payload=inbound.payload).sent = True

    def cache(self, note: Note) -> None:
        """Keep a templated note in RAM for a while, as the card does to spare its flash."""
        note.cached_ms = self._card.clock.now_ms + CACHE_MS
        self._flush_ms = self._flush_ms or note.cached_ms

    def flush(self) -> None:
        """Write what is still in RAM to flash."""
        for file in self._card.files:
            for note in file.notes.values():
                note.cached_ms = 0
        self._flush_ms = None
        self._card.touch()

    def lose(self, *, power: bool) -> None:
        """A restart, or a loss of power: what was not in flash is gone."""
        for file in self._card.files:
            file.lose(power=power)

    def advance(self) -> None:
        """The oldest in RAM has waited long enough."""
        self.flush()

    def deadline_ms(self) -> int | None:
        """When to flush."""
        return self._flush_ms
