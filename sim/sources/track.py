"""A recorded walk: where somebody was at what moment, whichever format told it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from badge.contract.events import FixType
from badge.errors import MisuseError
from sim.sources.skipped import NOTHING_SKIPPED, Skipped

MAX_GAP_MS = 120_000
"""Two points further apart than this have nothing known between them."""

MOVING_ABOVE_MPS = 0.3
"""Somebody moves when faster than this."""

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of the IUGG."""

EARLIEST_UTC_MS = 315_964_800_000
LATEST_UTC_MS = 4_102_444_800_000
"""1980-01-06 (GPS time begins) and 2100-01-01: outside of them, the recorder's clock was wrong."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def recorded_utc_ms(moment: datetime) -> int | None:
    """Unix milliseconds of a log's time (UTC where it names no zone); None: its clock was wrong."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    utc_ms = (aware - _EPOCH) // timedelta(milliseconds=1)
    return utc_ms if EARLIEST_UTC_MS <= utc_ms <= LATEST_UTC_MS else None


@dataclass(frozen=True, slots=True)
class TrackFix:
    """A position: WGS84 degrees, metres above sea level, km/h; None is "the log does not say"."""

    lat: float
    lon: float
    altitude_m: float | None = None
    hdop: float | None = None
    speed_kmh: float | None = None
    fix_type: FixType | None = None


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """What a log said at one moment, Unix milliseconds; `fix` None: it had no fix."""

    utc_ms: int
    fix: TrackFix | None


@dataclass(frozen=True, slots=True)
class Track:
    """A walk of at least one point, times strictly rising (else MisuseError).

    `skipped` counts what the parser could not use: bad checksums, points without a time.
    """

    points: tuple[TrackPoint, ...]
    skipped: Skipped = NOTHING_SKIPPED

    def __post_init__(self) -> None:
        if not self.points:
            raise MisuseError("a track needs at least one point")
        if any(later.utc_ms <= earlier.utc_ms for earlier, later in pairwise(self.points)):
            raise MisuseError("the times of a track must rise; build it with track_of()")

    @property
    def skipped_count(self) -> int:
        """How much of the file could not be used, whatever the reason."""
        return self.skipped.count

    @property
    def start_utc_ms(self) -> int:
        """The first moment of the track."""
        return self.points[0].utc_ms

    @property
    def end_utc_ms(self) -> int:
        """The last moment of the track; its point still has its fix."""
        return self.points[-1].utc_ms

    @property
    def wide_gaps(self) -> int:
        """How many pairs of neighbouring points are too far apart in time for a fix between."""
        return sum(
            after.utc_ms - here.utc_ms > MAX_GAP_MS
            for here, after in pairwise(self.points)
            if here.fix is not None
        )

    def fix_at(self, utc_ms: int) -> TrackFix | None:
        """The fix at a moment, in O(log n), degrees rounded to 6 decimals.

        A point gives its own.  Between two fixes at most 120 s apart, position and altitude are
        interpolated; between a fix and a point without one the fix holds (the receiver's last
        word), again for at most 120 s.  All else, and outside of the track: None.
        """
        index = bisect_right(self.points, utc_ms, key=_utc_ms) - 1
        if index < 0 or utc_ms > self.end_utc_ms:
            return None
        here = self.points[index]
        if here.fix is None or here.utc_ms == utc_ms:
            return here.fix and _rounded(here.fix)
        after = self.points[index + 1]
        if after.utc_ms - here.utc_ms > MAX_GAP_MS:
            return None
        if after.fix is None:
            return _rounded(here.fix)
        share = (utc_ms - here.utc_ms) / (after.utc_ms - here.utc_ms)
        return _rounded(_between(here.fix, after.fix, share))

    def movements(self) -> tuple[tuple[int, bool], ...]:
        """(utc_ms, moving) at the start and at each change; moving is faster than 0.3 m/s.

        The speed from a point on is the log's own where it has one, else the haversine distance
        to the next fix over the time between them, if that is at most 120 s.  Where neither is
        known (no fix, a gap, the last point) the state before holds; it begins as stationary.
        """
        changes = [(self.start_utc_ms, False)]
        for utc_ms, moving in self._judged():
            if utc_ms == self.start_utc_ms:
                changes = [(utc_ms, moving)]
            elif moving != changes[-1][1]:
                changes.append((utc_ms, moving))
        return tuple(changes)

    def _judged(self) -> Iterator[tuple[int, bool]]:
        for index, point in enumerate(self.points):
            after = self.points[index + 1] if index + 1 < len(self.points) else None
            speed_mps = _speed_mps(point, after)
            if speed_mps is not None:
                yield point.utc_ms, speed_mps > MOVING_ABOVE_MPS


SAME_MOMENT = "at the moment of another"


def track_of(points: Iterable[TrackPoint], skipped: Skipped = NOTHING_SKIPPED) -> Track:
    """A track of points in any order: sorted by time; of equal times the first fix is kept.

    MisuseError without a point.
    """
    ordered: list[TrackPoint] = []
    doubled = 0
    for point in sorted(points, key=_utc_ms):
        if not ordered or point.utc_ms > ordered[-1].utc_ms:
            ordered.append(point)
            continue
        doubled += 1
        if ordered[-1].fix is None:
            ordered[-1] = point
    return Track(tuple(ordered), skipped.and_also(SAME_MOMENT, doubled))


def position_is_real(lat: float, lon: float) -> bool:
    """Whether the degrees name a place on Earth: finite, within ±90 and ±180."""
    return abs(lat) <= 90.0 and abs(lon) <= 180.0


def distance_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance on the mean sphere (haversine); total for all real positions."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half_chord = (
        math.sin((phi_b - phi_a) / 2) ** 2
        + math.cos(phi_a) * math.cos(phi_b) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half_chord)))


def _utc_ms(point: TrackPoint) -> int:
    return point.utc_ms


def _speed_mps(here: TrackPoint, after: TrackPoint | None) -> float | None:
    if here.fix is None:
        return None
    if here.fix.speed_kmh is not None:
        return here.fix.speed_kmh / 3.6
    if after is None or after.fix is None or after.utc_ms - here.utc_ms > MAX_GAP_MS:
        return None
    metres = distance_m(here.fix.lat, here.fix.lon, after.fix.lat, after.fix.lon)
    return metres * 1000 / (after.utc_ms - here.utc_ms)


def _between(a: TrackFix, b: TrackFix, share: float) -> TrackFix:
    # The short way round, also across the antimeridian.
    east = (b.lon - a.lon + 540.0) % 360.0 - 180.0
    lon = (a.lon + east * share + 540.0) % 360.0 - 180.0
    return TrackFix(
        lat=a.lat + (b.lat - a.lat) * share,
        lon=lon,
        altitude_m=_mix(a.altitude_m, b.altitude_m, share),
        hdop=a.hdop,
        speed_kmh=a.speed_kmh,
        fix_type=a.fix_type,
    )


def _mix(a: float | None, b: float | None, share: float) -> float | None:
    return a if a is None or b is None else a + (b - a) * share


def _rounded(fix: TrackFix) -> TrackFix:
    """Quantised as a receiver would: 1e-6 degrees, centimetres, 0.01 km/h."""
    return TrackFix(
        lat=round(fix.lat, 6),
        lon=round(fix.lon, 6),
        altitude_m=None if fix.altitude_m is None else round(fix.altitude_m, 2),
        hdop=fix.hdop,
        speed_kmh=None if fix.speed_kmh is None else round(fix.speed_kmh, 2),
        fix_type=fix.fix_type,
    )
