"""From a file of recorded input to a walk or to adverts heard: the content tells the format."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from badge.errors import InputError
from sim.sources.advertising import has_failed_crc, heard_in, is_known, known_link_types
from sim.sources.adverts import NO_RSSI, AdvertLog, Sighting
from sim.sources.capture import Packet, is_capture, read_capture
from sim.sources.outings import Choice, chosen
from sim.sources.rssi_table import BadRow, read_rssi_table
from sim.sources.skipped import Skipped
from sim.sources.track import LATEST_UTC_MS, Track

WEAKEST_RSSI_DBM = -127
STRONGEST_RSSI_DBM = -1
MAX_FILE_BYTES = 64 * 1024 * 1024
"""Larger files are refused; a day of NMEA at 1 Hz is 20 to 60 MiB."""

FAILED_CRC = "with a failed CRC"
OTHER_LINK = "of a link type that is not Bluetooth"
BAD_DATE = "with a time outside of 1970 to 2100"
CUT_OFF = "unreadable or cut off"

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class _Format:
    """One format of tracks: how its beginning is known, and its reader."""

    suits: Callable[[bytes], bool]
    read: Callable[[bytes, str, date | None], Track]


def _gpx(content: bytes, name: str, _day: date | None) -> Track:
    from sim.sources.gpx import read_gpx

    return read_gpx(content, name)


def _nmea(content: bytes, name: str, day: date | None) -> Track:
    from sim.sources.nmea import read_nmea

    return read_nmea(content, name, day)


def _kml(content: bytes, name: str, _day: date | None) -> Track:
    from sim.sources.kml import read_kml

    return read_kml(content, name)


def _fit(content: bytes, name: str, _day: date | None) -> Track:
    from sim.sources.fit import read_fit

    return read_fit(content, name)


def _is_xml(content: bytes) -> bool:
    # UTF-16 begins with its byte order mark, or with a "<" of two octets.
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        return True
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _is_kml(content: bytes) -> bool:
    head = content[:4096].replace(b"\0", b"")
    return _is_xml(content) and re.search(rb"<(?:\w+:)?kml[\s>]", head) is not None


def _has_sentences(content: bytes) -> bool:
    return re.search(rb"\$[A-Z]{2}[A-Z]{3},", content) is not None


# Each format brings a library: only the one that is needed is loaded.
_TRACKS = (
    _Format(lambda content: content[8:12] == b".FIT", _fit),
    _Format(_is_kml, _kml),
    _Format(_is_xml, _gpx),
    _Format(_has_sentences, _nmea),
)


def read_track(path: str | Path, choice: Choice | None = None, day: date | None = None) -> Track:
    """The track in a GPX, KML or FIT file or an NMEA log, told apart by content.

    Of several outings `choice` takes one; `day` dates a log of sentences without a date.
    InputError if it is none of the formats, if nothing in it can be used, or for a gap of more
    than six hours that `choice` says nothing about.
    """
    content = read_whole(path)
    for form in _TRACKS:
        if form.suits(content):
            return chosen(form.read(content, str(path), day), choice or Choice(), str(path))
    raise InputError(
        f"{path}: neither GPX or KML (text that begins with '<'), FIT, nor an NMEA log (sentences "
        "like $GPGGA); export the track as GPX, in UTF-8"
    )


def read_adverts(path: str | Path) -> AdvertLog:
    """The log in a capture (btsnoop, pcap, pcapng, PacketLogger) or RSSI table.

    They are told apart by their first bytes.  InputError if it is neither, or has no advertisement
    with a usable RSSI.
    """
    content = read_whole(path)
    return (_from_capture if is_capture(content) else _from_table)(content, str(path))


def _from_table(content: bytes, name: str) -> AdvertLog:
    faults: list[BadRow] = []
    sightings = []
    for row in read_rssi_table(content, name):
        if isinstance(row, BadRow):
            faults.append(row)
        else:
            sightings.append(Sighting(row.utc_ms, row.mac, row.rssi_dbm))
    skipped = Counter(fault.reason for fault in faults)
    log = _log(sightings, skipped, len(sightings) + len(faults), "rows")
    if not log.sightings and faults:
        raise InputError(f"{faults[0].sentence}; correct the table, no row of it is usable")
    return _usable(log, name)


def _from_capture(content: bytes, name: str) -> AdvertLog:
    capture = read_capture(content, name)
    known = [packet for packet in capture.packets if is_known(packet.link_type)]
    if capture.packets and not known:
        _refuse_link_types(capture.packets, name)
    dated = [packet for packet in known if 0 <= packet.utc_ms <= LATEST_UTC_MS]
    heard = [(packet.utc_ms, one) for packet in dated for one in heard_in(packet)]
    measured = [
        Sighting(at_ms, one.mac, one.rssi_dbm, one.payload)
        for at_ms, one in heard
        if one.rssi_dbm is not None
    ]
    skipped = Counter(
        {
            CUT_OFF: capture.skipped_count,
            OTHER_LINK: len(capture.packets) - len(known),
            BAD_DATE: len(known) - len(dated),
            FAILED_CRC: sum(map(has_failed_crc, dated)),
            NO_RSSI: len(heard) - len(measured),
        }
    )
    total = len(heard) + skipped.total() - skipped[NO_RSSI]
    return _usable(_log(measured, skipped, total, "adverts and records"), name)


def _refuse_link_types(packets: list[Packet], name: str) -> None:
    found = ", ".join(str(number) for number in sorted({packet.link_type for packet in packets}))
    wanted = ", ".join(str(number) for number in known_link_types())
    raise InputError(
        f"{name}: link type {found} is not Bluetooth that can be read; record one of {wanted}"
    )


def _log(sightings: Iterable[Sighting], skipped: Counter[str], total: int, unit: str) -> AdvertLog:
    """Sorted by time (stable), without what no radio measures; contract section 2, ranges."""
    everything = sorted(sightings, key=lambda sighting: sighting.utc_ms)
    valid = tuple(_in_range(everything))
    skipped[NO_RSSI] += len(everything) - len(valid)
    return AdvertLog(valid, Skipped.of(skipped, total, unit))


def _in_range(sightings: Iterable[Sighting]) -> Iterator[Sighting]:
    return (s for s in sightings if WEAKEST_RSSI_DBM <= s.rssi_dbm <= STRONGEST_RSSI_DBM)


def _usable(log: AdvertLog, name: str) -> AdvertLog:
    if not log.sightings:
        reasons = ", ".join(f"{count} {reason}" for reason, count in log.skipped.counts)
        raise InputError(
            f"{name}: no advertisement with an RSSI in it ({reasons or 'nothing in it'}); record "
            "with a scanner that measures it"
        )
    return log


def read_whole(path: str | Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """All bytes of a file, unpacked if it is gzip, whatever its name.

    InputError if it cannot be read, is empty, or exceeds `max_bytes` (packed or unpacked).
    """
    try:
        with open(path, "rb") as file:
            content = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"{path}: cannot be read ({reason}); check the name and the permissions"
        ) from None
    if content.startswith(_GZIP):
        content = _unpacked(content, path, max_bytes)
    if len(content) > max_bytes:
        limit_mib = max_bytes / (1024 * 1024)
        raise InputError(f"{path}: larger than {limit_mib:g} MiB; cut out the part you need")
    if not content.strip():
        raise InputError(f"{path}: the file is empty; give one with recorded input in it")
    return content


def _unpacked(content: bytes, path: str | Path, max_bytes: int) -> bytes:
    # Bounded while it grows: a few octets of gzip can become gigabytes.
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        whole = unpacker.decompress(content, max_bytes + 1)
    except zlib.error:
        raise InputError(f"{path}: damaged gzip; unpack it or copy it again") from None
    if not unpacker.eof and len(whole) <= max_bytes:
        raise InputError(f"{path}: its gzip is cut off; copy the file again")
    return whole
