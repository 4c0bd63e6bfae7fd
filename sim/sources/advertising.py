"""Packets of a Bluetooth link type to what was heard: address, RSSI and content of each advert.

Sources: Bluetooth Core 5.4, Vol 4 Part E 7.7.65 (HCI events) and Vol 6 Part B 2.3 (PDUs); the
link type pages of tcpdump.org.  Every parser is total: bytes that it cannot read say nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sim.sources.adverts import Payload
from sim.sources.capture import PACKET_LOGGER_LINK, Packet


@dataclass(frozen=True, slots=True)
class Heard:
    """One advertisement: address `AA:BB:CC:DD:EE:FF`, RSSI in dBm as captured, and what it said.

    127 dBm is HCI's "not available"; None: the capture has no RSSI.
    """

    mac: str
    rssi_dbm: int | None
    payload: Payload


_H4_EVENT = 0x04
_MONITOR_EVENT = 3
_LOGGER_EVENT = 0x01
_LE_META = 0x3E
_REPORT, _DIRECTED_REPORT, _EXTENDED_REPORT = 0x02, 0x0B, 0x0D
_ANONYMOUS = 0xFF

_ADVERTISING_ACCESS = 0x8E89BED6.to_bytes(4, "little")
# PDU types in which the sender is the advertiser and AdvA comes first: ADV_IND, ADV_DIRECT_IND,
# ADV_NONCONN_IND, SCAN_RSP, ADV_SCAN_IND.
_LEGACY_ADVERTS = {0: 0, 1: 1, 2: 3, 4: 4, 6: 2}  # to HCI's Event_Type
_DIRECTED = 1
_RANDOM_SENDER = 0x40  # TxAdd, Vol 6 Part B 2.3
_EXTENDED_ADVERT = 7
_PHY_CODED = 2

_LE_PHDR, _NORDIC = 256, 272
_PHDR_DEWHITENED, _PHDR_SIGNAL_VALID = 0x0001, 0x0002
_PHDR_CRC_CHECKED, _PHDR_CRC_VALID = 0x0400, 0x0800
# Ubertooth: user link type 0, or Bluetooth LE; version, channel, clocks, then RSSI max, min, mean.
_PPI_INNER = frozenset({147, 251})
_PPI_BTLE, _PPI_RSSI_AT = 30006, 8
_NORDIC_LEGACY_MARK = b"\xbe\xef"
_NORDIC_PACKET_IDS = frozenset({0x02, 0x06})


def adverts_of(packet: Packet) -> Iterator[tuple[str, int | None]]:
    """Address and RSSI of what a packet tells was heard."""
    return ((one.mac, one.rssi_dbm) for one in heard_in(packet))


def heard_in(packet: Packet) -> Iterator[Heard]:
    """What a packet tells was heard; nothing for an unknown link type or a failed CRC."""
    parser = None if has_failed_crc(packet) else _PARSERS.get(packet.link_type)
    return iter(()) if parser is None else parser(packet.payload, packet.flags)


def has_failed_crc(packet: Packet) -> bool:
    """Whether the receiver says that the packet arrived damaged: its address may be nobody's."""
    if packet.link_type == _LE_PHDR and len(packet.payload) >= 10:
        flags = int.from_bytes(packet.payload[8:10], "little")
        return bool(flags & _PHDR_CRC_CHECKED) and not flags & _PHDR_CRC_VALID
    if packet.link_type == _NORDIC and len(packet.payload) >= 17:
        return not packet.payload[8] & 1
    return False


def is_known(link_type: int) -> bool:
    """Whether packets of this btsnoop or pcap link type can be parsed."""
    return link_type in _PARSERS


def known_link_types() -> tuple[int, ...]:
    """All link types that can be parsed, ascending."""
    return tuple(sorted(link for link in _PARSERS if link >= 0))


def _address(octets: bytes) -> str:
    """Six octets, least significant first, as people write them."""
    return octets[::-1].hex(":").upper()


def _signed(octet: int) -> int:
    return octet - 256 if octet > 127 else octet


