"""The surroundings of a card: what it would measure at a moment, set by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


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
        """Temperature of the card."""

    def bars_at(self, utc_ms: int) -> int:
        """Cellular coverage, 0 (none) to 4."""


@dataclass(slots=True)
class SetWorld:
    """A world set by hand; assign a field to change them while the card runs."""

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
