"""What the card hands to whoever pumps it: an ordered list of these."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """One whole message for the host: a reply line or one binary payload, with its terminator.

    On I2C a host must never see two of these at once, so they are kept apart up to the wire.
    """

    data: bytes


@dataclass(frozen=True, slots=True)
class Dropped:
    """Everything that the host has not read yet is void: it began a new request."""


@dataclass(frozen=True, slots=True)
class Dark:
    """The card is off the wire for `dark_ms`: a restart, a brown-out, or a cable pulled."""

    reason: str  # "restart", "brown-out" or "unplug"
    dark_ms: int
    at_ms: int  # when it went, by the pump's clock


@dataclass(frozen=True, slots=True)
class Pin:
    """The card has moved one of its lines: ``ATTN``, ``AUX1`` …; None lets it float."""

    name: str
    high: bool | None


@dataclass(frozen=True, slots=True)
class AuxText:
    """A line on AUXTX: a notification that card.aux.serial asked for, or a trace."""

    text: str


@dataclass(frozen=True, slots=True)
class Traced:
    """One line for whoever watches; kinds: request, reply, binary, link, note, fault, pin,
    hub, aux.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """One HTTP request that the virtual Notehub wants made; answer with `Fetched` and its id.

    `headers` may hold secrets, so it stays out of the representation.
    """

    fetch_id: int
    method: str
    url: str
    body: bytes
    timeout_s: float
    headers: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back for a `Fetch`: a status with its body, or status 0 and the reason."""

    fetch_id: int
    status: int
    body: bytes = b""
    content_type: str = ""
    reason: str = ""


Output = Message | Dropped | Dark | Pin | AuxText | Traced | Fetch
