"""Heard advertisements in time order, whichever format told of them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from itertools import pairwise

from badge.errors import MisuseError
from sim.sources.skipped import NOTHING_SKIPPED, Skipped

NO_RSSI = "without a usable RSSI"


@dataclass(frozen=True, slots=True)
class Payload:
    """What an advertisement said: its data as octets, and what its PDU told beside them.

    `kind` is HCI's Event_Type (Core Vol 4 Part E 7.7.65.2): 0 connectable, 1 directed, 2 scannable,
    3 neither, 4 a scan response.  `extended` ones may be longer than 31 octets.
    """

    octets: bytes
    kind: int = 0
    random_address: bool = False
    extended: bool = False


@dataclass(frozen=True, slots=True)
class Sighting:
    """One advertisement heard: Unix milliseconds, MAC in upper case with colons, dBm -127..-1.

    `payload` is None where only strengths were written down; it makes no two sightings differ.
    """

    utc_ms: int
    mac: str
    rssi_dbm: int
    payload: Payload | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AdvertLog:
    """Sightings in time order (else MisuseError), and what of the file was left out, by reason.

    `invalid_count`: adverts without a usable RSSI.  `skipped_count`: all else that could not be
    used: rows and records that cannot be read, without a time between 1970 and 2100, of a link type
    that is not known, or damaged on the air.
    """

    sightings: tuple[Sighting, ...]
    skipped: Skipped = NOTHING_SKIPPED

    def __post_init__(self) -> None:
        if any(later.utc_ms < earlier.utc_ms for earlier, later in pairwise(self.sightings)):
            raise MisuseError("sightings must be in time order; sort them by utc_ms")

    @property
    def invalid_count(self) -> int:
        """Adverts without an RSSI that a radio measures."""
        return dict(self.skipped.counts).get(NO_RSSI, 0)

    @property
    def skipped_count(self) -> int:
        """What could not be used for any other reason."""
        return self.skipped.count - self.invalid_count

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
        moved = tuple(replace(s, utc_ms=s.utc_ms + by_ms) for s in self.sightings)
        return replace(self, sightings=moved)


def _utc_ms(sighting: Sighting) -> int:
    return sighting.utc_ms
