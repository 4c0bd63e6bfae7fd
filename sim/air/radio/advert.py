"""What one advertisement says, and its octets (Core Specification Supplement, part A)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from badge.errors import InputError

_SUFFIX = "-0000-1000-8000-00805f9b34fb"
Section = tuple[int, bytes]

# AD types of the assigned numbers, section 2.3.
FLAGS, TX_POWER, SHORT_NAME, NAME, MANUFACTURER = 0x01, 0x0A, 0x08, 0x09, 0xFF
UUID_LISTS = {0x02: 2, 0x03: 2, 0x04: 4, 0x05: 4, 0x06: 16, 0x07: 16}
SERVICE_DATA = {0x16: 2, 0x20: 4, 0x21: 16}
_COMPLETE_LIST = {2: 0x03, 4: 0x05, 16: 0x07}
_SERVICE_TYPE = {width: kind for kind, width in SERVICE_DATA.items()}


@dataclass(frozen=True, slots=True)
class Advert:
    """The content of an advertisement and its scan response; every part may be missing.

    Companies are keyed by their assigned number, services by their 128-bit UUID in lower case.
    """

    name: str | None = None
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    service_data: Mapping[str, bytes] = field(default_factory=dict)
    service_uuids: tuple[str, ...] = ()
    tx_power_dbm: int | None = None
    flags: int | None = None

    def sections(self) -> tuple[Section, ...]:
        """Return the AD structures (type, value) as a radio would send them."""
        return tuple(_sections(self))


SILENT = Advert()  # a device of which only address and RSSI are known


def full_uuid(text: str) -> str:
    """Return a 16, 32 or 128-bit UUID in its 128-bit form; InputError if the text is none."""
    try:
        short = len(text) in (4, 8)
        return str(UUID(text.rjust(8, "0") + _SUFFIX if short else text))
    except ValueError:
        raise InputError(f"{text!r} is no Bluetooth UUID; write FEAA or the 128-bit form") from None


def printable(name: str | bytes) -> str:
    """Return a device name that D-Bus can carry: cut at NUL, bad UTF-8 replaced by U+FFFD."""
    octets = name if isinstance(name, bytes) else name.encode("utf-8", "replace")
    return octets.split(b"\0", 1)[0].decode("utf-8", "replace")


def advert_from(octets: bytes) -> Advert:
    """Read the AD structures of a report; like BlueZ, ignore what follows a broken one."""
    name: str | None = None
    power_dbm: int | None = None
    flags: int | None = None
    manufacturer: dict[int, bytes] = {}
    services: dict[str, bytes] = {}
    uuids: list[str] = []
    for kind, value in _split(octets):
        if kind in (NAME, SHORT_NAME):
            name = printable(value)
        elif kind == TX_POWER and len(value) == 1:
            power_dbm = int.from_bytes(value, "little", signed=True)
        elif kind == FLAGS and value:
            flags = value[0]
        elif kind == MANUFACTURER and len(value) >= 2:
            manufacturer[int.from_bytes(value[:2], "little")] = value[2:]
        elif kind in SERVICE_DATA and len(value) >= SERVICE_DATA[kind]:
            width = SERVICE_DATA[kind]
            services[_uuid_of(value[:width])] = value[width:]
        elif kind in UUID_LISTS:
            uuids += _uuids_of(value, UUID_LISTS[kind])
    unique = tuple(dict.fromkeys(uuids))
    return Advert(name, manufacturer, services, unique, power_dbm, flags)


def _split(octets: bytes) -> Iterator[Section]:
    at = 0
    while at < len(octets) and octets[at]:
        end = at + 1 + octets[at]
        if end > len(octets):
            return
        yield octets[at + 1], octets[at + 2 : end]
        at = end


def _uuid_of(octets: bytes) -> str:
    return full_uuid(octets[::-1].hex() if len(octets) < 16 else str(UUID(bytes=octets[::-1])))


def _uuids_of(octets: bytes, width: int) -> list[str]:
    whole = len(octets) - len(octets) % width
    return [_uuid_of(octets[i : i + width]) for i in range(0, whole, width)]


def _short(uuid: str) -> bytes:
    if uuid.endswith(_SUFFIX):
        octets = bytes.fromhex(uuid[:8])
        return (octets[2:] if octets[:2] == b"\0\0" else octets)[::-1]
    return UUID(uuid).bytes[::-1]


def _sections(advert: Advert) -> Iterator[Section]:
    if advert.flags is not None:
        yield FLAGS, bytes([advert.flags])
    for uuid in advert.service_uuids:
        short = _short(uuid)
        yield _COMPLETE_LIST[len(short)], short
    for uuid, value in advert.service_data.items():
        short = _short(uuid)
        yield _SERVICE_TYPE[len(short)], short + value
    for company, value in advert.manufacturer_data.items():
        yield MANUFACTURER, company.to_bytes(2, "little") + value
    if advert.tx_power_dbm is not None:
        yield TX_POWER, advert.tx_power_dbm.to_bytes(1, "little", signed=True)
    if advert.name is not None:
        yield NAME, advert.name.encode()
