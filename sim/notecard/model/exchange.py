"""What the card and the Notehub behind it say to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sim.notecard.model.notefiles import Note


@dataclass(frozen=True, slots=True)
class Place:
    """A position with the time at which it was had, for an envelope."""

    lat: float
    lon: float
    when_s: int
    kind: str = "gps"  # or "tower"


@dataclass(frozen=True, slots=True)
class SyncUpload:
    """One sync's way up: who sends, over which session, and copies of the notes."""

    device: str
    sn: str
    product: str
    session: int
    received_ms: int
    notes: Sequence[tuple[str, Note, bool]]  # file name, note, templated
    tower: Place | None = None
    best: Place | None = None
    readings: dict[str, Any] = field(default_factory=dict)  # of the _session.qo event
    opened: bool = False  # first upload of this session


@dataclass(frozen=True, slots=True)
class Inbound:
    """One note on its way to the card."""

    file: str
    body: dict[str, Any] | None = None
    payload: str = ""
    note_id: str = ""


@dataclass(frozen=True, slots=True)
class SyncDownload:
    """One sync's way down; `env` is the whole set, None if it has not changed."""

    notes: Sequence[Inbound] = ()
    env: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class WebCall:
    """A web.* request on its way to a proxy route."""

    route: str
    method: str
    name: str
    body: bytes
    content: str
    timeout_s: float
    label: str = ""
    offset: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class WebReply:
    """What a proxy route answers: an HTTP result, or `refusal` (the text of ``err``)."""

    result: int
    body: bytes = b""
    content_type: str = ""
    refusal: str = ""


class Notehub(Protocol):
    """The Notehub that a card talks to while it is connected."""

    def exchange(self, upload: SyncUpload) -> SyncDownload:
        """Take what the card sends and give what waits for it."""

    def waiting(self) -> bool:
        """Whether something other than a signal waits for the card."""

    def take_signals(self) -> list[dict[str, Any]]:
        """Signals that arrived while the card listens."""

    def web(self, call: WebCall, answered: Callable[[WebReply], None]) -> None:
        """Pass a request to a proxy route; `answered` is called once, now or later."""
