"""GroupLink: a phone that carries its SDK entered an H3 cell; one unsigned object a POST.

Sources: the documents "Event Examples", "Exemplo de Evento" and "Webhook Integration -
Configuration" of docs.grouplinknetwork.com.  Their retry policy, timeout and API-key header are
not public; the 10 s timeout here is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.platforms.grouplink.delivery import TIMEOUT_S
from sim.platforms.grouplink.delivery import deliver as deliver
from sim.platforms.grouplink.emitter import Emitter as Emitter
from sim.platforms.grouplink.emitter import sample
from sim.platforms.grouplink.models import KEY_FIELDS, LAST_MS, EntryEvent
from sim.platforms.grouplink.models import Origin as Origin
from sim.platforms.grouplink.models import Phone as Phone
from sim.platforms.grouplink.models import cell_of as cell_of
from sim.platforms.grouplink.models import phone_of as phone_of
from sim.platforms.grouplink.simulation import EntryRule as EntryRule
from sim.platforms.grouplink.simulation import announcements
from sim.platforms.kit import receiver
from sim.platforms.kit.delivery import CarriesHeaders, Verdict
from sim.platforms.kit.event import EventType
from sim.platforms.kit.plain import PlainSimulation
from sim.platforms.kit.platform import Platform
from sim.platforms.kit.receiver import Received, Seen
from sim.platforms.kit.simulation import Setting, Simulation


def on_the_site(setting: Setting) -> Simulation:
    """GroupLink on a simulated site: each entry that the rule lets through, at once."""
    return PlainSimulation(PLATFORM, setting, announcements(setting))


def _time_of(event: Mapping[str, object]) -> int | None:
    value = event.get("created_at")
    return value if isinstance(value, int) and 0 <= value <= LAST_MS else None


PLATFORM = Platform(
    name="grouplink",
    title="GroupLink",
    profiles={
        "default": (
            EventType(
                "EVENT_IN",
                "documented",
                "all 13 fields are in the example; which may be absent or null is not stated",
                EntryEvent,
                sample,
            ),
        )
    },
    type_of=lambda event: str(event.get("event_type", "")),
    type_path="event_type",
    key_of=lambda event: receiver.joined_key(event, *KEY_FIELDS),
    time_of=_time_of,
    verify=receiver.verify_shared_headers,
    stamp=receiver.stamp_shared_headers,
    timeout_s=TIMEOUT_S,
    simulation=on_the_site,
)


def verify(headers: CarriesHeaders, body: bytes, secrets: Sequence[str] = ()) -> Verdict:
    """Check the headers agreed on (`Name: value`); GroupLink may be called without any."""
    return receiver.verify_shared_headers(headers, body, secrets)


def parse(body: bytes) -> list[Received]:
    """The event of a body, in a list of one; InputError if it is not JSON."""
    return receiver.parse(PLATFORM, body)


def deduplicate(events: Sequence[Received], seen: Seen) -> list[Received]:
    """Those not met before; the key is mm, created_at, event_type and cell_id together."""
    return receiver.deduplicate(events, seen)
