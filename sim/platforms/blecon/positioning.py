"""When Blecon's positioning engine reports: on movement, or when it has been silent for long."""

from __future__ import annotations

from dataclasses import dataclass

import h3  # type: ignore[import-untyped]  # the library ships no types

from sim.platforms.blecon.emitter import Position


@dataclass(frozen=True, slots=True)
class _Reported:
    at: Position
    utc_ms: int


class PositionRule:
    """Which computed positions become events; defaults of the positioning settings page.

    A device is reported first, then when it is more than `movement_m` away from what was last
    reported, and every `heartbeat_s` at the latest that a position is offered.
    """

    def __init__(self, *, movement_m: float = 30.0, heartbeat_s: int = 600) -> None:
        self._movement_m, self._heartbeat_ms = movement_m, heartbeat_s * 1000
        self._last: dict[str, _Reported] = {}

    def reports(self, device_id: str, at: Position, utc_ms: int) -> bool:
        """Offer a position; true if it is to be an event."""
        last = self._last.get(device_id)
        if last is not None and not self._is_news(last, at, utc_ms):
            return False
        self._last[device_id] = _Reported(at, utc_ms)
        return True

    def _is_news(self, last: _Reported, at: Position, utc_ms: int) -> bool:
        if utc_ms - last.utc_ms >= self._heartbeat_ms:
            return True
        one, other = (last.at.lat, last.at.lon), (at.lat, at.lon)
        return bool(h3.great_circle_distance(one, other, unit="m") > self._movement_m)
