"""A platform without batches and retries: one event of a cause, one POST, at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from badge.errors import MisuseError
from sim.platforms.kit.cause import Cause
from sim.platforms.kit.delivery import CONTENT_TYPE, Delivery
from sim.platforms.kit.event import EventModel
from sim.platforms.kit.platform import Platform
from sim.platforms.kit.simulation import Made, Setting

Said = tuple[EventModel, Mapping[str, Any]]  # an event, and what the truth is to say of it


class PlainSimulation:
    """A platform of the plain kind: `say` makes the event of a cause, or none; it leaves at once.

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
