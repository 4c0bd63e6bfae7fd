"""Peridio's event models in two profiles.

`guide` is "Events and Payloads" of docs.peridio.com (2025): dashed sub-types, small payloads.
`openapi` is the admin API's description and the Rust SDK: snake_case, fuller payloads, nulls for
what is absent.  The documents contradict each other, so a receiver takes both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from badge.contract.patterns import told
from badge.errors import InputError
from sim.platforms.kit.event import EventModel, Evidence, constant, moment, narrowed, possible_time

Profile = Literal["guide", "openapi"]

# The guide's examples have words where the ids are, so the last part is not held to be a UUID.
Prn = Annotated[
    str,
    Field(
        pattern=told(r"^prn:1(?::[A-Za-z0-9_-]+){1,3}$", "must be a PRN, prn:1:…"),
        examples=["prn:1:org"],
    ),
]
Instant = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z$",
        examples=["2023-09-14T20:23:30Z"],
    ),
    AfterValidator(possible_time),
]


class Cohort(EventModel):
    """The group of devices that releases are made for."""

    cohort_prn: Prn
    cohort_name: Annotated[str, Field(min_length=1, max_length=128)]


class DeviceRef(EventModel):
    """A device; its cohort only in the profile `openapi`."""

    identifier: str
    prn: Prn
    cohort: Cohort | None = None


class ReleaseRef(EventModel):
    """A release; `known` says, in `release_changed`, whether Peridio has it on record."""

    prn: Prn
    version: str
    known: bool | None = None


class BundleRef(EventModel):
    """A bundle of binaries."""

    prn: Prn
    name: Annotated[str, Field(max_length=256)] | None = None
    known: bool | None = None


class Certificate(EventModel):
    """The certificate that a device showed; fingerprint: SHA-256 in upper-case hex."""

    authority_key_identifier: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    common_name: Annotated[str, Field(min_length=1, max_length=64)]
    fingerprint: Annotated[str, Field(pattern="^[0-9A-F]{64}$")]


class Firmware(EventModel):
    """The firmware that a device runs."""

    prn: Prn
    vcs_identifier: str | None = None
    version: str


class OnlyDevice(EventModel):
    """Nothing but the device."""

    device: DeviceRef


class AuthFailedGuide(OnlyDevice):
    """The guide names invalid_certificate, unknown_device, revoked_certificate as examples."""

    reason: str


class CheckedGuide(OnlyDevice):
    """`current_release` is what the device runs."""

    current_release: ReleaseRef


class Claimed(OnlyDevice):
    """The release that the device takes."""

    release: ReleaseRef


class ChangedGuide(OnlyDevice):
    """The device runs another release than before."""

    from_release: ReleaseRef
    to_release: ReleaseRef


class UpdatedGuide(OnlyDevice):
    """Names of the fields of the record that changed."""

    updated_fields: list[str]


class KeyRef(EventModel):
    """An API key, without its secret."""

    prn: Prn
    name: str


class KeyCreatedGuide(EventModel):
    """An API key was made."""

    api_key: KeyRef


class Nothing(EventModel):
    """An empty object."""


class Connected(OnlyDevice):
    """A TLS handshake with the device API was done."""

    ip_address: str | None = None
    certificate: Certificate | None = None
    ca_certificate: Certificate | None = None
    route: str | None = None
    headers: dict[str, object] | None = None


class Disconnected(OnlyDevice):
    """The device left its websocket."""

    connected_event_prn: Prn | None = None


class Checked(OnlyDevice):
    """`release` is what is offered to the device, null if nothing."""

    release: ReleaseRef | None = None
    bundle: BundleRef | None = None


class Changed(OnlyDevice):
    """The device reported another release or bundle than its record has."""

    from_release: ReleaseRef | None = None
    to_release: ReleaseRef | None = None
    from_bundle: BundleRef | None = None
    to_bundle: BundleRef | None = None


class DeviceRecord(DeviceRef):
    """The whole record of a device."""

    description: str | None = None
    quarantined: bool | None = None
    tags: list[str] | None = None
    firmware: Firmware | None = None
    release: ReleaseRef | None = None
    bundle: BundleRef | None = None


class Updated(EventModel):
    """The record of a device changed; this is the new one."""

    device: DeviceRecord


class AuthFailed(EventModel):
    """A device was turned away."""

    reason: Literal[
        "device_is_archived", "multi_cert_jitr_disabled", "jitp_disabled", "jitp_failed"
    ]
    ip_address: str | None = None
    certificate: Certificate | None = None
    ca_certificate: Certificate | None = None
    device: DeviceRef | None = None


class KeyCreated(EventModel):
    """An API key was made, and by which user."""

    api_key_prn: Prn
    creator_prn: Prn | None = None


class Tried(EventModel):
    """The webhook that is being tried."""

    webhook_prn: Prn


class Content(EventModel):
    """Sub-type and payload."""

    type: str
    data: EventModel


class PeridioEvent(EventModel):
    """The envelope; `prn` is the dedup key, `inserted_at` the time of creation."""

    version: Annotated[int, Field(ge=1, le=1)]
    prn: Prn
    type: Literal["device", "api_key", "webhook"]
    inserted_at: Instant
    data: Content


def instant(utc_ms: int) -> str:
    """Whole seconds with a Z, as Peridio writes all its times."""
    return moment(utc_ms).strftime("%Y-%m-%dT%H:%M:%SZ")


def spell(type_name: str) -> str:
    """The one spelling under which `release-changed` and `release_changed` meet."""
    return type_name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Family:
    """A row of the table of types: its name, its payload, and how sure we are of that."""

    name: str
    payload: type[EventModel]
    known: str = "an example is public"
    evidence: Evidence = "documented"


FAMILIES: dict[Profile, tuple[Family, ...]] = {
    "guide": (
        Family("device.connected", OnlyDevice),
        Family("device.authentication-failed", AuthFailedGuide),
        Family("device.checked-for-release", CheckedGuide),
        Family("device.claimed-release", Claimed),
        Family("device.release-changed", ChangedGuide),
        Family("device.updated", UpdatedGuide),
        Family("api_key.created", KeyCreatedGuide),
        Family("webhook.test_fire", Nothing),
    ),
    "openapi": tuple(
        Family(name, payload, "schema public; it names no required fields")
        for name, payload in (
            ("device.connected", Connected),
            ("device.authentication_failed", AuthFailed),
            ("device.checked_for_release", Checked),
            ("device.claimed_release", Claimed),
            ("device.release_changed", Changed),
            ("device.updated", Updated),
            ("device.disconnected", Disconnected),
            ("api_key.created", KeyCreated),
            ("webhook.test_fire", Tried),
        )
    ),
}


def family_of(type_name: str, profile: Profile) -> Family:
    """The row of a type in either spelling; InputError if the profile has none such."""
    for family in FAMILIES[profile]:
        if spell(family.name) == spell(type_name):
            return family
    names = ", ".join(family.name for family in FAMILIES[profile])
    raise InputError(f"type {type_name!r} is not in Peridio's profile {profile}; it has {names}")


@cache
def model_of(family: Family) -> type[PeridioEvent]:
    """The model of a whole event."""
    category, sub_type = family.name.split(".")
    title = "".join(word.title() for word in spell(family.name).replace(".", "_").split("_"))
    inner = narrowed(Content, f"{title}Content", type_=constant(sub_type), data=family.payload)
    return narrowed(PeridioEvent, title, type_=constant(category), data=inner)
