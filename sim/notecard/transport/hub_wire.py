"""Cards and a Notehub in different processes: one unix socket, JSON lines both ways.

A card asks ``exchange`` and waits; everything else is told without waiting.  The Notehub tells
its cards of signals, and whether something waits for them, as soon as that changes.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Any, Literal, Self

from pydantic import Base64Bytes, BaseModel, Field, TypeAdapter, model_validator

from sim.notecard.model.exchange import SyncDownload, SyncUpload, WebCall, WebReply

LINE_BYTES_MAX = 16 << 20
_CALL, _REPLY = TypeAdapter(WebCall), TypeAdapter(WebReply)


class WebAsk(BaseModel):
    """A web.* request; its body in base64, since JSON has no bytes."""

    do: Literal["web"] = "web"
    number: int
    call: dict[str, Any]
    body: Base64Bytes

    @classmethod
    def of(cls, number: int, call: WebCall) -> WebAsk:
        """Put a call into a message."""
        members = {name: getattr(call, name) for name in WebCall.__slots__ if name != "body"}
        return cls(number=number, call=members, body=b64encode(call.body))

    def made(self) -> WebCall:
        """The call again; ValidationError if its members are none of a call's."""
        return _CALL.validate_python({**self.call, "body": self.body})

    @model_validator(mode="after")
    def _whole(self) -> Self:
        # While it is read: later it would end the thread that serves the card.
        self.made()
        return self


class WebSaid(BaseModel):
    """The answer to a `WebAsk`."""

    do: Literal["web"] = "web"
    number: int
    reply: dict[str, Any]
    body: Base64Bytes

    @classmethod
    def of(cls, number: int, reply: WebReply) -> WebSaid:
        """Put a reply into a message."""
        members = {name: getattr(reply, name) for name in WebReply.__slots__ if name != "body"}
        return cls(number=number, reply=members, body=b64encode(reply.body))

    def made(self) -> WebReply:
        """The reply again; ValidationError if its members are none of a reply's."""
        return _REPLY.validate_python({**self.reply, "body": self.body})

    @model_validator(mode="after")
    def _whole(self) -> Self:
        self.made()
        return self


class ExchangeAsk(BaseModel):
    """A sync's way up."""

    do: Literal["exchange"] = "exchange"
    upload: SyncUpload


class ExchangeSaid(BaseModel):
    """A sync's way down."""

    do: Literal["exchange"] = "exchange"
    download: SyncDownload


class Online(BaseModel):
    """The session of this card opens or ends."""

    do: Literal["online"] = "online"
    device: str
    online: bool


class Forget(BaseModel):
    """The card wants to be deprovisioned."""

    do: Literal["forget"] = "forget"
    device: str


class News(BaseModel):
    """What a card learns unasked: signals, and whether something waits for it."""

    do: Literal["news"] = "news"
    waiting: bool
    signals: list[dict[str, Any]] = []


FROM_CARD: TypeAdapter[ExchangeAsk | WebAsk | Online | Forget] = TypeAdapter(
    Annotated[ExchangeAsk | WebAsk | Online | Forget, Field(discriminator="do")]
)
FROM_HUB: TypeAdapter[ExchangeSaid | WebSaid | News] = TypeAdapter(
    Annotated[ExchangeSaid | WebSaid | News, Field(discriminator="do")]
)


def line(message: BaseModel) -> bytes:
    """A message as it goes over the socket."""
    return message.model_dump_json().encode() + b"\n"
