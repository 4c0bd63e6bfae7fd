"""NMEA 0183 logs to a track: `nmea_sentences` finds the sentences, pynmeagps reads them.

One pass gathers epochs (sentences of the same time of day), one gives each epoch its day.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time

from pynmeagps import NMEAMessage  # type: ignore[import-untyped]  # it ships no types

from badge.contract.events import FixType
from badge.errors import InputError
from badge.words import counted
from sim.sources.nmea_clock import DAY_MS, first_honest, midnights
from sim.sources.nmea_sentences import KINDS, Sentences
from sim.sources.skipped import Skipped
from sim.sources.track import (
    EARLIEST_UTC_MS,
    LATEST_UTC_MS,
    Track,
    TrackFix,
    TrackPoint,
    position_is_real,
    track_of,
)

KMH_PER_KNOT = 1.852

# Which sentence is believed about the fix, and about the date, when an epoch has several.
# A receiver without a fix may report a date it made up, hence RMC "V" last.
_GGA, _GNS, _RMC, _GLL = range(4)
_RMC_VALID, _ZDA, _RMC_VOID = range(3)

MADE_UP_TIME = "of a clock that was not set yet"
OUT_OF_TIME = "with a date outside of 1980 to 2100"


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

    @property
    def has_fix(self) -> bool:
        """Whether the receiver knew where it was."""
        return self.place is not None


def read_nmea(content: bytes, name: str, day: date | None = None) -> Track:
    """The track of a log: one point an epoch, a fix where GGA quality is 1 or more.

    Without GGA in an epoch, GNS mode, then RMC status, then GLL status decide.  Speed is RMC's,
    else VTG's; 2d or 3d is the last GSA's word; quality 6 is dead reckoning.  Days come from RMC or
    ZDA, forwards and backwards over midnight; a log without either begins on `day`.  Broken
    sentences, and epochs of a clock that was not set yet, are skipped and counted; other kinds of
    sentences pass unread.  InputError when no epoch has a time or nothing tells the date.
    """
    sentences = Sentences(content, _wanted(content))
    log = _Log()
    for message in sentences:
        log.take(message)
    if not log.epochs:
        raise InputError(
            f"{name}: no readable NMEA sentence has a time ({sentences.skipped.total()} of "
            f"{counted(sentences.total, 'sentence')} skipped); record GGA and RMC sentences with "
            "their checksums"
        )
    start = first_honest(log.epochs)
    points = list(_points(log.epochs[start:], name, day))
    usable = [point for point in points if _in_range(point)]
    if not usable:
        raise InputError(f"{name}: its dates are not between 1980 and 2100; record with a fix")
    skipped = Skipped.of(
        sentences.skipped | {MADE_UP_TIME: start, OUT_OF_TIME: len(points) - len(usable)},
        max(sentences.total, len(log.epochs)),
        "sentences",
        sentences.passed_over,
    )
    return track_of(usable, skipped)


def _wanted(content: bytes) -> frozenset[str]:
    """The kinds worth the parsing: VTG only tells what RMC tells, if there is RMC."""
    return frozenset(KINDS) - ({"VTG"} if b"RMC," in content else set())


class _Log:
    """Gathers epochs from messages, in the order of the file."""

    def __init__(self) -> None:
        self.epochs: list[_Epoch] = []
        self._dimension: FixType | None = None
        self._hdop: float | None = None

    def take(self, message: NMEAMessage) -> None:
        """One message of a wanted kind."""
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
        # A speed over ground has no sign; a negative one is a receiver's mistake, not a speed.
        epoch.speed_kmh = None if knots is None or knots < 0 else knots * KMH_PER_KNOT
    if _take_place(epoch, message, _RMC, fixed=valid):
        epoch.dead_reckoning = getattr(message, "posMode", None) == "E"
    _take_day(epoch, getattr(message, "date", None), _RMC_VALID if valid else _RMC_VOID)


def _take_gll(epoch: _Epoch, message: NMEAMessage) -> None:
    _take_place(epoch, message, _GLL, fixed=getattr(message, "status", None) == "A")


def _take_zda(epoch: _Epoch, message: NMEAMessage) -> None:
    try:
        _take_day(epoch, date(message.year, message.month, message.day), _ZDA)
    except (AttributeError, TypeError, ValueError, OverflowError):
        return


_RULES: dict[str, Callable[[_Epoch, NMEAMessage], None] | None] = {
    "GGA": _take_gga,
    "GNS": _take_gns,
    "RMC": _take_rmc,
    "GLL": _take_gll,
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
    # Without its letter a number of degrees may be on either half of the Earth.
    lettered = all(getattr(message, letter, None) for letter in ("NS", "EW"))
    if fixed and lettered and lat is not None and lon is not None and position_is_real(lat, lon):
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


def _points(epochs: list[_Epoch], name: str, day: date | None) -> Iterator[TrackPoint]:
    """A point for each epoch that speaks of a fix, and for times alone before and after them."""
    spoken = [index for index, epoch in enumerate(epochs) if epoch.rank is not None]
    first, last = (spoken[0], spoken[-1]) if spoken else (len(epochs), -1)
    for index, (epoch, its_day) in enumerate(zip(epochs, _days(epochs, name, day), strict=True)):
        if epoch.rank is not None or index < first or index > last:
            yield TrackPoint(_unix_ms(its_day, epoch.tod_ms), _fix(epoch))


def _days(epochs: list[_Epoch], name: str, first_day: date | None) -> list[int]:
    """The day of each epoch: its own date, or counted over midnights from the nearest before.

    Epochs ahead of the first date are counted back from it.
    """
    passed = list(midnights(epoch.tod_ms for epoch in epochs))
    ranks = [epoch.day_rank for epoch in epochs if epoch.day_rank is not None]
    if not ranks:
        if first_day is None:
            raise InputError(
                f"{name}: no RMC or ZDA sentence tells the date; record RMC sentences too, or "
                "give the day of the first one with --date"
            )
        return [first_day.toordinal() + count for count in passed]
    trusted = min(ranks)
    dated = [epoch.day if epoch.day_rank == trusted else None for epoch in epochs]
    origin = next(day - count for day, count in zip(dated, passed, strict=True) if day is not None)
    days = []
    for day, count in zip(dated, passed, strict=True):
        origin = origin if day is None else day - count
        days.append(origin + count)
    return days


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
