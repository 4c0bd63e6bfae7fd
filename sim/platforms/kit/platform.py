"""The row of a platform: all that its sender, its receiver and its simulation need to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sim.platforms.kit.delivery import Answer, CarriesHeaders, Stamp, Verify
from sim.platforms.kit.event import EventModel, EventType
from sim.platforms.kit.simulation import Setting, Simulation


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
    comes by itself.  `simulation` makes what plays the platform in `badge simulate`.
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
    simulation: Callable[[Setting], Simulation] | None = None

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

    def pack(self, events: Sequence[EventModel]) -> bytes:
        """The body of one POST; `events` has one element where the platform does not batch."""
        written = [event.to_json() for event in events]
        return b"[" + b",".join(written) + b"]" if self.batch_max else written[0]
