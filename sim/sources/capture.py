"""Capture files to timed packets: btsnoop, pcap, pcapng and PacketLogger, both byte orders.

Sources: btsnoop(7) of BlueZ; the pcap and pcapng Internet drafts (opsawg); PacketLogger as its
readers know it, Apple having published nothing.  The readers are
total: what cannot be read ends the walk or is stepped over, and is counted.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from badge.errors import InputError

BTSNOOP_MAGIC = b"btsnoop\0"
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"
PCAP_MAGICS: dict[bytes, tuple[str, int]] = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
}
"""First four bytes of a pcap file: its byte order and its ticks per second."""

# BlueZ btsnoop.c: microseconds at 2000-01-01 in btsnoop's count, and in Unix's.
_BTSNOOP_2000_US = 0x00E03AB44A676000
_UNIX_2000_US = 946_684_800_000_000

_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 0x0A0D0D0A, 1, 2, 3, 6
_OPTION_END, _OPTION_TSRESOL, _OPTION_TSOFFSET = 0, 9, 14


@dataclass(frozen=True, slots=True)
class Packet:
    """One captured packet: Unix milliseconds, link type, btsnoop's flags word (else 0), bytes."""

    utc_ms: int
    link_type: int
    flags: int
    payload: bytes


@dataclass(slots=True)
class Capture:
    """The packets of a file in its order; `skipped_count` counts unreadable or cut-off records."""

    packets: list[Packet] = field(default_factory=list)
    skipped_count: int = 0


PACKET_LOGGER_LINK = -2
"""Stands for the link type of a PacketLogger record: its type octet, then an HCI packet."""


def is_capture(content: bytes) -> bool:
    """Whether the magic bytes are those of a capture file that `read_capture` knows."""
    return _reader(content) is not None


def read_capture(content: bytes, name: str) -> Capture:
    """The packets of a btsnoop, pcap, pcapng or PacketLogger file; InputError if it is none."""
    reader = _reader(content)
    if reader is None:
        raise InputError(
            f"{name}: not a btsnoop, pcap, pcapng or PacketLogger file; give one of these"
        )
    return reader(content, name)


def _reader(content: bytes) -> Callable[[bytes, str], Capture] | None:
    if content.startswith(BTSNOOP_MAGIC):
        return _read_btsnoop
    if content.startswith(PCAPNG_MAGIC):
        return _read_pcapng
    if content[:4] in PCAP_MAGICS:
        return _read_pcap
    return _read_packet_logger if _is_packet_logger(content) else None


def _read_btsnoop(content: bytes, name: str) -> Capture:
    if len(content) < 16:
        raise _cut_header(name, "btsnoop")
    version, link_type = struct.unpack_from(">II", content, 8)
    if version != 1:
        raise InputError(f"{name}: btsnoop version {version}, not 1; convert it with a newer tool")
    capture, offset = Capture(), 16
    while offset + 24 <= len(content):
        _, length, flags, _, btsnoop_us = struct.unpack_from(">IIIIq", content, offset)
        offset += 24
        if offset + length > len(content):
            break
        utc_ms = (btsnoop_us - _BTSNOOP_2000_US + _UNIX_2000_US) // 1000
        payload = content[offset : offset + length]
        capture.packets.append(Packet(utc_ms, link_type, flags, payload))
        offset += length
    return _with_tail(capture, content, offset)


def _read_pcap(content: bytes, name: str) -> Capture:
    if len(content) < 24:
        raise _cut_header(name, "pcap")
    order, ticks_per_s = PCAP_MAGICS[content[:4]]
    # The upper half of the word holds the length of a frame check sequence, if any.
    link_type = struct.unpack_from(f"{order}I", content, 20)[0] & 0xFFFF
    record = struct.Struct(f"{order}IIII")
    capture, offset = Capture(), 24
    while offset + record.size <= len(content):
        seconds, ticks, length, _ = record.unpack_from(content, offset)
        offset += record.size
        if offset + length > len(content):
            break
        utc_ms = seconds * 1000 + ticks * 1000 // ticks_per_s
        capture.packets.append(Packet(utc_ms, link_type, 0, content[offset : offset + length]))
        offset += length
    return _with_tail(capture, content, offset)


_LOGGER = {order: struct.Struct(f"{order}III") for order in (">", "<")}
# Record length covers what follows it: seconds, microseconds, the type octet and the packet.
_LOGGER_LENGTHS = range(9, 70_000)
_LOGGER_TYPES = frozenset({*range(0x0D), *range(0xFB, 0x100)})


