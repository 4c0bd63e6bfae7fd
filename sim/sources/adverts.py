"""Heard advertisements in time order, from a capture or an RSSI table."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from badge.errors import InputError, MisuseError
from sim.sources.advertising import adverts_of, is_known, known_link_types
from sim.sources.capture import Packet, is_capture, read_capture
from sim.sources.files import read_whole
from sim.sources.rssi_table import read_rssi_table
from sim.sources.track import LATEST_UTC_MS

WEAKEST_RSSI_DBM = -127
STRONGEST_RSSI_DBM = -1


@dataclass(frozen=True, slots=True)
class Sighting:
    """One advertisement heard: Unix milliseconds, MAC in upper case with colons, dBm -127..-1."""

    utc_ms: int
    mac: str
    rssi_dbm: int


@dataclass(frozen=True, slots=True)
class AdvertLog:
    """Sightings in time order (else MisuseError), and how many were left out.

    `invalid_count`: adverts without a usable RSSI.  `skipped_count`: rows and records that could
    not be read, had no time between 1970 and 2100, or were of a link type that is not known.
    """

    sightings: tuple[Sighting, ...]
    invalid_count: int = 0
    skipped_count: int = 0

    def __post_init__(self) -> None:
        if any(later.utc_ms < earlier.utc_ms for earlier, later in pairwise(self.sightings)):
            raise MisuseError("sightings must be in time order; sort them by utc_ms")

    @property
    def macs(self) -> tuple[str, ...]:
        """Every MAC once, in the order first heard."""
        return tuple(dict.fromkeys(sighting.mac for sighting in self.sightings))

    def between(self, start_ms: int, end_ms: int) -> tuple[Sighting, ...]:
        """The sightings with start_ms <= utc_ms < end_ms, found in O(log n)."""
        first = bisect_left(self.sightings, start_ms, key=_utc_ms)
        last = bisect_left(self.sightings, end_ms, key=_utc_ms)
        return self.sightings[first:last]

    def shifted(self, to_start_ms: int) -> AdvertLog:
        """The same log with its first sighting at `to_start_ms` and all distances kept."""
        if not self.sightings:
            return self
        by_ms = to_start_ms - self.sightings[0].utc_ms
        moved = tuple(Sighting(s.utc_ms + by_ms, s.mac, s.rssi_dbm) for s in self.sightings)
        return replace(self, sightings=moved)


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
    everything = sorted(sightings, key=_utc_ms)
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


def _utc_ms(sighting: Sighting) -> int:
    return sighting.utc_ms
