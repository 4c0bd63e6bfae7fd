"""GroupLink: a phone that carries its SDK entered an H3 cell; one unsigned object a POST.

Sources: the documents "Event Examples", "Exemplo de Evento" and "Webhook Integration -
Configuration" of docs.grouplinknetwork.com.  Their retry policy, timeout and API-key header are
not public; the 10 s timeout here is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Annotated, Literal

import h3  # type: ignore[import-untyped]  # the library ships no types
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from badge.errors import MisuseError
from sim.platforms.kit import receiver
from sim.platforms.kit.event import (
    CONTENT_TYPE,
    CarriesHeaders,
    Delivery,
    EventType,
    Platform,
    Verdict,
    Wire,
)
from sim.platforms.kit.receiver import Received, Seen
from sim.platforms.kit.simulation import AtOnce, Cause, Neighbour, Said, Setting

HOLD_MS = 24 * 3600 * 1000
Origin = Literal["beacon", "gps", "network"]


def _is_a_cell(text: str) -> str:
    if not h3.is_valid_cell(text):
        raise PydanticCustomError("h3_cell", "not a valid H3 cell")
    return text


CellId = Annotated[str, Field(pattern="^8[0-9a-f]{14}$"), AfterValidator(_is_a_cell)]


class EntryEvent(Wire):
    """EVENT_IN with its 13 fields in the order of the example.

    The platform's own sample validator requires only mm, cell_id, event_type and created_at.
    """

    mm: Annotated[int, Field(description="pseudonymous hash of the device")]
    cell_id: Annotated[CellId, Field(description="H3 cell that was entered")]
    event_type: Literal["EVENT_IN"]
    event_duration: Annotated[int, Field(ge=-1, le=-1, description="-1 on entry; ms")] = -1
    created_at: Annotated[int, Field(ge=0, description="Unix milliseconds")]
    brand: str | None = None
    model: str | None = None
    cfray: Annotated[str, Field(pattern="^[0-9a-z]{16}-[A-Z]{3}$")] | None = None
    origin: Origin | None = None
    adv_key: str | None = None
    os: str | None = None
    os_version: str | None = None
    package_name: str | None = None


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone as GroupLink sees it: a pseudonym of 31 bits, and a model that exists."""

    mm: int
    brand: str
    model: str
    os: str
    os_version: str


MODELS = (
    ("apple", "iPhone14,2", "iOS", "26.1"),
    ("apple", "iPhone14,5", "iOS", "18.6.2"),
    ("apple", "iPhone15,2", "iOS", "26.1"),
    ("apple", "iPhone16,1", "iOS", "26.1"),
    ("apple", "iPhone12,8", "iOS", "18.6.2"),
    ("samsung", "SM-G998B", "Android", "14.0"),
    ("samsung", "SM-S918B", "Android", "15.0"),
    ("samsung", "SM-A546B", "Android", "14.0"),
    ("samsung", "SM-A155M", "Android", "14.0"),
    ("xiaomi", "2201123G", "Android", "14.0"),
    ("xiaomi", "2211133G", "Android", "14.0"),
)


def phone_of(person: str, salt: str) -> Phone:
    """The phone of a person: the same person and salt always carry the same one."""
    digest = sha256(f"{salt}\0{person}".encode()).digest()
    mm = int.from_bytes(digest[:4]) & 0x7FFF_FFFF
    return Phone(mm, *MODELS[int.from_bytes(digest[4:8]) % len(MODELS)])


def cell_of(lat: float, lon: float, resolution: int = 8) -> str:
    """The H3 cell that contains a position; 8 is the resolution of the documented example."""
    return str(h3.latlng_to_cell(lat, lon, resolution))


@dataclass(frozen=True, slots=True)
class Emitter:
    """Makes events for one app; `ids` is the stream that tracking ids are drawn from."""

    ids: Random
    package_name: str = "com.example.app"
    airport: str = "IAD"

    def event_in(self, phone: Phone, cell_id: str, origin: Origin, *, utc_ms: int) -> EntryEvent:
        """`phone` entered `cell_id` at `utc_ms`, noticed by way of `origin`."""
        return EntryEvent(
            mm=phone.mm,
            cell_id=cell_id,
            event_type="EVENT_IN",
            event_duration=-1,
            created_at=utc_ms,
            brand=phone.brand,
            model=phone.model,
            cfray=f"{self.ids.getrandbits(64):016x}-{self.airport}",
            origin=origin,
            adv_key=self.package_name,
            os=phone.os,
            os_version=phone.os_version,
            package_name=self.package_name,
        )


