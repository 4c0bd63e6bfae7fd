"""The surroundings of a card: what it would measure at a moment, by hand or along a track."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import asin, cos, radians, sin, sqrt
from typing import Protocol

EARTH_RADIUS_M = 6_371_008.8
MOVING_MPS = 0.3  # slower than a slow walk, faster than the wander of a resting receiver


@dataclass(frozen=True, slots=True)
class Position:
    """One GNSS fix: degrees WGS84 and dilution of precision."""

    lat: float
    lon: float
    dop: float = 1.2


class World(Protocol):
    """What the card's sensors are asked, at milliseconds of UTC."""

    def fix_at(self, utc_ms: int) -> Position | None:
        """The fix that a running receiver has, or None without sky."""

    def moving_at(self, utc_ms: int) -> bool:
        """Whether the accelerometer feels movement."""

    def volts_at(self, utc_ms: int) -> float:
        """Supply voltage at V+."""

    def celsius_at(self, utc_ms: int) -> float:
        """Temperature of the board."""

    def bars_at(self, utc_ms: int) -> int:
        """Cellular coverage, 0 (none) to 4."""


@dataclass(slots=True)
class SetWorld:
    """Surroundings set by hand; assign a field to change them while the card runs."""

    position: Position | None = field(default_factory=lambda: Position(42.5776, -70.8713))
    moving: bool = False
    volts: float = 3.9
    celsius: float = 22.5
    bars: int = 3

    def fix_at(self, utc_ms: int) -> Position | None:
        """See `World`."""
        return self.position

    def moving_at(self, utc_ms: int) -> bool:
        """See `World`."""
        return self.moving

    def volts_at(self, utc_ms: int) -> float:
        """See `World`."""
        return self.volts

    def celsius_at(self, utc_ms: int) -> float:
        """See `World`."""
        return self.celsius

    def bars_at(self, utc_ms: int) -> int:
        """See `World`."""
        return self.bars


class TrackFix(Protocol):
    """One fix of a track."""

    @property
    def lat(self) -> float:
        """Degrees."""

    @property
    def lon(self) -> float:
        """Degrees."""

    @property
    def hdop(self) -> float | None:
        """Dilution of precision, None if the track does not say."""


class TrackSource(Protocol):
    """A recorded track, as `sim.sources.open.read_track` gives it."""

    def fix_at(self, utc_ms: int) -> TrackFix | None:
        """The fix at a moment, or None where the track has a gap."""


@dataclass(slots=True)
class TrackWorld:
    """Position and motion from a track, the rest by hand from `around`."""

    track: TrackSource
    around: SetWorld = field(default_factory=SetWorld)

    def fix_at(self, utc_ms: int) -> Position | None:
        """See `World`; a track without HDOP counts as 1.2."""
        fix = self.track.fix_at(utc_ms)
        return None if fix is None else Position(fix.lat, fix.lon, fix.hdop or 1.2)

    def moving_at(self, utc_ms: int) -> bool:
        """See `World`: faster than `MOVING_MPS` over the last second."""
        now, before = self.fix_at(utc_ms), self.fix_at(utc_ms - 1000)
        return bool(now and before and metres_between(now, before) > MOVING_MPS)

    def volts_at(self, utc_ms: int) -> float:
        """See `World`."""
        return self.around.volts

    def celsius_at(self, utc_ms: int) -> float:
        """See `World`."""
        return self.around.celsius

    def bars_at(self, utc_ms: int) -> int:
        """See `World`."""
        return self.around.bars


def metres_between(a: Position, b: Position) -> float:
    """Great-circle distance on the mean sphere (haversine)."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half = (
        sin((lat_b - lat_a) / 2) ** 2
        + cos(lat_a) * cos(lat_b) * sin(radians(b.lon - a.lon) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))
