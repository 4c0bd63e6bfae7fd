"""The maker of Peridio's events, and the table of its profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from sim.platforms.kit.event import EventType, pick_uuid
from sim.platforms.peridio.models import (
    FAMILIES,
    Cohort,
    Family,
    PeridioEvent,
    Profile,
    family_of,
    instant,
    model_of,
    spell,
)

AuthFailure = Literal["invalid_certificate", "unknown_device", "revoked_certificate"]


@dataclass(frozen=True, slots=True)
class Device:
    """A device of an organization; the cohort is told in the profile `openapi` only."""

    prn: str
    identifier: str
    cohort: Cohort | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A release: its PRN and its version."""

    prn: str
    version: str


# The two lists of reasons share no word; this pairing is ours.
_OPENAPI_REASON = {
    "invalid_certificate": "jitp_failed",
    "unknown_device": "jitp_disabled",
    "revoked_certificate": "device_is_archived",
}


@dataclass(frozen=True, slots=True)
class Emitter:
    """Makes the events of one organization (a UUID); `ids` is the stream of event ids."""

    ids: Random
    organization: str
    profile: Profile = "guide"

    def prn(self, kind: str) -> str:
        """A new PRN of a `kind`: device, release, event, webhook, api_key."""
        return f"prn:1:{self.organization}:{kind}:{pick_uuid(self.ids)}"

    def event(self, type_name: str, payload: Mapping[str, object], *, utc_ms: int) -> PeridioEvent:
        """Wrap a payload as `device.claimed-release` and the like, in either spelling."""
        family = family_of(type_name, self.profile)
        category, sub_type = family.name.split(".")
        made = {
            "version": 1,
            "prn": self.prn("event"),
            "type": category,
            "inserted_at": instant(utc_ms),
            "data": {"type": sub_type, "data": dict(payload)},
        }
        return model_of(family).model_validate(made)

    def connected(self, device: Device, *, utc_ms: int, ip: str = "192.0.2.1") -> PeridioEvent:
        """`device` reached the device API from `ip`."""
        more: dict[str, object] = {
            "ip_address": ip,
            "certificate": None,
            "ca_certificate": None,
            "route": "/socket/websocket",
            "headers": {},
        }
        return self._about("device.connected", device, {}, more, utc_ms)

    def authentication_failed(
        self, device: Device, reason: AuthFailure, *, utc_ms: int, ip: str = "192.0.2.1"
    ) -> PeridioEvent:
        """`device` was turned away; in `openapi` the reason becomes the nearest of that list."""
        payload: dict[str, object] = {"device": self._ref(device), "reason": reason}
        if self.profile == "openapi":
            nulls = {"ip_address": ip, "certificate": None, "ca_certificate": None}
            payload = {"reason": _OPENAPI_REASON[reason], **nulls, "device": self._ref(device)}
        return self.event("device.authentication_failed", payload, utc_ms=utc_ms)

    def checked_for_release(
        self, device: Device, current: Release, offered: Release | None, *, utc_ms: int
    ) -> PeridioEvent:
        """`device` asked: `guide` tells the release it has, `openapi` the one it is offered."""
        more = {"release": offered and _release(offered), "bundle": None}
        lean = {"current_release": _release(current)}
        return self._about("device.checked_for_release", device, lean, more, utc_ms)

    def claimed_release(self, device: Device, release: Release, *, utc_ms: int) -> PeridioEvent:
        """`device` takes `release`, which a phased roll-out offered it."""
        both = {"release": _release(release)}
        return self._about("device.claimed_release", device, both, both, utc_ms)

    def release_changed(
        self, device: Device, before: Release, after: Release, *, utc_ms: int
    ) -> PeridioEvent:
        """`device` now runs `after`."""
        lean = {"from_release": _release(before), "to_release": _release(after)}
        more = {
            "from_release": _release(before),
            "to_release": {**_release(after), "known": True},
            "from_bundle": None,
            "to_bundle": None,
        }
        return self._about("device.release_changed", device, lean, more, utc_ms)

    def updated(
        self, device: Device, fields: Sequence[str], *, utc_ms: int, release: Release | None = None
    ) -> PeridioEvent:
        """The record of `device` changed in `fields`; `openapi` tells the record instead."""
        if self.profile == "guide":
            lean = {"updated_fields": list(fields)}
            return self._about("device.updated", device, lean, lean, utc_ms)
        record = self._ref(device) | {
            "description": None,
            "quarantined": False,
            "tags": None,
            "firmware": None,
            "release": release and _release(release),
            "bundle": None,
        }
        return self.event("device.updated", {"device": record}, utc_ms=utc_ms)

    def disconnected(
        self, device: Device, *, utc_ms: int, connected_event_prn: str | None = None
    ) -> PeridioEvent:
        """`device` left; only the profile `openapi` has this."""
        more = {"connected_event_prn": connected_event_prn}
        return self._about("device.disconnected", device, {}, more, utc_ms)

    def api_key_created(
        self, api_key_prn: str, name: str, creator_prn: str, *, utc_ms: int
    ) -> PeridioEvent:
        """An API key was made; `guide` tells its name, `openapi` its maker."""
        payload: dict[str, object] = {"api_key": {"prn": api_key_prn, "name": name}}
        if self.profile == "openapi":
            payload = {"api_key_prn": api_key_prn, "creator_prn": creator_prn}
        return self.event("api_key.created", payload, utc_ms=utc_ms)

    def test_fire(self, webhook_prn: str, *, utc_ms: int) -> PeridioEvent:
        """A trial of the webhook; `guide` has an empty payload."""
        payload = {} if self.profile == "guide" else {"webhook_prn": webhook_prn}
        return self.event("webhook.test_fire", payload, utc_ms=utc_ms)

    def _ref(self, device: Device) -> dict[str, object]:
        ref: dict[str, object] = {"identifier": device.identifier, "prn": device.prn}
        if self.profile == "openapi":
            ref["cohort"] = device.cohort and device.cohort.model_dump()
        return ref

    def _about(
        self,
        type_name: str,
        device: Device,
        guide: Mapping[str, object],
        openapi: Mapping[str, object],
        utc_ms: int,
    ) -> PeridioEvent:
        fields = guide if self.profile == "guide" else openapi
        return self.event(type_name, {"device": self._ref(device), **fields}, utc_ms=utc_ms)


