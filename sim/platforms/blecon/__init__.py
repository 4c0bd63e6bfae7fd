"""Blecon Network: arrays of CloudEvents; devices that hotspots hear, ask and tell things.

Deliveries carry no signature: what proves their origin is up to five headers that the customer
chose (data routing page).  `X-Tracker-Signature` belongs to another product, Blecon Track.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic_core import to_json

from sim.platforms.blecon.delivery import HEADERS_MAX, Outcome, Route, Router
from sim.platforms.blecon.emitter import PROFILES, Device, Emitter, Hotspot, Position
from sim.platforms.blecon.models import BleconEvent, is_request
from sim.platforms.blecon.positioning import PositionRule
from sim.platforms.blecon.simulation import BleconSimulation
from sim.platforms.kit import receiver
from sim.platforms.kit.delivery import Answer, CarriesHeaders, Verdict
from sim.platforms.kit.event import epoch_ms
from sim.platforms.kit.platform import Platform
from sim.platforms.kit.receiver import Received, Seen

__all__ = [
    "HEADERS_MAX",
    "PLATFORM",
    "BleconEvent",
    "Device",
    "Emitter",
    "Hotspot",
    "Outcome",
    "Position",
    "PositionRule",
    "Route",
    "Router",
    "deduplicate",
    "parse",
    "respond",
    "verify",
]


def verify(headers: CarriesHeaders, body: bytes, secrets: Sequence[str] = ()) -> Verdict:
    """Check the route's custom headers (`Name: value` each); without secrets everything passes."""
    return receiver.verify_shared_headers(headers, body, secrets)


def parse(body: bytes) -> list[Received]:
    """The events of a batch as they came, unknown types too; InputError if it is not JSON."""
    return receiver.parse(PLATFORM, body)


def deduplicate(events: Sequence[Received], seen: Seen) -> list[Received]:
    """Those not met before; the key is `source` and `id` together, as CloudEvents says."""
    return receiver.deduplicate(events, seen)


def respond(types: Sequence[str], reply: bytes | None = None) -> Answer:
    """The answer to a delivery: 200, and to a request `reply`, which goes back to the device.

    The form of the body is the last one published, for the older format of requests; whether
    arrays of CloudEvents are answered alike is not public.
    """
    if reply is not None and any(is_request(name) for name in types):
        return Answer(200, to_json({"response_data": {"payload": reply.hex()}}))
    return Answer(200, b"{}")


def _key_of(event: Mapping[str, object]) -> str | None:
    return receiver.joined_key({"source": "blecon", **event}, "source", "id")


PLATFORM = Platform(
    name="blecon",
    title="Blecon",
    profiles=PROFILES,
    type_of=lambda event: str(event.get("type", "")),
    key_of=_key_of,
    time_of=lambda event: epoch_ms(event.get("time")),
    verify=receiver.verify_shared_headers,
    stamp=receiver.stamp_shared_headers,
    secrets_max=HEADERS_MAX,
    batch_max=50,
    alone=is_request,
    answer=respond,
    simulation=BleconSimulation,
)
