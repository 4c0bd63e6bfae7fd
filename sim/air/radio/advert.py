"""What a tag sends: advertising data and scan response as octets, address type and kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal
from uuid import UUID

from badge.errors import InputError
from badge.words import counted

_SUFFIX = "-0000-1000-8000-00805f9b34fb"
LEGACY_MAX_BYTES = 31  # Core Specification Vol 6 Part B 2.3.1: AdvData and ScanRspData
Section = tuple[int, bytes]
AddressType = Literal["public", "random"]

# AD types of the assigned numbers, section 2.3.
FLAGS, TX_POWER, SHORT_NAME, NAME, APPEARANCE, MANUFACTURER = 0x01, 0x0A, 0x08, 0x09, 0x19, 0xFF
UUID_LISTS = {0x02: 2, 0x03: 2, 0x04: 4, 0x05: 4, 0x06: 16, 0x07: 16}
SERVICE_DATA = {0x16: 2, 0x20: 4, 0x21: 16}
_COMPLETE_LIST = {2: 0x03, 4: 0x05, 16: 0x07}
_SERVICE_TYPE = {width: kind for kind, width in SERVICE_DATA.items()}


class Pdu(IntEnum):
    """The kind of an advertisement (Core Specification Vol 4 Part E 7.7.65.2, Event_Type)."""

    CONNECTABLE = 0
    DIRECTED = 1
    SCANNABLE = 2
    NON_CONNECTABLE = 3
    SCAN_RESPONSE = 4


@dataclass(frozen=True, slots=True)
class Advert:
    """One advertisement and the answer to a scan request, as octets.

    `address_type` None leaves it to the address: its two highest bits tell a static random one.
    `extended` lifts the 31 bytes that a legacy advertisement holds.
    """

    data: bytes = b""
    response: bytes = b""
    address_type: AddressType | None = None
    pdu: Pdu = Pdu.CONNECTABLE
    extended: bool = False

    @property
    def connectable(self) -> bool:
        """Whether the kernel takes the sender for one that can be connected to."""
        return self.pdu not in (Pdu.SCANNABLE, Pdu.NON_CONNECTABLE)

    @property
    def scannable(self) -> bool:
        """Whether an active scanner asks for the response."""
        return self.pdu in (Pdu.CONNECTABLE, Pdu.SCANNABLE)


SILENT = Advert()  # a device of which only address and RSSI are known


def advert_of(
    *,
    name: str | bytes | None = None,
    manufacturer_data: Mapping[int, bytes] | None = None,
    service_data: Mapping[str, bytes] | None = None,
    service_uuids: tuple[str, ...] = (),
    tx_power_dbm: int | None = None,
    flags: int | None = None,
    appearance: int | None = None,
    address_type: AddressType | None = None,
    pdu: Pdu = Pdu.CONNECTABLE,
) -> Advert:
    """Return an advert with this content; what 31 bytes do not hold goes to the scan response.

    Companies are keyed by their assigned number, services by UUIDs, short or long.
    """
    sections: list[Section] = []
    if flags is not None:
        sections.append((FLAGS, bytes([flags])))
    for uuid in service_uuids:
        short = _short(full_uuid(uuid))
        sections.append((_COMPLETE_LIST[len(short)], short))
    for uuid, value in (service_data or {}).items():
        short = _short(full_uuid(uuid))
        sections.append((_SERVICE_TYPE[len(short)], short + value))
    for company, value in (manufacturer_data or {}).items():
        sections.append((MANUFACTURER, company.to_bytes(2, "little") + value))
    if tx_power_dbm is not None:
        sections.append((TX_POWER, tx_power_dbm.to_bytes(1, "little", signed=True)))
    if appearance is not None:
        sections.append((APPEARANCE, appearance.to_bytes(2, "little")))
    if name is not None:
        sections.append(
            (NAME, name if isinstance(name, bytes) else name.encode("utf-8", "replace"))
        )
    data, response = _packed(sections, pdu)
    extended = max(len(data), len(response)) > LEGACY_MAX_BYTES
    return Advert(data, response, address_type, pdu, extended)


def _packed(sections: list[Section], pdu: Pdu) -> tuple[bytes, bytes]:
    parts = [octets_of([section]) for section in sections]
    response_allowed = pdu in (Pdu.CONNECTABLE, Pdu.SCANNABLE)
    data = response = b""
    for part in parts:
        fits = len(data) + len(part) <= LEGACY_MAX_BYTES
        if response or (not fits and response_allowed):
            response += part
        else:
            data += part
    if len(response) > LEGACY_MAX_BYTES:
        return b"".join(parts), b""  # an extended advertisement says it all at once
    return data, response


def octets_of(sections: list[Section]) -> bytes:
    """Return AD structures as octets; InputError if one is longer than its length octet tells."""
    for kind, value in sections:
        if len(value) > 254:
            raise InputError(
                f"AD type 0x{kind:02X}: {counted(len(value), 'byte')}; a structure holds 254"
            )
    return b"".join(bytes([len(value) + 1, kind]) + value for kind, value in sections)


def sections_of(octets: bytes) -> Iterator[Section]:
    """Yield the AD structures (type, value); like BlueZ, end at a broken one."""
    at = 0
    while at < len(octets) - 1 and octets[at]:
        end = at + 1 + octets[at]
        if end > len(octets):
            return
        yield octets[at + 1], octets[at + 2 : end]
        at = end


def full_uuid(text: str) -> str:
    """Return a 16, 32 or 128-bit UUID in its 128-bit form; InputError if the text is none."""
    digits = text[2:] if text[:2] in ("0x", "0X") else text
    try:
        short = len(digits) in (4, 8)
        return str(UUID(digits.rjust(8, "0") + _SUFFIX if short else text))
    except ValueError:
        raise InputError(f"{text!r} is no Bluetooth UUID; write FEAA or the 128-bit form") from None


def uuid_of(octets: bytes) -> str:
    """Return the UUID that these 2, 4 or 16 octets are, as they come over the air."""
    return full_uuid(octets[::-1].hex() if len(octets) < 16 else str(UUID(bytes=octets[::-1])))


def _short(uuid: str) -> bytes:
    if uuid.endswith(_SUFFIX):
        octets = bytes.fromhex(uuid[:8])
        return (octets[2:] if octets[:2] == b"\0\0" else octets)[::-1]
    return UUID(uuid).bytes[::-1]