# --- HCI -----------------------------------------------------------------------------------------


def _btsnoop_h1(payload: bytes, flags: int) -> Iterator[Heard]:
    # Bit 0: towards the host; bit 1: command or event.
    return _hci_event(payload) if flags & 0b11 == 0b11 else iter(())


def _h4(payload: bytes, _flags: int = 0) -> Iterator[Heard]:
    return _hci_event(payload[1:]) if payload[:1] == bytes([_H4_EVENT]) else iter(())


def _h4_with_direction(payload: bytes, _flags: int) -> Iterator[Heard]:
    return _h4(payload[4:])


def _btsnoop_monitor(payload: bytes, flags: int) -> Iterator[Heard]:
    return _hci_event(payload) if flags & 0xFFFF == _MONITOR_EVENT else iter(())


def _packet_logger(payload: bytes, _flags: int) -> Iterator[Heard]:
    return _hci_event(payload[1:]) if payload[:1] == bytes([_LOGGER_EVENT]) else iter(())


def _linux_monitor(payload: bytes, _flags: int) -> Iterator[Heard]:
    opcode = int.from_bytes(payload[2:4], "big")
    return _hci_event(payload[4:]) if opcode == _MONITOR_EVENT else iter(())


def _hci_event(event: bytes) -> Iterator[Heard]:
    if len(event) < 4 or event[0] != _LE_META:
        return iter(())
    reports = _REPORTS.get(event[2])
    return iter(()) if reports is None else reports(event[4 : 2 + event[1]], event[3])


def _legacy_reports(body: bytes, count: int) -> Iterator[Heard]:
    offset = 0
    for _ in range(count):
        if offset + 9 > len(body):
            return
        rssi_at = offset + 9 + body[offset + 8]
        if rssi_at >= len(body):
            return
        octets = body[offset + 9 : rssi_at]
        payload = Payload(octets, body[offset], bool(body[offset + 1] & 1))
        yield Heard(_address(body[offset + 2 : offset + 8]), _signed(body[rssi_at]), payload)
        offset = rssi_at + 1


def _directed_reports(body: bytes, count: int) -> Iterator[Heard]:
    for offset in range(0, min(count * 16, len(body) - 15), 16):
        payload = Payload(b"", _DIRECTED, bool(body[offset + 1] & 1))
        yield Heard(_address(body[offset + 2 : offset + 8]), _signed(body[offset + 15]), payload)


def _extended_reports(body: bytes, count: int) -> Iterator[Heard]:
    offset = 0
    for _ in range(count):
        if offset + 24 > len(body):
            return
        if body[offset + 2] != _ANONYMOUS:
            payload = _extended_payload(body, offset)
            yield Heard(
                _address(body[offset + 3 : offset + 9]), _signed(body[offset + 13]), payload
            )
        offset += 24 + body[offset + 23]


def _extended_payload(body: bytes, offset: int) -> Payload:
    # Event_Type is a field of bits here: connectable, scannable, directed, response, legacy.
    bits = int.from_bytes(body[offset : offset + 2], "little")
    kind = 4 if bits & 8 else 0 if bits & 1 else 2 if bits & 2 else 3
    octets = body[offset + 24 : offset + 24 + body[offset + 23]]
    return Payload(octets, kind, bool(body[offset + 2] & 1), extended=not bits & 0x10)


_REPORTS: dict[int, Callable[[bytes, int], Iterator[Heard]]] = {
    _REPORT: _legacy_reports,
    _DIRECTED_REPORT: _directed_reports,
    _EXTENDED_REPORT: _extended_reports,
}


# --- Link layer ----------------------------------------------------------------------------------


def _link_layer(payload: bytes, _flags: int) -> Iterator[Heard]:
    return _pdu(payload, rssi_dbm=None, coded=False)


def _link_layer_phdr(payload: bytes, _flags: int) -> Iterator[Heard]:
    if len(payload) < 10:
        return iter(())
    _, signal_dbm, _, _, _, flags = struct.unpack_from("<BbbBIH", payload)
    if not flags & _PHDR_DEWHITENED:
        return iter(())
    rssi_dbm = signal_dbm if flags & _PHDR_SIGNAL_VALID else None
    return _pdu(payload[10:], rssi_dbm, coded=flags >> 14 == _PHY_CODED)


