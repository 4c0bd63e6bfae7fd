"""What a Notehub knows of one device, and what waits for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sim.notecard.codec.arguments import RequestError
from sim.notecard.model.exchange import ImageOffer, Inbound, Place, SyncUpload
from sim.notecard.storage.notefiles import Note, Notefile, check_name

INBOUND_MAX = 1000
SIGNALS_MAX = 32
SESSIONS_KEPT = 500
DATABASE = (".db", ".dbs")


@dataclass(slots=True)
class SessionRecord:
    """One session, as it stands or ended."""

    uid: str
    began_ms: int
    upload: SyncUpload
    ended_ms: int = 0
    events: int = 0
    notes_received: int = 0


@dataclass(slots=True)
class HubDevice:
    """One card, from its first sync on."""

    uid: str
    provisioned_ms: int
    last: SyncUpload | None = None
    seen_ms: int = 0
    online: bool = False
    disabled: bool = False
    fleets: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    env_sent: dict[str, str] | None = None  # what the card holds; None: it must be told
    inbound: list[Inbound] = field(default_factory=list)
    signals: list[dict[str, Any]] = field(default_factory=list)
    databases: dict[str, dict[str, Note]] = field(default_factory=dict)
    sessions: list[SessionRecord] = field(default_factory=list)
    health: list[dict[str, Any]] = field(default_factory=list)
    firmware: ImageOffer | None = None
    firmware_sent: bool = False
    places: dict[str, Place] = field(default_factory=dict)  # by kind, the last of each

    def queue(self, inbound: Inbound) -> None:
        """Let a note wait for the card; RequestError if the file cannot go inbound, or too many."""
        queue = Notefile(check_name(inbound.file)).queue
        if not inbound.file.endswith((".qi", ".qis", *DATABASE)):
            raise RequestError(
                f"{inbound.file}: notes for a device go into .qi or .db {{notefile-bad-name}}"
            )
        if queue == bool(inbound.note_id):
            raise RequestError(f"{inbound.file}: a note ID is for databases, and required there")
        if len(self.inbound) >= INBOUND_MAX:
            raise RequestError(f"{INBOUND_MAX} notes wait for the device already {{note-max}}")
        self.inbound.append(inbound)

    def keep(self, file: str, note: Note) -> None:
        """A database is the same on both sides."""
        held = self.databases.setdefault(file, {})
        if note.deleted:
            held.pop(note.note_id, None)
        else:
            held[note.note_id] = replace(note)

    def waiting(self, env: dict[str, str]) -> bool:
        """Whether a sync would bring the card something."""
        return bool(self.inbound) or env != (self.env_sent or {}) or self._offers

    @property
    def _offers(self) -> bool:
        return self.firmware is not None and not self.firmware_sent

    def take(self, afresh: bool) -> list[Inbound]:
        """What the card gets now; `afresh` the databases whole, since it has lost its own."""
        whole = [
            Inbound(file, note.body, note.payload, note.note_id)
            for file, held in (self.databases if afresh else {}).items()
            for note in held.values()
        ]
        notes, self.inbound = [*whole, *self.inbound], []
        return notes

    def signal(self, body: dict[str, Any]) -> None:
        """Signals are not kept for a card that is away."""
        self.signals = [*self.signals, body][-SIGNALS_MAX:]
