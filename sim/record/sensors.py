"""Sensors made of real recordings: a track for positions and movement, adverts for tags."""

from __future__ import annotations

from functools import partial

from badge.inputs import GpsFix, Movement
from sim.engine.clock import Clock
from sim.engine.pump import Pump
from sim.sources.adverts import AdvertLog
from sim.sources.track import Track

FIX_DELAY_MS = 1_000


class RecordedSensors:
    """Answers from a track and an advert log; simulated 0 ms is the track's first moment."""

    def __init__(self, track: Track, adverts: AdvertLog | None) -> None:
        self.start_utc_ms = track.start_utc_ms
        self._track = track
        self._adverts = adverts

    def fix(self, now_ms: int) -> tuple[int, GpsFix] | None:
        """Return where the track was when the receiver answers, a second after the question."""
        found = self._track.fix_at(self.start_utc_ms + now_ms + FIX_DELAY_MS)
        if found is None:
            return None
        fix = GpsFix(
            found.lat,
            found.lon,
            hdop=found.hdop,
            altitude_m=found.altitude_m,
            speed_kmh=found.speed_kmh,
            fix_type=found.fix_type or "3d",
        )
        return FIX_DELAY_MS, fix

    def heard(self, start_ms: int, end_ms: int) -> tuple[tuple[str, int], ...] | None:
        """Return what the log heard between two moments.

        Before its first and after its last moment nobody listened: the scanner counts as down.
        """
        sightings = self._adverts.sightings if self._adverts else ()
        start_ms, end_ms = self.start_utc_ms + start_ms, self.start_utc_ms + end_ms
        if not sightings or end_ms <= sightings[0].utc_ms or start_ms > sightings[-1].utc_ms:
            return None
        assert self._adverts is not None
        found = self._adverts.between(start_ms, end_ms)
        return tuple((sighting.mac, sighting.rssi_dbm) for sighting in found)

    def schedule_movements(self, clock: Clock, pump: Pump) -> None:
        """Let the accelerometer tell every change of the track."""
        for utc_ms, moving in self._track.movements():
            clock.at(utc_ms - self.start_utc_ms, partial(pump.receive, Movement(moving)))
