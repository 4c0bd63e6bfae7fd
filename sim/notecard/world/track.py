"""The surroundings of a card that is carried along a recorded track."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.notecard.world.world import Position, SetWorld
from sim.sources.track import MOVING_ABOVE_MPS, Track, distance_m

DOP = 1.2
"""Of a fix whose track says none: an open sky."""


@dataclass(slots=True)
class TrackWorld:
    """Position and motion from a track, the rest by hand from `around`."""

    track: Track
    around: SetWorld = field(default_factory=SetWorld)

    def fix_at(self, utc_ms: int) -> Position | None:
        """See `World`."""
        fix = self.track.fix_at(utc_ms)
        return None if fix is None else Position(fix.lat, fix.lon, fix.hdop or DOP)

    def moving_at(self, utc_ms: int) -> bool:
        """See `World`: an accelerometer knows the last second only, so that alone is compared."""
        now, before = self.fix_at(utc_ms), self.fix_at(utc_ms - 1000)
        if now is None or before is None:
            return False
        return distance_m(now.lat, now.lon, before.lat, before.lon) > MOVING_ABOVE_MPS

    def volts_at(self, utc_ms: int) -> float:
        """See `World`."""
        return self.around.volts

    def celsius_at(self, utc_ms: int) -> float:
        """See `World`."""
        return self.around.celsius

    def bars_at(self, utc_ms: int) -> int:
        """See `World`."""
        return self.around.bars
