"""The receiving side, for any framework: raw bytes in, authentic and new events out.

The order that keeps a webhook safe: take the raw bytes, `verify`, `parse`, `deduplicate`, answer,
and only then look closely (`Received.faults`).  Unknown types and fields pass, since platforms
grow; what a body must be is JSON.
"""

from __future__ import annotations

import hmac
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from pydantic import ValidationError

from badge.contract.documents import parse as parse_json
from badge.contract.patterns import message
from badge.errors import InputError, MisuseError
from badge.words import counted
from sim.platforms.kit.delivery import CarriesHeaders, Headers, Json, Verdict
from sim.platforms.kit.event import EventModel
from sim.platforms.kit.platform import Platform

SEEN_LIMIT = 100_000
EVENTS_LIMIT = 10_000  # of one body, far above any platform's batch


@dataclass(frozen=True, slots=True)
class Fault:
    """Where an event departs from the documents (`data.rssi`, `[3].id`), and how."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Received:
    """One event as it came; `key` is its dedup key, `utc_ms` its own time, None where absent."""

    platform: Platform
    event: Json
    type: str
    key: str | None
    utc_ms: int | None

    def faults(self, profile: str | None = None) -> list[Fault]:
        """All departures from the profile's model; an unknown type is one."""
        row = self.platform.find(self.type, profile)
        if row is None:
            words = f"{json.dumps(self.type)} is not a type of this profile"
            return [Fault(self.platform.type_path, words)]
        try:
            row.model.model_validate(self.event)
        except ValidationError as error:
            return [Fault(_path(part["loc"]), message(part)) for part in error.errors()]
        return []

    def typed(self, profile: str | None = None) -> EventModel | None:
        """The event as its pydantic model; None if the type is unknown or the event departs."""
        row = self.platform.find(self.type, profile)
        if row is None:
            return None
        try:
            return row.model.model_validate(self.event)
        except ValidationError:
            return None


class Seen:
    """The dedup keys of the last `limit` events, 16 bytes each however long the key was."""

    def __init__(self, limit: int = SEEN_LIMIT) -> None:
        if limit < 1:
            raise MisuseError("a memory of keys needs room for at least one")
        self._limit = limit
        self._keys: OrderedDict[bytes, None] = OrderedDict()

    def first(self, key: str | None) -> bool:
        """Remember `key`; false if it was known already.  No key: always new."""
        if key is None:
            return True
        digest = blake2b(key.encode(), digest_size=16).digest()
        known = digest in self._keys
        self._keys[digest] = None
        self._keys.move_to_end(digest)
        if len(self._keys) > self._limit:
            self._keys.popitem(last=False)
        return not known

    def __len__(self) -> int:
        return len(self._keys)


def parse(platform: Platform, body: bytes) -> list[Received]:
    """The events of a body, one object or an array, as they came; InputError if it is not JSON."""
    try:
        content = parse_json(body)
    except InputError as error:
        raise InputError(f"body: {error}; send {platform.title}'s JSON") from None
    events = content if isinstance(content, list) else [content]
    if len(events) > EVENTS_LIMIT:
        raise InputError(
            f"body: {counted(len(events), 'event')}; send at most {EVENTS_LIMIT} at once"
        )
    return [_received(platform, event, place) for place, event in enumerate(events)]


def deduplicate(events: Iterable[Received], seen: Seen) -> list[Received]:
    """Those events whose key `seen` meets for the first time, in their order."""
    return [event for event in events if seen.first(event.key)]


def joined_key(event: Mapping[str, object], *fields: str) -> str | None:
    """A dedup key out of several fields; None if one of them is missing."""
    if any(field not in event for field in fields):
        return None
    return json.dumps([event[field] for field in fields])


def header(headers: CarriesHeaders, name: str) -> str | None:
    """A header's value, its name in any case, repeated ones joined by commas; None if absent."""
    values = [value for key, value in headers.items() if key.lower() == name.lower()]
    return ", ".join(values) if values else None


def equal(one: str, other: str) -> bool:
    """Compare two texts in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


def check_secrets(platform: Platform, secrets: Sequence[str], scheme: str | None) -> None:
    """InputError if the platform has no such scheme, or cannot use these secrets."""
    if scheme and scheme not in platform.schemes:
        names = ", ".join(platform.schemes) or "none, it signs nothing"
        raise InputError(f"scheme {scheme!r}: {platform.title} has {names}")
    if len(secrets) > platform.secrets_max:
        raise InputError(f"secret: {platform.title} takes at most {platform.secrets_max}")
    if secrets:
        platform.stamp(b"", secrets, scheme, 0)


def split_secret(secret: str) -> tuple[str, str]:
    """Name and value of a shared header written `Name: value`; InputError otherwise."""
    name, colon, value = secret.partition(":")
    if not (colon and name.strip() and value.strip()) or not secret.isprintable():
        raise InputError("secret: a shared header is written 'Name: value'")
    return name.strip(), value.strip()


def verify_shared_headers(
    headers: CarriesHeaders,
    body: bytes,
    secrets: Sequence[str],
    *,
    scheme: str | None = None,
    utc_ms: int | None = None,
) -> Verdict:
    """Check headers agreed with the platform, `Name: value` each; without secrets all pass.

    Every name must be there with one of the values given for it, so two values for one name are
    a rotation.  The body is not protected by this.
    """
    wanted: dict[str, list[str]] = {}
    for secret in secrets:
        name, value = split_secret(secret)
        wanted.setdefault(name.lower(), []).append(value)
    for name, values in wanted.items():
        got = header(headers, name)
        if got is None:
            return Verdict(False, f"header {name} is missing")
        matches = [equal(got, value) for value in values]  # with all, whichever matched
        if not any(matches):
            return Verdict(False, f"header {name} has another value")
    return Verdict(True)


def stamp_shared_headers(
    body: bytes, secrets: Sequence[str], scheme: str | None, utc_ms: int
) -> Headers:
    """The headers that `verify_shared_headers` looks for."""
    return tuple(split_secret(secret) for secret in secrets)


def _received(platform: Platform, event: object, place: int) -> Received:
    if not isinstance(event, dict):
        raise InputError(f"body[{place}]: an event is a JSON object, not {type(event).__name__}")
    return Received(
        platform, event, platform.type_of(event), platform.key_of(event), platform.time_of(event)
    )


def _path(parts: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return path.removeprefix(".")
