"""Container formats, against files made by the small writers at the top."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError
from sim.sources.capture import Packet, is_capture, read_capture

T0 = 1_700_000_000_000
BTSNOOP_EPOCH_US = 0x00DCDDB30F2F8000  # 1970 in microseconds of btsnoop's count

Timed = tuple[int, bytes]
"""Unix milliseconds and the bytes of a packet."""


def btsnoop_of(link_type: int, packets: Sequence[tuple[int, int, bytes]]) -> bytes:
    """(ms, flags, payload) as a btsnoop file."""
    records = [
        struct.pack(">IIIIq", len(p), len(p), flags, 0, ms * 1000 + BTSNOOP_EPOCH_US) + p
        for ms, flags, p in packets
    ]
    return b"btsnoop\0" + struct.pack(">II", 1, link_type) + b"".join(records)


def pcap_of(
    link_type: int, packets: Sequence[Timed], order: str = "<", nanos: bool = False
) -> bytes:
    magic, scale = (0xA1B23C4D, 1_000_000) if nanos else (0xA1B2C3D4, 1000)
    head = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65535, link_type)
    return head + b"".join(
        struct.pack(f"{order}IIII", ms // 1000, ms % 1000 * scale, len(p), len(p)) + p
        for ms, p in packets
    )


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + length + body + length


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link_type: int, order: str = "<", options: bytes = b"") -> bytes:
    return block(1, struct.pack(f"{order}HHI", link_type, 0, 65535) + options, order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}HH", code, len(value)) + value + bytes(-len(value) % 4)


def enhanced(number: int, ticks: int, payload: bytes, order: str = "<") -> bytes:
    sizes = (len(payload), len(payload))
    head = struct.pack(f"{order}IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, *sizes)
    return block(6, head + payload, order)


def pcapng_of(packets: Sequence[tuple[int, int, bytes]], order: str = "<") -> bytes:
    """(ms, link type, payload) as a pcapng file with one interface for each link type."""
    numbers = {kind: n for n, kind in enumerate(dict.fromkeys(kind for _, kind, _ in packets))}
    return b"".join(
        [section(order)]
        + [interface(kind, order) for kind in numbers]
        + [enhanced(numbers[kind], ms * 1000, p, order) for ms, kind, p in packets]
    )


PACKETS = [(T0, b"one"), (T0 + 1, b""), (T0 + 2500, b"three")]


def test_btsnoop_counts_from_the_year_2000():
    capture = read_capture(btsnoop_of(1002, [(ms, 7, p) for ms, p in PACKETS]), "file")
    assert capture.packets == [Packet(ms, 1002, 7, p) for ms, p in PACKETS]
    assert capture.skipped_count == 0


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("nanos", [False, True])
def test_pcap_in_both_byte_orders_and_both_resolutions(order, nanos):
    capture = read_capture(pcap_of(256, PACKETS, order, nanos), "file")
    assert capture.packets == [Packet(ms, 256, 0, p) for ms, p in PACKETS]
    assert capture.skipped_count == 0


def test_pcap_link_type_without_the_length_of_a_check_sequence():
    content = pcap_of(0x54000000 | 251, PACKETS)
    assert {packet.link_type for packet in read_capture(content, "file").packets} == {251}


@pytest.mark.parametrize("order", "<>")
def test_pcapng_in_both_byte_orders_with_several_interfaces(order):
    packets = [(T0, 256, b"one"), (T0 + 1, 201, b""), (T0 + 2500, 256, b"three")]
    capture = read_capture(pcapng_of(packets, order), "file")
    assert capture.packets == [Packet(ms, kind, 0, p) for ms, kind, p in packets]
    assert capture.skipped_count == 0


def test_pcapng_sections_have_their_own_order_and_interfaces():
    content = pcapng_of([(T0, 256, b"a")], "<") + pcapng_of([(T0, 187, b"b")], ">")
    assert [p.link_type for p in read_capture(content, "file").packets] == [256, 187]


@pytest.mark.parametrize(
    ("resolution", "ticks"),
    [(3, T0), (9, T0 * 1_000_000), (0, T0 // 1000), (0x80 | 10, T0 * 1024 // 1000)],
)
def test_pcapng_resolutions_in_powers_of_ten_and_two(resolution, ticks):
    options = option(2, b"if0") + option(9, bytes([resolution])) + option(0, b"")
    content = section() + interface(256, options=options) + enhanced(0, ticks, b"x")
    assert read_capture(content, "file").packets[0].utc_ms == T0


@pytest.mark.parametrize("order", "<>")
def test_pcapng_time_offset(order):
    options = option(14, struct.pack(f"{order}q", 3600), order)
    content = section(order) + interface(256, order, options) + enhanced(0, T0 * 1000, b"x", order)
    assert read_capture(content, "file").packets[0].utc_ms == T0 + 3_600_000


def test_pcapng_obsolete_packets_are_read_and_those_without_time_are_counted():
    ticks = T0 * 1000
    old = struct.pack("<HHIIII", 0, 9, ticks >> 32, ticks & 0xFFFFFFFF, 3, 3) + b"old"
    content = section() + interface(256) + block(2, old) + block(3, struct.pack("<I", 1) + b"x")
    capture = read_capture(content, "file")
    assert capture.packets == [Packet(T0, 256, 0, b"old")]
    assert capture.skipped_count == 1


@pytest.mark.parametrize(
    "bad",
    [enhanced(1, 0, b"no such interface"), block(6, bytes(8)), block(6, bytes(12) + b"\xff" * 8)],
)
def test_pcapng_packets_that_cannot_be_read_are_counted_and_stepped_over(bad):
    content = section() + interface(256) + bad + enhanced(0, T0 * 1000, b"x")
    capture = read_capture(content, "file")
    assert (len(capture.packets), capture.skipped_count) == (1, 1)


def test_pcapng_a_cut_interface_keeps_its_place_in_the_numbering():
    content = section() + block(1, b"") + interface(256) + enhanced(1, T0 * 1000, b"x")
    assert read_capture(content, "file").packets == [Packet(T0, 256, 0, b"x")]


WHOLE = {
    "btsnoop": btsnoop_of(1002, [(ms, 3, p) for ms, p in PACKETS]),
    "pcap": pcap_of(256, PACKETS),
    "pcapng": pcapng_of([(ms, 256, p) for ms, p in PACKETS]),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_cut_anywhere_gives_the_packets_before_the_cut(kind):
    whole = WHOLE[kind]
    packets = read_capture(whole, "file").packets
    for size in range(32 if kind == "pcapng" else 24, len(whole)):
        capture = read_capture(whole[:size], "file")
        assert capture.packets == packets[: len(capture.packets)]
        assert len(capture.packets) < len(packets)
        assert capture.skipped_count <= 1


@pytest.mark.parametrize("kind", WHOLE)
def test_a_cut_header_is_refused(kind):
    with pytest.raises(InputError, match=f"^file: cut off inside its {kind} header; "):
        read_capture(WHOLE[kind][:12], "file")


def test_another_version_of_btsnoop_is_refused():
    with pytest.raises(InputError, match="btsnoop version 2, not 1"):
        read_capture(b"btsnoop\0" + struct.pack(">II", 2, 1002), "file")


def test_other_files_are_no_captures():
    assert not is_capture(b"unix_ms,mac,rssi\n")
    with pytest.raises(InputError, match="not a btsnoop, pcap, pcapng or PacketLogger file"):
        read_capture(b"unix_ms,mac,rssi\n", "file")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.integers(0, 200), st.binary(max_size=60))
def test_damaged_captures_are_walked_to_an_end(kind, at, noise):
    content = WHOLE[kind][:4] + (WHOLE[kind][4:at] + noise + WHOLE[kind][at + len(noise) :])
    try:
        capture = read_capture(content, "file")
    except InputError:
        return
    assert len(capture.packets) <= len(content) // 12


def packet_logger_of(packets: Sequence[Timed], kind: int = 1, order: str = ">") -> bytes:
    """Apple's PacketLogger: records of length, seconds, microseconds, a type octet, the packet."""
    return b"".join(
        struct.pack(f"{order}IIIB", 9 + len(p), ms // 1000, ms % 1000 * 1000, kind) + p
        for ms, p in packets
    )


@pytest.mark.parametrize("order", [">", "<"])
def test_a_packet_logger_file_is_known_by_its_records(order):
    content = packet_logger_of([(T0, b"\x3e\x00"), (T0 + 5, b"")], order=order)
    packets = read_capture(content, "file").packets
    assert [(p.utc_ms, p.payload) for p in packets] == [(T0, b"\x01\x3e\x00"), (T0 + 5, b"\x01")]
    assert read_capture(content + b"tail", "file").skipped_count == 1
