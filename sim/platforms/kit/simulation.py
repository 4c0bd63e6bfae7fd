"""A platform on the simulated site: what happens in the world goes in, deliveries come out.

A `Simulation` is a pure machine like all others here: time is handed in, ids come from a stream.
Whoever conducts it (`sim.fleet.webhooks.scheduler`) tells it every `Cause` in order of time,
takes what is `due`, and brings the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from sim.platforms.kit.cause import Cause
from sim.platforms.kit.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Made:
    """An event that a platform made: the key as its deliveries name it, and the cause."""

    key: str
    type: str
    utc_ms: int
    cause: Cause | None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a platform finds itself: its words in the scenario, its URL, its secrets.

    `stream` opens the random stream of a name, `salt` is the run's own text for pseudonyms.
    """

    words: Any
    url: str
    stream: Callable[..., Random]
    salt: str
    secrets: Sequence[str] = field(default=(), repr=False)


class Simulation(Protocol):
    """A platform in a run; `made` grows by every event, whether or not it is ever posted."""

    made: list[Made]

    @property
    def next_deadline_ms(self) -> int | None:
        """When `due` has something next; None if nothing waits."""

    def begin(self, utc_ms: int) -> None:
        """The run is about to start."""

    def happens(self, cause: Cause) -> None:
        """Something happened in the world."""

    def due(self, utc_ms: int) -> list[Delivery]:
        """What is to be posted now."""

    def waits_for(self, delivery: Delivery) -> bool:
        """Whether the answer to this can change anything."""

    def answered(self, delivery: Delivery, status: int | None, body: bytes, utc_ms: int) -> None:
        """Take the answer (None: none in time, or no connection)."""

    def stamped(self, delivery: Delivery, utc_ms: int, wall_ms: int) -> Delivery:
        """The same attempt of simulated `utc_ms` as it leaves at `wall_ms` of the real clock."""
