"""GroupLink's way of posting: at once, one object each, in the headers agreed on."""

from __future__ import annotations

from collections.abc import Sequence

from badge.errors import MisuseError
from sim.platforms.grouplink.models import KEY_FIELDS, EntryEvent
from sim.platforms.kit import receiver
from sim.platforms.kit.delivery import CONTENT_TYPE, Delivery

TIMEOUT_S = 10.0  # ours: theirs is not public


def deliver(event: EntryEvent, url: str, *, serial: int, secrets: Sequence[str] = ()) -> Delivery:
    """The POST of one event, due as soon as the event is there."""
    body = event.to_json()
    shared = receiver.stamp_shared_headers(body, secrets, None, event.created_at)
    key = receiver.joined_key(event.model_dump(), *KEY_FIELDS)
    if key is None:
        raise MisuseError("an entry event has all fields of its key")
    return Delivery(serial, url, (CONTENT_TYPE, *shared), body, TIMEOUT_S, (key,))