def _ppi(payload: bytes, _flags: int) -> Iterator[Heard]:
    """Per-packet information (link type 192), as Ubertooth writes it; PPI 1.0.7, CACE.

    Its field 30006 holds what the radio measured; behind the header comes a link layer packet.
    """
    if len(payload) < 8:
        return iter(())
    _, _, length, inner = struct.unpack_from("<BBHI", payload)
    if inner not in _PPI_INNER or length > len(payload):
        return iter(())
    return _pdu(payload[length:], _ppi_rssi(payload[8:length]), coded=False)


def _ppi_rssi(fields: bytes) -> int | None:
    offset = 0
    while offset + 4 <= len(fields):
        kind, length = struct.unpack_from("<HH", fields, offset)
        body = fields[offset + 4 : offset + 4 + length]
        if kind == _PPI_BTLE and len(body) >= _PPI_RSSI_AT + 3:
            return _signed(body[_PPI_RSSI_AT])  # the strongest of the packet
        offset += 4 + length
    return None


def _nordic(payload: bytes, _flags: int) -> Iterator[Heard]:
    """nRF Sniffer, protocols 0 to 3: all have flags, channel and RSSI at octets 8 to 10."""
    if len(payload) < 17:
        return iter(())
    packet_id = payload[2] if payload[:2] == _NORDIC_LEGACY_MARK else payload[6]
    flags, rssi_magnitude = payload[8], payload[10]
    if packet_id not in _NORDIC_PACKET_IDS:
        return iter(())
    return _pdu(payload[17:], -rssi_magnitude, coded=flags >> 4 & 7 == _PHY_CODED)


def _pdu(packet: bytes, rssi_dbm: int | None, coded: bool) -> Iterator[Heard]:
    """An advertising PDU behind its access address; on LE Coded, behind one CI octet more."""
    start = 5 if coded else 4
    if packet[:4] != _ADVERTISING_ACCESS or len(packet) < start + 2:
        return
    kind, length = packet[start] & 0x0F, packet[start + 1]
    body = packet[start + 2 : start + 2 + length]
    address = _advertiser(kind, body)
    if address is not None:
        random_address = bool(packet[start] & _RANDOM_SENDER)
        yield Heard(address, rssi_dbm, _pdu_payload(kind, body, random_address=random_address))


def _pdu_payload(kind: int, body: bytes, *, random_address: bool) -> Payload:
    if kind == _EXTENDED_ADVERT:
        # The extended header's length, and in the upper bits AdvMode: connectable, scannable.
        mode, header = body[0] >> 6, body[0] & 0x3F
        octets = body[1 + header :]
        return Payload(octets, {1: 0, 2: 2}.get(mode, 3), random_address, extended=True)
    told = _LEGACY_ADVERTS[kind]
    return Payload(b"" if told == _DIRECTED else body[6:], told, random_address)


def _advertiser(kind: int, body: bytes) -> str | None:
    """AdvA of the sender, or None: other kinds of PDU, anonymous, or cut off."""
    if kind in _LEGACY_ADVERTS and len(body) >= 6:
        return _address(body[:6])
    # Extended header: length and mode, then flags of which bit 0 says that AdvA follows.
    if kind == _EXTENDED_ADVERT and len(body) >= 8 and body[0] & 0x3F >= 7 and body[1] & 1:
        return _address(body[2:8])
    return None


_PARSERS: dict[int, Callable[[bytes, int], Iterator[Heard]]] = {
    PACKET_LOGGER_LINK: _packet_logger,
    187: _h4,
    192: _ppi,
    201: _h4_with_direction,
    251: _link_layer,
    254: _linux_monitor,
    _LE_PHDR: _link_layer_phdr,
    _NORDIC: _nordic,
    1001: _btsnoop_h1,
    1002: _h4,
    2001: _btsnoop_monitor,
}
