"""A platform's typed event: its model, its row in the platform's table, its ids and its time.

Time is always `utc_ms`, Unix epoch milliseconds, handed in; ids are drawn from a stream that is
handed in, so that the same seed writes the same bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, create_model
from pydantic_core import PydanticCustomError

Evidence = Literal["documented", "third-party", "unverified"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EventModel(BaseModel):
    """A part of an event: strict types, unknown fields kept in the order in which they came."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False, frozen=True)

    def to_json(self) -> bytes:
        """Write compact UTF-8 JSON in the order of the fields; what was never set is left out."""
        return self.model_dump_json(exclude_unset=True).encode()


W = TypeVar("W", bound=EventModel)


def narrowed(base: type[W], name: str, *, type_: object, data: type[EventModel]) -> type[W]:
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
    model: type[EventModel]
    sample: Callable[[str, Random, int], EventModel]
    matches: Callable[[str], bool] | None = None

    def covers(self, type_name: str) -> bool:
        """Say whether an event of `type_name` is one of these."""
        return self.matches(type_name) if self.matches else type_name == self.name


def pick_uuid(ids: Random) -> str:
    """A random (version 4) UUID out of the stream `ids`."""
    return str(uuid.UUID(int=ids.getrandbits(128), version=4))


def moment(utc_ms: int) -> datetime:
    """An aware UTC datetime of epoch milliseconds, without a detour through floats."""
    return _EPOCH + timedelta(milliseconds=utc_ms)


def possible_time(text: str) -> str:
    """A validator of ISO 8601 texts whose form is right: no 30 February, no hour 25.

    A leap second is one (RFC 3339, 5.7), at the only time of day that may have it.
    """
    try:
        datetime.fromisoformat(text.replace("23:59:60", "23:59:59"))
    except ValueError:
        raise PydanticCustomError("impossible_time", "there is no such date and time") from None
    return text


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
