"""NMEA 0183 logs to a track; the sentences are read by pynmeagps.

One pass gathers epochs (sentences of the same time of day), one gives each epoch its day.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

# The library ships no types; what comes out of it is checked field by field below.
from pynmeagps import NMEAMessage, NMEAReader, exceptions  # type: ignore[import-untyped]

from badge.contract.events import FixType
from badge.errors import InputError
from sim.sources.track import (
    EARLIEST_UTC_MS,
    LATEST_UTC_MS,
    Track,
    TrackFix,
    TrackPoint,
    position_is_real,
    track_of,
)

DAY_MS = 86_400_000
KMH_PER_KNOT = 1.852

# Which sentence is believed about the fix, and about the date, when an epoch has several.
# A receiver without a fix may report a date it made up, hence RMC "V" last.
_GGA, _GNS, _RMC = range(3)
_RMC_VALID, _ZDA, _RMC_VOID = range(3)

_LONGEST_SENTENCE = 512
_NMEA_ERRORS = (
    exceptions.NMEAMessageError,
    exceptions.NMEAParseError,
    exceptions.NMEATypeError,
    exceptions.NMEAStreamError,
)


@dataclass(slots=True)
class _Epoch:
    """What the sentences of one time of day said; it grows while they come in."""

    tod_ms: int
    rank: int | None = None
    place: tuple[float, float] | None = None
    altitude_m: float | None = None
    hdop: float | None = None
    speed_kmh: float | None = None
    dead_reckoning: bool = False
    dimension: FixType | None = None
    day: int | None = None
    day_rank: int | None = None


def read_nmea(content: bytes, name: str) -> Track:
    """The track of a log: one point an epoch, a fix where GGA quality is 1 or more.

    Without GGA in an epoch, GNS mode and then RMC status decide.  Speed is RMC's, else VTG's;
    2d or 3d is the last GSA's word; quality 6 is dead reckoning.  Days come from RMC or ZDA,
    forwards and backwards over midnight.  Comments (#) are free; noise, bad checksums and broken
    sentences count as skipped; other kinds of sentences pass unread.  InputError when no epoch
    has a time or no sentence a date.
    """
    log = _Log(_wanted(content))
    for line in content.splitlines():
        log.take(line)
    if not log.epochs:
        raise InputError(
            f"{name}: no readable NMEA sentence has a time ({log.skipped_count} lines skipped); "
            "record GGA and RMC sentences with their checksums"
        )
    points = [point for point in _points(log.epochs, name) if _in_range(point)]
    if not points:
        raise InputError(f"{name}: its dates are not between 1980 and 2100; record with a fix")
    return track_of(points, log.skipped_count)


def _wanted(content: bytes) -> frozenset[bytes]:
    """The kinds worth the parsing: VTG only tells what RMC tells, if there is RMC."""
    kinds = {b"GGA", b"GNS", b"RMC", b"ZDA", b"GSA", b"VTG"}
    return frozenset(kinds - {b"VTG"} if b"RMC," in content else kinds)


class _Log:
    """Gathers epochs from lines, in the order of the file."""

    def __init__(self, wanted: frozenset[bytes]) -> None:
        self.epochs: list[_Epoch] = []
        self.skipped_count = 0
        self._wanted = wanted
        self._dimension: FixType | None = None
        self._hdop: float | None = None

    def take(self, line: bytes) -> None:
        """One line of the log; anything unreadable is counted."""
        line = line.strip()
        if not line or line.startswith(b"#"):
            return
        start = line.find(b"$")
        if start < 0:
            self.skipped_count += 1
        elif line[start + 3 : start + 6] in self._wanted:
            self._take_sentence(line[start:])

    def _take_sentence(self, sentence: bytes) -> None:
        message = _parsed(sentence) if len(sentence) <= _LONGEST_SENTENCE else None
        if message is None:
            self.skipped_count += 1
            return
        rule = _RULES[message.msgID]
        if rule is not None:
            epoch = self._epoch_of(message)
            if epoch is not None:
                rule(epoch, message)
        elif message.msgID == "GSA":
            self._take_gsa(message)
        elif self.epochs:
            self.epochs[-1].speed_kmh = _number(message, "sogk")

    def _epoch_of(self, message: NMEAMessage) -> _Epoch | None:
        tod = getattr(message, "time", None)
        if not isinstance(tod, time):
            return None
        tod_ms = _tod_ms(tod)
        if not self.epochs or self.epochs[-1].tod_ms != tod_ms:
            self.epochs.append(_Epoch(tod_ms))
        epoch = self.epochs[-1]
        epoch.dimension = self._dimension
        if epoch.hdop is None:
            epoch.hdop = self._hdop
        return epoch

    def _take_gsa(self, message: NMEAMessage) -> None:
        """GSA has no time: it speaks for the epoch at hand and those after it.

        Mode 1 is passed over: of several systems, an unused one says so beside a used one.
        """
        mode = getattr(message, "navMode", None)
        if mode not in (2, 3):
            return
        self._dimension = "2d" if mode == 2 else "3d"
        self._hdop = _dop(message)
        if self.epochs:
            self.epochs[-1].dimension = self._dimension


@lru_cache(maxsize=256)
def _parsed(sentence: bytes) -> NMEAMessage | None:
    """The message, or None; the cache is for GSA, which repeats itself for minutes."""
    try:
        return NMEAReader.parse(sentence)
    except _NMEA_ERRORS:
        return None


def _take_gga(epoch: _Epoch, message: NMEAMessage) -> None:
    quality = getattr(message, "quality", None)
    fixed = isinstance(quality, int) and quality >= 1
    if _take_place(epoch, message, _GGA, fixed):
        _take_height(epoch, message)
        epoch.dead_reckoning = quality == 6


def _take_gns(epoch: _Epoch, message: NMEAMessage) -> None:
    modes = str(getattr(message, "posMode", "")).replace("N", "")
    if _take_place(epoch, message, _GNS, fixed=bool(modes)):
        _take_height(epoch, message)
        epoch.dead_reckoning = set(modes) == {"E"}


def _take_rmc(epoch: _Epoch, message: NMEAMessage) -> None:
    valid = getattr(message, "status", None) == "A"
    if valid:
        knots = _number(message, "spd")
        epoch.speed_kmh = None if knots is None else knots * KMH_PER_KNOT
    if _take_place(epoch, message, _RMC, fixed=valid):
        epoch.dead_reckoning = getattr(message, "posMode", None) == "E"
    _take_day(epoch, getattr(message, "date", None), _RMC_VALID if valid else _RMC_VOID)


def _take_zda(epoch: _Epoch, message: NMEAMessage) -> None:
    try:
        _take_day(epoch, date(message.year, message.month, message.day), _ZDA)
    except (AttributeError, TypeError, ValueError, OverflowError):
        return


_RULES: dict[str, Callable[[_Epoch, NMEAMessage], None] | None] = {
    "GGA": _take_gga,
    "GNS": _take_gns,
    "RMC": _take_rmc,
    "ZDA": _take_zda,
    "GSA": None,
    "VTG": None,
}


def _take_place(epoch: _Epoch, message: NMEAMessage, rank: int, fixed: bool) -> bool:
    """Let a sentence decide about the fix; True if it gave the place that now stands.

    The better kind of sentence wins; of the same kind (GPGGA and GLGGA) the first with a fix.
    """
    lat, lon = _number(message, "lat"), _number(message, "lon")
    place = None
    if fixed and lat is not None and lon is not None and position_is_real(lat, lon):
        place = (lat, lon)
    better = epoch.rank is None or rank < epoch.rank
    if not better and not (rank == epoch.rank and epoch.place is None):
        return False
    epoch.rank, epoch.place = rank, place
    return place is not None


def _take_height(epoch: _Epoch, message: NMEAMessage) -> None:
    epoch.altitude_m = _number(message, "alt")
    hdop = _dop(message)
    epoch.hdop = epoch.hdop if hdop is None else hdop


def _take_day(epoch: _Epoch, day: object, rank: int) -> None:
    if isinstance(day, date) and (epoch.day_rank is None or rank < epoch.day_rank):
        epoch.day, epoch.day_rank = day.toordinal(), rank


def _points(epochs: list[_Epoch], name: str) -> Iterator[TrackPoint]:
    """A point for each epoch that speaks of a fix, and for times alone before and after them."""
    spoken = [index for index, epoch in enumerate(epochs) if epoch.rank is not None]
    first, last = (spoken[0], spoken[-1]) if spoken else (len(epochs), -1)
    for index, (epoch, day) in enumerate(zip(epochs, _days(epochs, name), strict=True)):
        if epoch.rank is not None or index < first or index > last:
            yield TrackPoint(_unix_ms(day, epoch.tod_ms), _fix(epoch))


def _days(epochs: list[_Epoch], name: str) -> list[int]:
    """The day of each epoch: its own date, or counted over midnights from the nearest before.

    Epochs ahead of the first date are counted back from it.
    """
    ranks = [epoch.day_rank for epoch in epochs if epoch.day_rank is not None]
    if not ranks:
        raise InputError(f"{name}: no RMC or ZDA sentence tells the date; record RMC sentences too")
    trusted = min(ranks)
    dated = [epoch.day if epoch.day_rank == trusted else None for epoch in epochs]
    passed = list(_midnights(epoch.tod_ms for epoch in epochs))
    origin = next(day - count for day, count in zip(dated, passed, strict=True) if day is not None)
    days = []
    for day, count in zip(dated, passed, strict=True):
        origin = origin if day is None else day - count
        days.append(origin + count)
    return days


def _midnights(tods_ms: Iterable[int]) -> Iterator[int]:
    """Midnights passed before each time of day: a step of over half a day crosses one."""
    passed, before_ms = 0, None
    for tod_ms in tods_ms:
        if before_ms is not None and before_ms - tod_ms > DAY_MS // 2:
            passed += 1
        elif before_ms is not None and tod_ms - before_ms > DAY_MS // 2:
            passed -= 1
        before_ms = tod_ms
        yield passed


def _fix(epoch: _Epoch) -> TrackFix | None:
    if epoch.place is None:
        return None
    lat, lon = epoch.place
    return TrackFix(
        lat=lat,
        lon=lon,
        altitude_m=epoch.altitude_m,
        hdop=epoch.hdop,
        speed_kmh=epoch.speed_kmh,
        fix_type="dead_reckoning" if epoch.dead_reckoning else epoch.dimension,
    )


def _in_range(point: TrackPoint) -> bool:
    return EARLIEST_UTC_MS <= point.utc_ms <= LATEST_UTC_MS


def _unix_ms(day: int, tod_ms: int) -> int:
    return (day - date(1970, 1, 1).toordinal()) * DAY_MS + tod_ms


def _tod_ms(tod: time) -> int:
    seconds = (tod.hour * 60 + tod.minute) * 60 + tod.second
    return seconds * 1000 + tod.microsecond // 1000


def _dop(message: NMEAMessage) -> float | None:
    dop = _number(message, "HDOP")
    return dop if dop is not None and dop > 0 else None


def _number(message: NMEAMessage, field: str) -> float | None:
    value = getattr(message, field, None)
    return value if isinstance(value, float) and math.isfinite(value) else None
