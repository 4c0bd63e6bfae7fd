"""The vocabulary that every platform shares: a typed event, a delivery, and the row of a platform.

Time is always `utc_ms`, Unix epoch milliseconds, handed in; ids are drawn from a stream that is
handed in, so that the same seed writes the same bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, create_model

if TYPE_CHECKING:
    from sim.platforms.kit.simulation import Neighbour, Setting

Evidence = Literal["documented", "third-party", "unverified"]
Json = dict[str, object]
Headers = tuple[tuple[str, str], ...]
CONTENT_TYPE = ("content-type", "application/json")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Wire(BaseModel):
    """A part of an event: strict types, unknown fields kept in the order in which they came."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False, frozen=True)

    def to_json(self) -> bytes:
        """Write compact UTF-8 JSON in the order of the fields; what was never set is left out."""
        return self.model_dump_json(exclude_unset=True).encode()


W = TypeVar("W", bound=Wire)


def narrowed(base: type[W], name: str, *, type_: object, data: type[Wire]) -> type[W]:
    """The subclass of an envelope for one type of event: what `type` may be, and its `data`."""
    fields: dict[str, Any] = {"type": (type_, ...), "data": (data, ...)}
    return create_model(name, __base__=base, __doc__=f"Envelope of `{data.__name__}`.", **fields)


def constant(text: str) -> object:
    """The type of exactly this text."""
    special: Any = Literal
    kind: object = special[text]
    return kind


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event: how sure we are of its payload, its model, and an example to send.

    `name` may hold `<namespace>` and `<method>`: then `matches` says which types belong to it, and
    `sample` is handed the type that was asked for.
    """

    name: str
    evidence: Evidence
    known: str
    model: type[Wire]
    sample: Callable[[str, Random, int], Wire]
    matches: Callable[[str], bool] | None = None

    def covers(self, type_name: str) -> bool:
        """Say whether an event of `type_name` is one of these."""
        return self.matches(type_name) if self.matches else type_name == self.name


class CarriesHeaders(Protocol):
    """The headers of a request as any framework holds them: something with `items()`."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Pairs of name and value; the names in any case."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a delivery is authentic; false as a condition when it is not, and then says why."""

    accepted: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.accepted


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver answers; the body is JSON."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP POST to be made now; `serial` names it when its answer is told to the sender."""

    serial: int
    url: str
    headers: Headers
    body: bytes
    timeout_s: float
    keys: tuple[str, ...]
    attempt: int = 1


class Verify(Protocol):
    """The signature that a platform's `verify` has in common with the others."""

    def __call__(
        self,
        headers: CarriesHeaders,
        body: bytes,
        secrets: Sequence[str],
        *,
        scheme: str | None = None,
        utc_ms: int | None = None,
    ) -> Verdict:
        """Judge the raw bytes; the clock is the machine's unless `utc_ms` is given."""
        ...


class Stamp(Protocol):
    """Make the headers that prove a delivery's origin."""

    def __call__(
        self, body: bytes, secrets: Sequence[str], scheme: str | None, utc_ms: int
    ) -> Headers:
        """Header pairs for one attempt at `utc_ms`."""
        ...


def _plain_answer(types: Sequence[str], reply: bytes | None) -> Answer:
    return Answer(200, b"{}")


def _any_2xx(status: int) -> bool:
    return 200 <= status < 300


def _never(type_name: str) -> bool:
    return False


def _as_it_is(type_name: str) -> str:
    return type_name


@dataclass(frozen=True, slots=True)
class Platform:
    """All that `badge listen`, `send`, `schema` and `validate` need to know of one platform.

    The first profile is the default, and so is the first scheme.  `batch_max` 0 means one object
    a POST; otherwise the body is an array of at most that many, and a type that `alone` names
    comes by itself.  `neighbour` makes what plays the platform in `badge simulate`.
    """

    name: str
    title: str
    profiles: Mapping[str, tuple[EventType, ...]]
    type_of: Callable[[Mapping[str, object]], str]
    key_of: Callable[[Mapping[str, object]], str | None]
    time_of: Callable[[Mapping[str, object]], int | None]
    verify: Verify
    stamp: Stamp
    schemes: tuple[str, ...] = ()
    signed_headers: Mapping[str, str] = field(default_factory=dict)
    secrets_max: int = 8
    type_path: str = "type"
    batch_max: int = 0
    alone: Callable[[str], bool] = _never
    timeout_s: float = 10.0
    accepted: Callable[[int], bool] = _any_2xx
    answer: Callable[[Sequence[str], bytes | None], Answer] = _plain_answer
    spell: Callable[[str], str] = _as_it_is
    why_refused: Callable[[CarriesHeaders, bytes, Sequence[str], str | None], str] | None = None
    neighbour: Callable[[Setting], Neighbour] | None = None

    def types(self, profile: str | None = None) -> tuple[EventType, ...]:
        """The event types of a profile, the default one if none is named."""
        return self.profiles[profile or next(iter(self.profiles))]

    def find(self, type_name: str, profile: str | None = None) -> EventType | None:
        """The row of a type in whatever spelling the platform has for it; None if unknown."""
        asked = self.spell(type_name)
        for row in self.types(profile):
            if row.covers(type_name) or self.spell(row.name) == asked:
                return row
        return None

    def pack(self, events: Sequence[Wire]) -> bytes:
        """The body of one POST; `events` has one element where the platform does not batch."""
        written = [event.to_json() for event in events]
        return b"[" + b",".join(written) + b"]" if self.batch_max else written[0]


def pick_uuid(ids: Random) -> str:
    """A random (version 4) UUID out of the stream `ids`."""
    return str(uuid.UUID(int=ids.getrandbits(128), version=4))


def moment(utc_ms: int) -> datetime:
    """An aware UTC datetime of epoch milliseconds, without a detour through floats."""
    return _EPOCH + timedelta(milliseconds=utc_ms)


def epoch_ms(text: object) -> int | None:
    """Epoch milliseconds of an ISO 8601 text, one without an offset taken as UTC; None if bad."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
        aware = time if time.tzinfo else time.replace(tzinfo=UTC)
        return (aware - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        return None
