"""A platform on the simulated site: what happens in the world goes in, deliveries come out.

A `Neighbour` is a pure machine like all others here: time is handed in, ids come from a stream.
Whoever conducts it (`sim.fleet.webhooks.scheduler`) tells it every `Cause` in order of time,
takes what is `due`, and brings the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, Protocol

from badge.errors import MisuseError
from sim.platforms.kit.event import CONTENT_TYPE, Delivery, Platform, Wire

Kind = Literal[
    "boot",  # a badge has started: reason, firmware
    "off",  # its battery is empty
    "offer",  # the roll-out reached it, and it takes the release: version, before
    "link",  # the cellular network came or went: up
    "upload",  # a batch arrived in the cloud: firmware, certificate, body (None: not asked for)
    "heard",  # a hotspot heard it: hotspot, lat, lon, rssi_dbm, lasts
    "placed",  # the positioning engine places it: hotspot, lat, lon, moving
    "entered",  # its worker's phone entered a cell: cell, lat, lon, origin
    "arrived",  # the worker put it on
    "left",  # the worker hung it up
    "deregistered",  # it was taken out of the Blecon network
    "configured",  # somebody changed a resource of the Blecon network: change, resource
    "rolled",  # the webhook's secret is rolled: ttl_s
    "api_key",  # somebody made an API key: name
    "mark",  # nothing: everything before it has been told
]


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that happened: to a badge, or to the site (`device_id` empty).

    `of` names the cause that this one follows from, if it does.  `first` and `last` are the
    numbers of the badge's own events that tell the same, None if none does.
    """

    utc_ms: int
    kind: Kind
    device_id: str = ""
    worker_id: str | None = None
    number: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    first: int | None = None
    last: int | None = None
    of: str | None = None

    @property
    def name(self) -> str:
        """Name it, uniquely in a run; what follows from another cause has that one's name."""
        return self.of or f"{self.device_id or 'site'}/{self.kind}/{self.number}"


@dataclass(frozen=True, slots=True)
class Made:
    """An event that a neighbour made: the key as its deliveries name it, and the cause."""

    key: str
    type: str
    utc_ms: int
    cause: Cause | None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a neighbour finds itself: its words in the scenario, its URL, its secrets.

    `stream` opens the random stream of a name, `salt` is the run's own text for pseudonyms.
    """

    words: Any
    url: str
    stream: Callable[..., Random]
    salt: str
    secrets: Sequence[str] = field(default=(), repr=False)


class Neighbour(Protocol):
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


Said = tuple[Wire, Mapping[str, Any]]  # an event, and what the truth is to say of it


class AtOnce:
    """A neighbour of the plain kind: `say` makes the event of a cause, or none; it leaves at once.

    One object a POST, in the headers agreed on; a failed one is not repeated.
    """

    def __init__(
        self, platform: Platform, setting: Setting, say: Callable[[Cause], Said | None]
    ) -> None:
        self._platform, self._setting, self._say = platform, setting, say
        self._ready: list[Delivery] = []
        self._serial = 0
        self.made: list[Made] = []

    @property
    def next_deadline_ms(self) -> int | None:
        """At once, if there is anything."""
        return 0 if self._ready else None

    def begin(self, utc_ms: int) -> None:
        """Nothing is verified."""

    def happens(self, cause: Cause) -> None:
        """Make the event of a cause, if it makes one."""
        said = self._say(cause)
        if said is None:
            return
        event, facts = said
        content = event.model_dump()
        type_name, key = self._platform.type_of(content), self._platform.key_of(content)
        if key is None:
            raise MisuseError(f"{self._platform.title}: {type_name} has no key")
        self.made.append(Made(key, type_name, cause.utc_ms, cause, facts))
        self._ready.append(self._delivery(event.to_json(), key, cause.utc_ms))

    def _delivery(self, body: bytes, key: str, utc_ms: int) -> Delivery:
        self._serial += 1
        platform, setting = self._platform, self._setting
        shared = platform.stamp(body, setting.secrets, None, utc_ms) if setting.secrets else ()
        headers = (CONTENT_TYPE, *shared)
        return Delivery(self._serial, setting.url, headers, body, platform.timeout_s, (key,))

    def due(self, utc_ms: int) -> list[Delivery]:
        """Give all that is there."""
        ready, self._ready = self._ready, []
        return ready

    def waits_for(self, delivery: Delivery) -> bool:
        """No answer counts."""
        return False

    def answered(self, delivery: Delivery, status: int | None, body: bytes, utc_ms: int) -> None:
        """No answer counts."""

    def stamped(self, delivery: Delivery, utc_ms: int, wall_ms: int) -> Delivery:
        """Nothing in a delivery depends on the time of sending."""
        return delivery
