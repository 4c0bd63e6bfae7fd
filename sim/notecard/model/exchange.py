"""What the card and the Notehub behind it say to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sim.notecard.storage.notefiles import Note


@dataclass(frozen=True, slots=True)
class Place:
    """A position with the time at which it was had, for an envelope."""

    lat: float
    lon: float
    when_s: int
    kind: str = "gps"  # or "tower", "triangulated"
    points: int = 0  # that a triangulation has used


@dataclass(frozen=True, slots=True)
class SyncUpload:
    """One sync's way up: who sends, over which session, and copies of the notes.

    `born` and `session` tell this life and session of the card from all others; `first` numbers
    the first note of this upload within the session.
    """

    device: str
    sn: str
    product: str
    session: int
    received_ms: int
    notes: Sequence[tuple[str, Note, bool]]  # file name, note, templated
    born: str = ""
    first: int = 0
    transport: str = "cell:lte:fdd"
    sku: str = ""
    firmware: str = ""
    area: str = ""
    country: str = ""
    zone: str = ""
    host: Any = None  # what hub.set or dfu.status said of the host's firmware
    contact: dict[str, Any] = field(default_factory=dict)
    tower: Place | None = None
    best: Place | None = None
    triangulated: Place | None = None
    readings: dict[str, Any] = field(default_factory=dict)  # of the _session.qo event
    opened: bool = False  # first upload of this session
    inbound: bool = True  # what waits is asked for
    afresh: bool = False  # the card has lost its files: it wants all databases again


@dataclass(frozen=True, slots=True)
class Inbound:
    """One note on its way to the card, or the end of one."""

    file: str
    body: dict[str, Any] | None = None
    payload: str = ""
    note_id: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class ImageOffer:
    """Host firmware that Notehub wants the host to run: its description, and base64."""

    body: dict[str, Any]
    data: str


@dataclass(frozen=True, slots=True)
class SyncDownload:
    """One sync's way down; `env` is the whole set, None if it has not changed."""

    notes: Sequence[Inbound] = ()
    env: dict[str, str] | None = None
    firmware: ImageOffer | None = None


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
    digest: str = ""  # MD5 that Notehub checks the body by


@dataclass(frozen=True, slots=True)
class WebReply:
    """What a proxy route answers: an HTTP result, or `refusal` (the text of ``err``)."""

    result: int
    body: bytes = b""
    content_type: str = ""
    refusal: str = ""


class HubGoneError(Exception):
    """Notehub cannot be reached: the session ends, nothing of the sync counts."""


class Notehub(Protocol):
    """The Notehub that cards talk to while they are connected; each by its device UID."""

    def exchange(self, upload: SyncUpload) -> SyncDownload:
        """Take what the card sends and give what waits for it; HubGoneError keeps all of it."""

    def waiting(self, device: str) -> bool:
        """Whether something other than a signal waits for the card."""

    def take_signals(self, device: str) -> list[dict[str, Any]]:
        """Signals that arrived while the card listens."""

    def connected(self, device: str, online: bool) -> None:
        """The card's session opens or ends."""

    def forget(self, device: str) -> None:
        """The card wants to be deprovisioned: all that is kept of it goes."""

    def web(self, device: str, call: WebCall, answered: Callable[[WebReply], None]) -> None:
        """Pass a request to a proxy route; `answered` is called once, now or later."""