def _logger_order(content: bytes) -> str | None:
    """The byte order in which the first two records make sense; such files have no magic bytes."""
    for order, head in _LOGGER.items():
        offset, seen = 0, 0
        while seen < 2 and offset + head.size < len(content):
            length, _, microseconds = head.unpack_from(content, offset)
            kind = content[offset + head.size]
            if (
                length not in _LOGGER_LENGTHS
                or microseconds >= 1_000_000
                or kind not in _LOGGER_TYPES
            ):
                break
            offset, seen = offset + 4 + length, seen + 1
        if seen == 2 or (seen and offset == len(content)):
            return order
    return None


def _is_packet_logger(content: bytes) -> bool:
    return _logger_order(content) is not None


def _read_packet_logger(content: bytes, _name: str) -> Capture:
    head = _LOGGER[_logger_order(content) or ">"]
    capture, offset = Capture(), 0
    while offset + head.size < len(content):
        length, seconds, microseconds = head.unpack_from(content, offset)
        end = offset + 4 + length
        if length not in _LOGGER_LENGTHS or end > len(content):
            break
        payload = content[offset + head.size : end]
        utc_ms = seconds * 1000 + microseconds // 1000
        capture.packets.append(Packet(utc_ms, PACKET_LOGGER_LINK, 0, payload))
        offset = end
    return _with_tail(capture, content, offset)


def _cut_header(name: str, kind: str) -> InputError:
    return InputError(f"{name}: cut off inside its {kind} header; copy the file again")


def _with_tail(capture: Capture, content: bytes, offset: int) -> Capture:
    capture.skipped_count += offset != len(content)
    return capture


@dataclass(frozen=True, slots=True)
class _Interface:
    """What a pcapng interface description says about the packets of its number."""

    link_type: int
    ticks_per_s: int
    offset_s: int

    def utc_ms(self, ticks: int) -> int:
        return self.offset_s * 1000 + ticks * 1000 // self.ticks_per_s


def _read_pcapng(content: bytes, name: str) -> Capture:
    capture, offset, order = Capture(), 0, "<"
    interfaces: list[_Interface] = []
    while offset + 12 <= len(content):
        if content[offset : offset + 4] == PCAPNG_MAGIC:
            # The magic is a palindrome; the word after the length tells the section's order.
            order = ">" if content[offset + 8 : offset + 12] == b"\x1a\x2b\x3c\x4d" else "<"
            interfaces = []
        kind, length = struct.unpack_from(f"{order}II", content, offset)
        if length < 12 or length % 4 or offset + length > len(content):
            break
        _take_block(kind, content[offset + 8 : offset + length - 4], order, interfaces, capture)
        offset += length
    if not offset:
        raise _cut_header(name, "pcapng")
    return _with_tail(capture, content, offset)


def _take_block(
    kind: int, body: bytes, order: str, interfaces: list[_Interface], capture: Capture
) -> None:
    if kind == _INTERFACE:
        interfaces.append(_interface(body, order))
    elif kind in (_PACKET, _OLD_PACKET):
        packet = _block_packet(kind, body, order, interfaces)
        if packet is None:
            capture.skipped_count += 1
        else:
            capture.packets.append(packet)
    elif kind == _SIMPLE_PACKET:
        capture.skipped_count += 1  # it has no time


def _block_packet(
    kind: int, body: bytes, order: str, interfaces: list[_Interface]
) -> Packet | None:
    if len(body) < 20:
        return None
    number, high, low, length = struct.unpack_from(f"{order}IIII", body)
    if kind == _OLD_PACKET:
        number = struct.unpack_from(f"{order}H", body)[0]
    if number >= len(interfaces) or 20 + length > len(body):
        return None
    interface = interfaces[number]
    utc_ms = interface.utc_ms(high << 32 | low)
    return Packet(utc_ms, interface.link_type, 0, body[20 : 20 + length])


def _interface(body: bytes, order: str) -> _Interface:
    """An interface of a body of any length; a cut one keeps its place in the numbering."""
    if len(body) < 8:
        return _Interface(link_type=-1, ticks_per_s=1, offset_s=0)
    options = _options(body[8:], order)
    resolution = options.get(_OPTION_TSRESOL, b"\x06")[:1] or b"\x06"
    exponent = resolution[0] & 0x7F
    offset_s = options.get(_OPTION_TSOFFSET, bytes(8))
    return _Interface(
        link_type=struct.unpack_from(f"{order}H", body)[0],
        ticks_per_s=(2 if resolution[0] & 0x80 else 10) ** exponent,
        offset_s=struct.unpack(f"{order}q", offset_s)[0] if len(offset_s) == 8 else 0,
    )


def _options(body: bytes, order: str) -> dict[int, bytes]:
    options: dict[int, bytes] = {}
    offset = 0
    while offset + 4 <= len(body):
        code, length = struct.unpack_from(f"{order}HH", body, offset)
        if code == _OPTION_END:
            break
        options.setdefault(code, body[offset + 4 : offset + 4 + length])
        offset += 4 + length + -length % 4
    return options