def _release(release: Release) -> dict[str, object]:
    return {"prn": release.prn, "version": release.version}


def _sample(type_name: str, ids: Random, utc_ms: int, profile: Profile) -> PeridioEvent:
    emit = Emitter(ids, pick_uuid(ids), profile)
    device = Device(emit.prn("device"), "SN1337")
    old, new = Release(emit.prn("release"), "1.0.0"), Release(emit.prn("release"), "2.0.0")
    user = f"prn:1:user:{pick_uuid(ids)}"
    match spell(type_name):
        case "device.connected":
            return emit.connected(device, utc_ms=utc_ms)
        case "device.authentication_failed":
            return emit.authentication_failed(device, "invalid_certificate", utc_ms=utc_ms)
        case "device.checked_for_release":
            return emit.checked_for_release(device, old, new, utc_ms=utc_ms)
        case "device.claimed_release":
            return emit.claimed_release(device, new, utc_ms=utc_ms)
        case "device.release_changed":
            return emit.release_changed(device, old, new, utc_ms=utc_ms)
        case "device.updated":
            return emit.updated(device, ["description", "tags"], utc_ms=utc_ms, release=new)
        case "device.disconnected":
            return emit.disconnected(device, utc_ms=utc_ms)
        case "api_key.created":
            name = "Production Integration Key"
            return emit.api_key_created(emit.prn("api_key"), name, user, utc_ms=utc_ms)
        case _:
            return emit.test_fire(emit.prn("webhook"), utc_ms=utc_ms)


def _row(family: Family, profile: Profile) -> EventType:
    return EventType(
        family.name,
        family.evidence,
        family.known,
        model_of(family),
        lambda name, ids, utc_ms: _sample(name, ids, utc_ms, profile),
    )


PROFILES: dict[str, tuple[EventType, ...]] = {
    profile: tuple(_row(family, profile) for family in families)
    for profile, families in FAMILIES.items()
}
