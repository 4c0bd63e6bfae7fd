"""From a file of recorded input to a walk or to adverts heard: the content tells the format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from badge.errors import InputError
from sim.sources.advertising import adverts_of, is_known, known_link_types
from sim.sources.adverts import AdvertLog, Sighting
from sim.sources.capture import Packet, is_capture, read_capture
from sim.sources.rssi_table import read_rssi_table
from sim.sources.track import LATEST_UTC_MS, Track

WEAKEST_RSSI_DBM = -127
STRONGEST_RSSI_DBM = -1
MAX_FILE_BYTES = 64 * 1024 * 1024
"""Larger files are refused; a day of NMEA at 1 Hz is 20 to 60 MiB."""


def read_track(path: str | Path) -> Track:
    """The track in a GPX file or NMEA log, told apart by content; InputError if it is neither."""
    content = read_whole(path)
    # Each format brings a library: load only the one that is needed.
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        from sim.sources.gpx import read_gpx

        return read_gpx(content, str(path))
    if re.search(rb"\$[A-Z]{2}[A-Z]{3},", content):
        from sim.sources.nmea import read_nmea

        return read_nmea(content, str(path))
    raise InputError(
        f"{path}: neither GPX (text that begins with '<') nor an NMEA log (sentences like $GPGGA); "
        "export the track as GPX, in UTF-8"
    )


def read_adverts(path: str | Path) -> AdvertLog:
    """The log in a capture (btsnoop, pcap, pcapng) or RSSI table, told apart by magic bytes.

    InputError if it is neither, or has no advertisement with a usable RSSI.
    """
    content = read_whole(path)
    return (_from_capture if is_capture(content) else _from_table)(content, str(path))


def _from_table(content: bytes, name: str) -> AdvertLog:
    faults: list[str] = []
    sightings = []
    for row in read_rssi_table(content, name):
        if isinstance(row, str):
            faults.append(row)
        else:
            sightings.append(Sighting(row.utc_ms, row.mac, row.rssi_dbm))
    log = _log(sightings, invalid_count=0, skipped_count=len(faults))
    if not log.sightings and faults:
        raise InputError(f"{faults[0]}; correct the table, no row of it is usable")
    return _usable(log, name)


def _from_capture(content: bytes, name: str) -> AdvertLog:
    capture = read_capture(content, name)
    known = [packet for packet in capture.packets if is_known(packet.link_type)]
    if capture.packets and not known:
        _refuse_link_types(capture.packets, name)
    dated = [packet for packet in known if 0 <= packet.utc_ms <= LATEST_UTC_MS]
    skipped_count = capture.skipped_count + len(capture.packets) - len(dated)
    heard = [(packet.utc_ms, *advert) for packet in dated for advert in adverts_of(packet)]
    measured = [Sighting(at_ms, mac, rssi) for at_ms, mac, rssi in heard if rssi is not None]
    return _usable(_log(measured, len(heard) - len(measured), skipped_count), name)


def _refuse_link_types(packets: list[Packet], name: str) -> None:
    found = ", ".join(str(number) for number in sorted({packet.link_type for packet in packets}))
    wanted = ", ".join(str(number) for number in known_link_types())
    raise InputError(
        f"{name}: link type {found} is not Bluetooth that can be read; record one of {wanted}"
    )


def _log(sightings: Iterable[Sighting], invalid_count: int, skipped_count: int) -> AdvertLog:
    """Sorted by time (stable), without what no radio measures; contract section 2, ranges."""
    everything = sorted(sightings, key=lambda sighting: sighting.utc_ms)
    valid = tuple(_in_range(everything))
    return AdvertLog(valid, invalid_count + len(everything) - len(valid), skipped_count)


def _in_range(sightings: Iterable[Sighting]) -> Iterator[Sighting]:
    return (s for s in sightings if WEAKEST_RSSI_DBM <= s.rssi_dbm <= STRONGEST_RSSI_DBM)


def _usable(log: AdvertLog, name: str) -> AdvertLog:
    if not log.sightings:
        raise InputError(
            f"{name}: no advertisement with an RSSI in it ({log.invalid_count} without a usable "
            f"RSSI, {log.skipped_count} unreadable); record with a scanner that measures it"
        )
    return log


def read_whole(path: str | Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """All bytes of a file; InputError if it cannot be read, is empty or exceeds `max_bytes`."""
    try:
        with open(path, "rb") as file:
            content = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"{path}: cannot be read ({reason}); check the name and the permissions"
        ) from None
    if len(content) > max_bytes:
        limit_mib = max_bytes / (1024 * 1024)
        raise InputError(f"{path}: larger than {limit_mib:g} MiB; cut out the part you need")
    if not content.strip():
        raise InputError(f"{path}: the file is empty; give one with recorded input in it")
    return content