@dataclass(slots=True)
class _Stay:
    announced_ms: int
    left_ms: int | None = None


class EntryRule:
    """Which entries are announced: one a stay within 24 hours, and again after a confirmed exit.

    `exit_confirm_ms` (how long a phone must be away) and `announce_long_stays` (another event for
    a stay of more than 24 hours) are open in the documents; the defaults are ours.
    """

    def __init__(self, *, exit_confirm_ms: int = 60_000, announce_long_stays: bool = False) -> None:
        self._exit_confirm_ms = exit_confirm_ms
        self._announce_long_stays = announce_long_stays
        self._stays: dict[tuple[int, str], _Stay] = {}

    def inside(self, mm: int, cell_id: str, utc_ms: int) -> bool:
        """`mm` is seen in the cell; true if that is to be announced."""
        stay = self._stays.get((mm, cell_id))
        if stay is None or self._exit_confirmed(stay, utc_ms) or self._expired(stay, utc_ms):
            self._stays[mm, cell_id] = _Stay(utc_ms)
            return True
        stay.left_ms = None
        return False

    def outside(self, mm: int, cell_id: str, utc_ms: int) -> None:
        """`mm` is not in the cell; the exit counts once this has lasted long enough."""
        stay = self._stays.get((mm, cell_id))
        if stay is not None and stay.left_ms is None:
            stay.left_ms = utc_ms
        elif stay is not None and self._exit_confirmed(stay, utc_ms):
            del self._stays[mm, cell_id]

    def _exit_confirmed(self, stay: _Stay, utc_ms: int) -> bool:
        return stay.left_ms is not None and utc_ms - stay.left_ms >= self._exit_confirm_ms

    def _expired(self, stay: _Stay, utc_ms: int) -> bool:
        return self._announce_long_stays and utc_ms - stay.announced_ms >= HOLD_MS


def deliver(event: EntryEvent, url: str, *, serial: int, secrets: Sequence[str] = ()) -> Delivery:
    """The POST of one event, due as soon as the event is there."""
    body = event.to_json()
    shared = receiver.stamp_shared_headers(body, secrets, None, event.created_at)
    key = receiver.joined_key(event.model_dump(), *KEY_FIELDS)
    if key is None:
        raise MisuseError("an entry event has all fields of its key")
    return Delivery(serial, url, (CONTENT_TYPE, *shared), body, PLATFORM.timeout_s, (key,))


def neighbour(setting: Setting) -> Neighbour:
    """GroupLink on a simulated site: each entry that the rule lets through, at once."""
    emit = Emitter(setting.stream("grouplink", "ids"), setting.words.package_name)

    def say(cause: Cause) -> Said | None:
        if cause.kind != "entered":
            return None
        phone = phone_of(str(cause.worker_id), setting.salt)
        cell, origin = cause.facts["cell"], cause.facts["origin"]
        event = emit.event_in(phone, cell, origin, utc_ms=cause.utc_ms)
        return event, {"mm": phone.mm, "cell_id": cell}

    return AtOnce(PLATFORM, setting, say)


KEY_FIELDS = ("mm", "created_at", "event_type", "cell_id")


def _time_of(event: Mapping[str, object]) -> int | None:
    value = event.get("created_at")
    return value if isinstance(value, int) else None


def _sample(type_name: str, ids: Random, utc_ms: int) -> EntryEvent:
    phone = phone_of("W-042", "sample")
    return Emitter(ids).event_in(phone, "8881839825fffff", "beacon", utc_ms=utc_ms)


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
                _sample,
            ),
        )
    },
    type_of=lambda event: str(event.get("event_type", "")),
    type_path="event_type",
    key_of=lambda event: receiver.joined_key(event, *KEY_FIELDS),
    time_of=_time_of,
    verify=receiver.verify_shared_headers,
    stamp=receiver.stamp_shared_headers,
    neighbour=neighbour,
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
