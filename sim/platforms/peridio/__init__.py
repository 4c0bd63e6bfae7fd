"""Peridio Core: one signed event a POST about devices, releases, API keys and the webhook itself.

    verdict = peridio.verify(headers, body, secrets)     # before anything else, on the raw bytes
    new = peridio.deduplicate(peridio.parse(body), seen)

Answer 200 at once (nothing else is a success), then process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.platforms.kit import receiver
from sim.platforms.kit.delivery import CarriesHeaders
from sim.platforms.kit.event import epoch_ms
from sim.platforms.kit.platform import Platform
from sim.platforms.kit.receiver import Received, Seen
from sim.platforms.peridio.delivery import Policy, Webhook
from sim.platforms.peridio.emitter import PROFILES, Device, Emitter, Release
from sim.platforms.peridio.models import Cohort, PeridioEvent, spell
from sim.platforms.peridio.signature import (
    PUBLISHED_AT,
    SCHEMES,
    SIGNATURE,
    matching_scheme,
    sign,
    signed_headers,
    verify,
)
from sim.platforms.peridio.simulation import PeridioSimulation

__all__ = [
    "PLATFORM",
    "SCHEMES",
    "Cohort",
    "Device",
    "Emitter",
    "PeridioEvent",
    "Policy",
    "Release",
    "Webhook",
    "deduplicate",
    "matching_scheme",
    "parse",
    "sign",
    "signed_headers",
    "verify",
]


def parse(body: bytes) -> list[Received]:
    """The event of a body, in a list of one, of either profile; InputError if it is not JSON."""
    return receiver.parse(PLATFORM, body)


def deduplicate(events: Sequence[Received], seen: Seen) -> list[Received]:
    """Those not met before; the key is the event's PRN."""
    return receiver.deduplicate(events, seen)


def _type_of(event: Mapping[str, object]) -> str:
    data = event.get("data")
    sub_type = data.get("type", "") if isinstance(data, Mapping) else ""
    return f"{event.get('type', '')}.{sub_type}"


def _why_refused(
    headers: CarriesHeaders, body: bytes, secrets: Sequence[str], scheme: str | None
) -> str:
    found = matching_scheme(headers, body, secrets)
    if found is None or found == (scheme or SCHEMES[0]):
        return ""
    return f"the signature is one of scheme {found}: try --scheme {found}"


PLATFORM = Platform(
    name="peridio",
    title="Peridio",
    profiles=PROFILES,
    type_of=_type_of,
    type_path="data.type",
    key_of=lambda event: receiver.joined_key(event, "prn"),
    time_of=lambda event: epoch_ms(event.get("inserted_at")),
    verify=verify,
    stamp=signed_headers,
    schemes=SCHEMES,
    signed_headers={
        SIGNATURE: "HMAC-SHA256 in upper-case hex; two with a comma while a secret is rolled",
        PUBLISHED_AT: "time of this attempt; signed together with the body",
    },
    accepted=lambda status: status == 200,
    spell=spell,
    why_refused=_why_refused,
    simulation=PeridioSimulation,
)
