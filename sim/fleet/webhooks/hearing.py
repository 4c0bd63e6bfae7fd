"""What the hotspots of a Blecon network hear of a badge, out of the same air as its own scans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.engine.streams import seed_of
from sim.scenario.plan.hotspots import Stand
from sim.scenario.plan.site import SitePlan
from sim.scenario.plan.worn_badge import WornBadge
from sim.world.adverts import ScanPattern, Tag
from sim.world.place import Facing, Floats, Times
from sim.world.radio import Receiver

ADVERT_MS = 2_000  # a badge saves its battery; the platform names no interval
BLOCK_MS = 600_000
STEP_MS = 30_000  # the engine looks this often at its collection window
WINDOW_STEPS = 3  # 90 s, the default of the positioning settings page
LASTS_MS = 10_000  # a request needs the badge in reach for this long after it was heard
ALWAYS_ON = ScanPattern(200, 200)


@dataclass(frozen=True, slots=True)
class HotspotSighting:
    """A hotspot heard the badge; `lasts` says whether any did again within ten seconds."""

    ms: int
    hotspot: str
    lat: float
    lon: float
    rssi_dbm: int
    lasts: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """The engine can place the badge: where the best hotspot of its window is."""

    ms: int
    hotspot: str
    lat: float
    lon: float
    moving: bool


@dataclass(frozen=True, slots=True)
class _Turned:
    """The wearer's body as the hotspot sees it: the loss is the same in both directions."""

    wearer: Facing

    def heading_at(self, t_ms: Times) -> Floats:
        return self.wearer.heading_at(t_ms) + np.pi


@dataclass(frozen=True, slots=True)
class _Heard:
    """All that one stand heard: whole ms and whole dBm, in order."""

    stand: Stand
    t_ms: Times
    rssi: Times


class Hearing:
    """Hears one badge; pure: the same badge in the same run is always heard the same."""

    def __init__(self, site_plan: SitePlan, stands: Sequence[Stand], worn: WornBadge) -> None:
        self._site_plan, self._stands, self._worn = site_plan, stands, worn
        self._name = name = worn.device_id
        self._radio = site_plan.radio()  # its own: a badge's adverts are kept by name
        self._phase_ms = seed_of(site_plan.parameters.seed, "engine", name) % STEP_MS
        self._heard = [one for one in map(self._listen, stands) if len(one.t_ms)]

    def sightings(self, every_ms: int) -> list[HotspotSighting]:
        """Give the first sighting by each hotspot in each span of `every_ms`, in order."""
        times = [one.t_ms for one in self._heard]
        all_ms = np.sort(np.concatenate(times)) if times else np.empty(0, np.int64)
        found = [one for heard in self._heard for one in self._first(heard, every_ms, all_ms)]
        return sorted(found, key=lambda one: (one.ms, one.hotspot))

    def _first(self, heard: _Heard, every_ms: int, all_ms: Times) -> Iterator[HotspotSighting]:
        _, firsts = np.unique(heard.t_ms // every_ms, return_index=True)
        t_ms = heard.t_ms[firsts]
        after = all_ms.searchsorted(t_ms, side="right")
        following = np.append(all_ms, np.int64(1 << 60))[after]
        lasts = following - t_ms <= LASTS_MS
        for number, place in enumerate(self._places(heard.stand, t_ms)):
            rssi = int(heard.rssi[firsts[number]])
            yield HotspotSighting(
                int(t_ms[number]), heard.stand.name, *place, rssi, bool(lasts[number])
            )

    def offers(self) -> list[Offer]:
        """Give the strongest hotspot's place at each step at which the badge was heard lately."""
        steps = self._site_plan.parameters.end_ms // STEP_MS + 1
        best = np.full((len(self._heard), steps + WINDOW_STEPS), -999, dtype=np.int64)
        for row, heard in enumerate(self._heard):
            for late in range(WINDOW_STEPS):
                into = (heard.t_ms - self._phase_ms) // STEP_MS + 1 + late
                np.maximum.at(best[row], into, heard.rssi)
        if not len(best):
            return []
        who, most = best.argmax(axis=0), best.max(axis=0)
        return [
            self._offer(step, self._heard[int(who[step])].stand)
            for step in np.flatnonzero(most[:steps] > -999).tolist()
        ]

    def _offer(self, step: int, stand: Stand) -> Offer:
        ms = step * STEP_MS + self._phase_ms
        ((lat, lon),) = self._places(stand, np.array([ms], dtype=np.int64))
        return Offer(ms, stand.name, lat, lon, self._worn.moving_at(ms))

    def _places(self, stand: Stand, t_ms: Times) -> list[tuple[float, float]]:
        xs, ys = stand.mover.xy_at(t_ms)
        plane = self._site_plan.site.plane
        return [plane.to_latlon(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]

    def _listen(self, stand: Stand) -> _Heard:
        end_ms = self._site_plan.parameters.end_ms
        parts = [
            self._radio.sightings(
                begins,
                ends,
                Tag(self._name, ADVERT_MS, stand.gain_db),
                stay.mover,
                Receiver(
                    stand.name,
                    stand.mover,
                    None if stay.journey is None else _Turned(stay.journey),
                    ALWAYS_ON,
                    body=self._name,
                ),
            )
            for stay in self._worn.stays(end_ms)
            for begins, ends in _blocks(
                max(stay.start_ms, stand.t0_ms), min(stay.end_ms, stand.t1_ms, end_ms)
            )
        ]
        if not parts:
            return _Heard(stand, np.empty(0, np.int64), np.empty(0, np.int64))
        t_ms, rssi = (np.concatenate(column) for column in zip(*parts, strict=True))
        return _Heard(stand, t_ms, rssi.astype(np.int64))


def _blocks(t0_ms: int, t1_ms: int) -> Iterator[tuple[int, int]]:
    for begins in range(t0_ms, t1_ms, BLOCK_MS):
        yield begins, min(begins + BLOCK_MS, t1_ms)
