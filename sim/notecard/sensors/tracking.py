"""card.location.track: positions as notes, after movement, at a heartbeat, or outside a fence."""

from __future__ import annotations

from typing import Any

from sim.notecard.model.services import Services
from sim.notecard.sensors.climate import i2c_sensors
from sim.notecard.sensors.gps import GnssModule
from sim.sources.track import distance_m

TRACK_FILE = "_track.qo"
FENCE_MIN = 5  # card.location.mode: `minutes` unless given
HEARTBEAT_H = 24
JOURNEY_BELOW_S = 300  # periodic samples closer than this make a journey, as continuous ones do


class Tracking:
    """Hears of each periodic sample; `outside_m` measures the fence."""

    def __init__(self, card: Services, gps: GnssModule) -> None:
        self._card, self._gps = card, gps
        self._left_fence_ms: int | None = None
        self._beat_ms: int | None = None
        self.restart()

    @property
    def _kept(self) -> dict[str, Any]:
        return self._card.state.family("track")

    def restart(self) -> None:
        """Begin the heartbeat anew, as card.location.track or a boot does."""
        kept = self._kept
        beats = kept.get("start") and kept.get("heartbeat")
        self._beat_ms = self._card.clock.now_ms + self.heartbeat_ms if beats else None

    @property
    def heartbeat_ms(self) -> int:
        """The interval; negative `hours` are minutes."""
        hours = int(self._kept.get("hours") or HEARTBEAT_H)
        return 3_600_000 * hours if hours > 0 else -60_000 * hours

    @property
    def journey(self) -> bool:
        """Whether a journey is under way: moving while positions come close together."""
        config = self._gps.config
        often = 0 < int(config.get("seconds", 0)) < JOURNEY_BELOW_S
        close = self._gps.mode == "continuous" or (self._gps.mode == "periodic" and often)
        return close and self._card.moving

    def outside_m(self) -> int:
        """Metres from the centre of the fence; 0 without one or without a place."""
        config, place = self._gps.config, self._card.place
        if not config.get("max") or "lat" not in config or "lon" not in config or place is None:
            return 0
        return round(distance_m(place.lat, place.lon, config["lat"], config["lon"]))

    def _fenced_in(self) -> bool:
        """Whether a fence holds the note back: inside, or outside for too short a time."""
        limit_m = int(self._gps.config.get("max", 0))
        if not limit_m or "lat" not in self._gps.config:
            return False
        if self.outside_m() <= limit_m:
            self._left_fence_ms = None
            return True
        now_ms = self._card.clock.now_ms
        if self._left_fence_ms is None:
            self._left_fence_ms = now_ms
        wait_ms = 60_000 * int(self._gps.config.get("minutes", FENCE_MIN))
        return now_ms - self._left_fence_ms < wait_ms

    def sampled(self, found: bool) -> None:
        """A periodic sample was taken, with or without a fix."""
        if found:
            self._card.fire("location")
        if self._kept.get("start") and found and not self._fenced_in():
            self._note()

    def advance(self) -> None:
        """The heartbeat is due, moved or not."""
        self.restart()
        self._note()

    def _note(self) -> None:
        card, kept, place = self._card, self._kept, self._card.place
        body: dict[str, Any] = {"journey": True} if self.journey else {}
        if place is not None:
            body |= {"lat": place.lat, "lon": place.lon, "dop": place.dop}
            body |= {"time": self._gps.fixed_s} if self._gps.fixed_s else {}
        if "track" in str(card.state.family("aux").get("mode", "")):
            body |= i2c_sensors(card)
        payload = str(kept.pop("payload", ""))  # rides on the next note only
        card.log_note(str(kept.get("file") or TRACK_FILE), body, payload)
        if kept.get("sync"):
            card.sync_now()

    def deadline_ms(self) -> int | None:
        """When the next heartbeat is due."""
        return self._beat_ms
