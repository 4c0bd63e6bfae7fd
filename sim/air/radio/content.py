"""What BlueZ reads out of advertising data (Core Specification Supplement, part A)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from sim.air.radio.advert import (
    APPEARANCE,
    FLAGS,
    MANUFACTURER,
    NAME,
    SERVICE_DATA,
    SHORT_NAME,
    TX_POWER,
    UUID_LISTS,
    Section,
    sections_of,
    uuid_of,
)

CONTENTS_KEPT = 4096
_WHITE = " \t\n\v\f\r"
# BlueZ shows these AD types as properties of their own, or uses them itself; all others are
# AdvertisingData.
_OWN = {
    *UUID_LISTS, *SERVICE_DATA, FLAGS, TX_POWER, SHORT_NAME, NAME, APPEARANCE, MANUFACTURER,
    0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x14, 0x15, 0x17, 0x18, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F,
    0x22, 0x23, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x3D,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AdvertContent:
    """One advertisement, read; what it does not say is None, 0 or empty."""

    flags: int = 0
    name: bytes | None = None
    name_complete: bool = False
    tx_power_dbm: int | None = None
    appearance: int = 0
    uuids: tuple[str, ...] = ()
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    service_data: Mapping[str, bytes] = field(default_factory=dict)
    others: Mapping[int, bytes] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()


@lru_cache(CONTENTS_KEPT)
def content_of(octets: bytes) -> AdvertContent:
    """Read advertising data; any octets are some content, never an error."""
    flags, name, complete, power_dbm, appearance = 0, None, False, None, 0
    manufacturer: dict[int, bytes] = {}
    services: dict[str, bytes] = {}
    others: dict[int, bytes] = {}
    uuids: list[str] = []
    sections = tuple(sections_of(octets))
    for kind, value in sections:
        if kind in (NAME, SHORT_NAME):
            name, complete = value.rstrip(b"\0"), kind == NAME
        elif kind == TX_POWER and value:
            power_dbm = int.from_bytes(value[:1], "little", signed=True)
        elif kind == FLAGS and value:
            flags = value[0]
        elif kind == APPEARANCE and len(value) >= 2:
            appearance = int.from_bytes(value[:2], "little")
        elif kind == MANUFACTURER and len(value) >= 2:
            manufacturer[int.from_bytes(value[:2], "little")] = value[2:]
        elif kind in SERVICE_DATA and len(value) >= SERVICE_DATA[kind]:
            width = SERVICE_DATA[kind]
            services[uuid_of(value[:width])] = value[width:]
        elif kind in UUID_LISTS:
            uuids += _uuids_of(value, UUID_LISTS[kind])
        elif kind not in _OWN:
            others[kind] = value
    unique = tuple(dict.fromkeys(uuids))
    return AdvertContent(
        flags,
        name,
        complete,
        power_dbm,
        appearance,
        unique,
        manufacturer,
        services,
        others,
        sections,
    )


def _uuids_of(octets: bytes, width: int) -> list[str]:
    whole = len(octets) - len(octets) % width
    return [uuid_of(octets[i : i + width]) for i in range(0, whole, width)]


@lru_cache(CONTENTS_KEPT)
def shown_name(octets: bytes, *, cut: bool) -> str:
    """Return a device name as BlueZ shows it; D-Bus can carry neither NUL nor bad UTF-8.

    Until 5.66 bad octets become spaces; later (`cut`) the name ends before the first one.
    """
    if not cut:
        if b"\0" not in octets and _is_utf8(octets):
            return octets.decode()
        ascii_only = bytes(c if c < 0x80 else 0x20 for c in octets.split(b"\0", 1)[0])
        return ascii_only.decode().strip(_WHITE)
    octets = octets.split(b"\0", 1)[0]
    while not _is_utf8(octets):
        octets = octets[:-1]
    return octets.decode().strip(_WHITE)


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True
