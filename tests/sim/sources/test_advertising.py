"""Every link type, by hand-made packets; and what tshark, where installed, makes of the same."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.sources.advertising import adverts_of, has_failed_crc, is_known, known_link_types
from sim.sources.capture import Packet, read_capture
from tests.paths import RECORDINGS
from tests.sim.sources.test_capture import btsnoop_of, packet_logger_of, pcap_of, pcapng_of

T0 = 1_700_000_000_000
TAG, OTHER = "C2:11:22:33:44:55", "00:AA:BB:CC:DD:EE"
DATA = bytes.fromhex("0201060303aafe")
ACCESS = bytes.fromhex("d6be898e")
CRC = bytes.fromhex("112233")


def octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))[::-1]


def event(subevent: int, *reports: bytes) -> bytes:
    body = bytes([subevent, len(reports)]) + b"".join(reports)
    return bytes([0x3E, len(body)]) + body


def report(mac: str, rssi: int, data: bytes = DATA) -> bytes:
    return b"\x00\x01" + octets(mac) + bytes([len(data)]) + data + bytes([rssi & 0xFF])


def directed(mac: str, rssi: int) -> bytes:
    return b"\x01\x01" + octets(mac) + b"\x01" + octets(OTHER) + bytes([rssi & 0xFF])


def extended(mac: str, rssi: int, address_type: int = 1, data: bytes = DATA) -> bytes:
    head = b"\x13\x00" + bytes([address_type]) + octets(mac) + b"\x01\x00\xff\x7f"
    tail = bytes([rssi & 0xFF]) + bytes(2) + b"\x00" + bytes(6)
    return head + tail + bytes([len(data)]) + data


def legacy_pdu(kind: int, mac: str) -> bytes:
    body = octets(mac) + DATA
    return bytes([0x40 | kind, len(body)]) + body


def extended_pdu(mac: str | None) -> bytes:
    address = b"" if mac is None else octets(mac)
    flags = 0x08 | (mac is not None)
    header = bytes([flags]) + address + b"\x34\x12"
    body = bytes([len(header)]) + header + DATA
    return bytes([0x47, len(body)]) + body


def link_layer(pdu: bytes, coding: bytes = b"", access: bytes = ACCESS) -> bytes:
    return access + coding + pdu + CRC


def phdr(packet: bytes, rssi: int, flags: int = 0x0C03, channel: int = 0, phy: int = 0) -> bytes:
    word = flags | phy << 14
    return bytes([channel, rssi & 0xFF, 0x80, 0]) + ACCESS + word.to_bytes(2, "little") + packet


def nordic(packet: bytes, magnitude: int, flags: int = 1, version: int = 3, channel: int = 37):
    inner = bytes([10, flags, channel, magnitude]) + bytes(2) + bytes(4) + packet
    size = len(inner).to_bytes(2, "little") if version > 1 else bytes([6, len(inner)])
    packet_id = 2 if version > 2 else 6
    return b"\x05" + size + bytes([version, 0x34, 0x12, packet_id]) + inner


def nordic_legacy(packet: bytes, magnitude: int) -> bytes:
    inner = bytes([1, 37, magnitude]) + bytes(2) + bytes(4) + packet
    return b"\xbe\xef\x06" + bytes(4) + bytes([len(inner)]) + inner


def heard(link_type: int, payload: bytes, flags: int = 0) -> list[tuple[str, int | None]]:
    return list(adverts_of(Packet(T0, link_type, flags, payload)))


EVENT = event(0x02, report(TAG, -60))
SAID = [(TAG, -60)]


def test_the_link_types():
    assert known_link_types() == (187, 192, 201, 251, 254, 256, 272, 1001, 1002, 2001)
    assert all(is_known(link_type) for link_type in known_link_types())
    assert not is_known(1)
    assert heard(1, EVENT) == []


# Each carrier of HCI events: link type, what comes before the event, btsnoop flags.
CARRIERS = [
    (187, b"\x04", 0),
    (201, b"\0\0\0\x01\x04", 0),
    (254, b"\0\0\0\x03", 0),
    (1001, b"", 0b11),
    (1002, b"\x04", 0b11),
    (2001, b"", 0x0001_0003),
]


@pytest.mark.parametrize(("link_type", "head", "flags"), CARRIERS)
def test_every_carrier_of_hci_events(link_type, head, flags):
    assert heard(link_type, head + EVENT, flags) == SAID


@pytest.mark.parametrize(
    ("link_type", "head", "flags"),
    [
        (187, b"\x02", 0),
        (201, b"\0\0\0\x01\x02", 0),
        (254, b"\0\0\0\x02", 0),
        (1001, b"", 0b01),
        (1001, b"", 0b10),
        (1002, b"\x01", 0b10),
        (2001, b"", 0x0001_0005),
    ],
)
def test_what_is_no_event_is_not_heard(link_type, head, flags):
    assert heard(link_type, head + EVENT, flags) == []


@pytest.mark.parametrize(("subevent", "make"), [(0x02, report), (0x0B, directed), (0x0D, extended)])
def test_every_kind_of_report_also_several_in_one_event(subevent, make):
    said = [(TAG, -60), (OTHER, -127), (TAG, 127), (OTHER, 20), (TAG, 0)]
    assert heard(1001, event(subevent, *(make(*one) for one in said)), 0b11) == said


def test_other_events_are_not_heard():
    assert heard(1001, bytes([0x0E]) + EVENT[1:], 0b11) == []
    assert heard(1001, event(0x0A, report(TAG, -60)), 0b11) == []


def test_an_anonymous_extended_report_names_nobody():
    content = event(0x0D, extended(TAG, -60, address_type=0xFF), extended(OTHER, -61))
    assert heard(1001, content, 0b11) == [(OTHER, -61)]


@pytest.mark.parametrize("subevent_and_make", [(0x02, report), (0x0B, directed), (0x0D, extended)])
def test_a_cut_event_says_what_it_has_whole(subevent_and_make):
    subevent, make = subevent_and_make
    whole = event(subevent, make(TAG, -60), make(OTHER, -61))
    one = len(event(subevent, make(TAG, -60)))
    for size in range(len(whole)):
        said = heard(1001, whole[:size], 0b11)
        assert said == [(TAG, -60), (OTHER, -61)][: len(said)]
        assert len(said) >= (size >= one)


LEGACY_ADVERTS = (0, 1, 2, 4, 6)


@pytest.mark.parametrize("kind", range(16))
def test_legacy_pdus_that_the_advertiser_sends_are_heard(kind):
    said = heard(256, phdr(link_layer(legacy_pdu(kind, TAG)), -60))
    assert said == (SAID if kind in LEGACY_ADVERTS else [])


def test_extended_pdus_are_heard_if_they_name_the_advertiser():
    assert heard(256, phdr(link_layer(extended_pdu(TAG)), -60)) == SAID
    assert heard(256, phdr(link_layer(extended_pdu(None)), -60)) == []


def test_a_plain_link_layer_capture_has_no_rssi():
    assert heard(251, link_layer(legacy_pdu(0, TAG))) == [(TAG, None)]


def test_data_channels_are_not_heard():
    data = link_layer(legacy_pdu(0, TAG), access=b"\x01\x02\x03\x04")
    assert heard(251, data) == heard(256, phdr(data, -60)) == heard(272, nordic(data, 60)) == []


PHDR = link_layer(legacy_pdu(0, TAG))


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (0x0003, SAID),
        (0x0C03, SAID),
        (0x0403, []),  # CRC checked and wrong
        (0x0C01, [(TAG, None)]),  # signal power not valid
        (0x0C02, []),  # still whitened
    ],
)
def test_the_flags_of_the_pseudo_header(flags, said):
    assert heard(256, phdr(PHDR, -60, flags)) == said


def test_le_coded_packets_carry_one_octet_more():
    coded = link_layer(extended_pdu(TAG), coding=b"\x01")
    assert heard(256, phdr(coded, -60, phy=2)) == SAID
    assert heard(272, nordic(coded, 60, flags=0x21, channel=5)) == SAID
    assert heard(256, phdr(link_layer(extended_pdu(TAG)), -60, phy=1)) == SAID


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_of_the_nordic_sniffer_stores_the_magnitude(version):
    assert heard(272, nordic(PHDR, 60, version=version)) == SAID


def test_the_first_nordic_sniffer():
    assert heard(272, nordic_legacy(PHDR, 60)) == SAID


def test_nordic_packets_with_a_wrong_crc_or_of_other_kinds_are_not_heard():
    assert heard(272, nordic(PHDR, 60, flags=0)) == []
    ping = bytearray(nordic(PHDR, 60))
    ping[6] = 0x0E
    assert heard(272, bytes(ping)) == []


WHOLE = [
    *((kind, head + EVENT, flags) for kind, head, flags in CARRIERS),
    (251, PHDR, 0),
    (256, phdr(PHDR, -60), 0),
    (272, nordic(PHDR, 60), 0),
]


@given(st.sampled_from(WHOLE), st.integers(0, 60), st.binary(max_size=12))
def test_damaged_packets_do_no_harm(whole, at, noise):
    kind, payload, flags = whole
    for damaged in (noise, payload[:at], payload[:at] + noise + payload[at + len(noise) :]):
        for mac, rssi_dbm in heard(kind, damaged, flags):
            assert len(octets(mac)) == 6
            assert rssi_dbm is None or -255 <= rssi_dbm <= 127


def ppi(packet: bytes, rssi: int, inner: int = 251) -> bytes:
    """Per-packet information as Ubertooth writes it: the strongest RSSI, the weakest, the mean."""
    measured = bytes([0, 37, 0, 0]) + bytes(4) + bytes([rssi & 0xFF, 0x80, 0x90, 1])
    fields = struct.pack("<HH", 30006, len(measured)) + measured
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), inner) + fields + packet


@pytest.mark.parametrize("inner", [147, 251])
def test_per_packet_information_tells_the_strongest_rssi(inner):
    whole = ppi(link_layer(legacy_pdu(0, TAG)), -61, inner)
    assert heard(192, whole) == [(TAG, -61)]
    assert heard(192, ppi(link_layer(legacy_pdu(0, TAG)), -61, inner=1)) == []
    for end in range(len(whole)):
        heard(192, whole[:end])


@pytest.mark.parametrize(
    ("link_type", "damaged", "sound"),
    [
        (256, phdr(link_layer(legacy_pdu(0, TAG)), -60, 0x0403), phdr(b"", -60, 0x0C03)),
        (272, nordic(link_layer(legacy_pdu(0, TAG)), 60, flags=0), nordic(b"", 60)),
    ],
)
def test_a_failed_crc_is_told_and_nothing_is_heard(link_type, damaged, sound):
    assert has_failed_crc(Packet(T0, link_type, 0, damaged))
    assert not has_failed_crc(Packet(T0, link_type, 0, sound))
    assert heard(link_type, damaged) == []


# --- the oracle ----------------------------------------------------------------------------------

HCI_PACKETS = [
    EVENT,
    event(0x02, report(OTHER, -127, b""), report(TAG, -1), report(TAG, 20)),
    event(0x0D, extended(TAG, -77), extended(OTHER, -33, data=b"")),
]
PDUS = [*(legacy_pdu(kind, TAG) for kind in LEGACY_ADVERTS), extended_pdu(OTHER)]
MIXED = [
    *((T0, kind, head + packet) for kind, head, _ in CARRIERS[:3] for packet in HCI_PACKETS),
    *((T0, 256, phdr(link_layer(pdu), -50 - n)) for n, pdu in enumerate(PDUS)),
    (T0, 256, phdr(link_layer(extended_pdu(TAG), coding=b"\x01"), -71, phy=2)),
    *(
        (T0, 272, nordic(link_layer(pdu), 40 + n, version=version))
        for n, pdu in enumerate(PDUS)
        for version in (1, 2, 3)
    ),
    (T0, 272, nordic(link_layer(extended_pdu(TAG), coding=b"\x01"), 72, flags=0x21, channel=5)),
]
MADE = {
    "pcapng": pcapng_of(MIXED),
    "pcapng, big-endian": pcapng_of(MIXED, ">"),
    "PacketLogger": packet_logger_of([(T0, p) for p in HCI_PACKETS]),
    "pcap, big-endian, ns": pcap_of(187, [(T0, b"\x04" + p) for p in HCI_PACKETS], ">", True),
    **{
        f"btsnoop {kind}": btsnoop_of(kind, [(T0, flags, head + p) for p in HCI_PACKETS])
        for kind, head, flags in CARRIERS[3:]
    },
}
FIELDS = (
    ("bthci_evt.bd_addr", "bthci_evt.rssi"),
    ("btle.advertising_address", "btle_rf.signal_dbm"),
    ("btle.advertising_address", "nordic_ble.rssi"),
)


def tshark(path: Path) -> Counter[tuple[str, int]]:
    """(address, RSSI) of every advertising report or PDU, counted by Wireshark's dissectors."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed; it is the oracle of this test")
    names = list(dict.fromkeys(name for pair in FIELDS for name in pair))
    wanted = (
        "(bthci_evt.le_meta_subevent in {0x02, 0x0b, 0x0d}) || (btle.advertising_address "
        "&& !(btle.advertising_header.pdu_type in {3, 5, 8}))"
    )
    arguments = ["tshark", "-n", "-r", str(path), "-Y", wanted, "-T", "fields"]
    arguments += [part for name in names for part in ("-e", name)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=60)
    counted: Counter[tuple[str, int]] = Counter()
    for line in done.stdout.splitlines():
        row = dict(zip(names, (cell.split(",") for cell in line.split("\t")), strict=True))
        for address, rssi in FIELDS:
            if row[address] != [""] and row[rssi] != [""]:
                pairs = zip(row[address], row[rssi], strict=True)
                counted.update((mac.upper(), int(dbm)) for mac, dbm in pairs)
    return counted


def ours(content: bytes) -> Counter[tuple[str, int | None]]:
    packets = read_capture(content, "file").packets
    return Counter(advert for packet in packets for advert in adverts_of(packet))


@pytest.mark.parametrize("name", MADE)
def test_tshark_hears_the_same_in_hand_made_captures(name, tmp_path):
    (tmp_path / "capture").write_bytes(MADE[name])
    assert ours(MADE[name]) == tshark(tmp_path / "capture")
    assert ours(MADE[name]).total() >= 6


def test_tshark_hears_the_same_in_a_phones_log():
    path = RECORDINGS / "ble-capture.btsnoop"
    if not path.exists():
        pytest.skip("the recording ble-capture.btsnoop is not beside the checkout")
    assert ours(path.read_bytes()) == tshark(path)
    assert ours(path.read_bytes()).total() == 412
