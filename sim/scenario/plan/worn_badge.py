"""One badge at a moment of the run: where it is, what it senses and what of it is broken.

The fleet, the virtual card and the virtual air ask here, so that a scenario means the same to all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.scenario.language.model import Incident
from sim.scenario.plan.days import WornDay
from sim.scenario.plan.roster import PlannedIncident, Roster
from sim.scenario.plan.site import Point
from sim.world.adverts import ScanPattern
from sim.world.battery import Cell
from sim.world.coverage import Link
from sim.world.movement import Follower, Journey
from sim.world.place import Floats, Mover, Spot, Times
from sim.world.radio import Receiver
from sim.world.site import Sky

MINUTE_MS = 60_000
MINUTES_AHEAD = 60
FEW_PLACES = 64  # fewer are not worth a `Follower`
WEAK_HEALTH = 0.35  # of a faulty battery: what is left of its capacity
_FIRST_MS, _LAST_MS = -(1 << 60), 1 << 60
ALWAYS: tuple[tuple[int, int], ...] = ((0, 1 << 60),)


@dataclass(frozen=True, slots=True)
class Stay:
    """A badge at the depot (`journey` None), or with one worker and then where it was left."""

    start_ms: int
    end_ms: int
    mover: Mover
    journey: Journey | None


class WornBadge:
    """Answers for one badge of a roster; times are ms of the run, places metres on the site.

    Its answers depend on nothing but the roster: asked in any order they are the same.
    """

    __slots__ = (
        "_asked",
        "_calendar",
        "_celsius",
        "_charger",
        "_edges",
        "_followed",
        "_follower",
        "_latest",
        "_places",
        "_rests",
        "_site_plan",
        "cell",
        "days",
        "device_id",
        "fault",
        "gps_down",
        "incidents",
        "life",
        "scanner_down",
    )

    def __init__(self, roster: Roster, index: int) -> None:
        group = roster.group(index)
        self._site_plan = roster.site_plan
        self._charger = group.charger
        self._calendar = roster.site_plan.calendar
        self._celsius = roster.source.scenario.temperature_c
        self.device_id = roster.device_id(index)
        self.life = roster.life(index)
        self.days = roster.days(index)
        # What was asked last, and is mostly asked again: the answers do not depend on it.
        self._latest: tuple[int, int, WornDay | None] = (_LAST_MS, _LAST_MS, None)
        self._followed: WornDay | None = None
        self._asked = 0
        self._places: dict[int, tuple[Point, float]] = {}
        self._rests: tuple[Point | None, float] = (None, 0.0)
        self._edges: tuple[object, list[int]] = (None, [])
        self.incidents = roster.incidents(index)
        self.fault = roster.fault(index)
        health = WEAK_HEALTH if self.fault == "battery" else 1.0
        self.cell = Cell(group.battery_mah, health=health)
        self.gps_down = ALWAYS if self.fault == "gps" else _spells(self.incidents, _gps_min)
        self.scanner_down = (
            ALWAYS if self.fault == "scanner" else _spells(self.incidents, _scanner_min)
        )

    # Its day.

    def day_at(self, ms: int) -> WornDay | None:
        """Give the latest day that has begun; its journey rests at the end where it was left."""
        begun_ms, next_ms, found = self._latest
        if begun_ms <= ms < next_ms:
            return found
        begun_ms, next_ms, found = _FIRST_MS, _LAST_MS, None
        for day in self.days:
            if day.start_ms > ms:
                next_ms = day.start_ms
                break
            begun_ms, found = day.start_ms, day
        self._latest = begun_ms, next_ms, found
        return found

    def worn_at(self, ms: int) -> bool:
        """Say whether somebody wears it."""
        day = self.day_at(ms)
        return day is not None and ms < day.end_ms

    def moving_at(self, ms: int) -> bool:
        """Say whether its wearer moves."""
        day = self.day_at(ms)
        return day is not None and ms < day.end_ms and day.journey.moving_at(ms)

    def on_charger_at(self, ms: int, *, shift_open: bool | None = None) -> bool:
        """Say whether it is charged: put away where there is a charger, its shift ended.

        `shift_open` is what the badge itself says; None takes it from the day that was planned.
        """
        day = self.day_at(ms)
        if day is not None and ms < day.end_ms:
            return False
        if shift_open is None:
            shift_open = day is not None and day.forgets
        return self._charger and not shift_open

    def celsius_at(self, ms: int) -> float:
        """Give its temperature: the day's while it is worn, indoors where nobody wears it."""
        if self._calendar is None or not self.worn_at(ms):
            return self._celsius
        outside = self._calendar.temperature_c_at(ms)
        return self._celsius if outside is None else outside

    # Its place.

    def position_at(self, ms: int) -> Point:
        """Give where it is; before its first day it hangs at the depot."""
        day = self.day_at(ms)
        if day is None:
            return self._site_plan.depot
        if self._followed is not day:
            self._followed, self._asked = day, 0
        self._asked += 1
        if self._asked < FEW_PLACES:
            return day.journey.position_at(ms)
        if self._asked == FEW_PLACES:
            self._follower = Follower(day.journey)
        return self._follower.position_at(ms)

    def _places_at(self, times: Times) -> list[Point]:
        """Give many places, to the last bit as `position_at` gives each."""
        day, later = self.day_at(int(times[0])), self.day_at(int(times[-1]))
        if day is None or later is not day:
            return [self.position_at(ms) for ms in times.tolist()]
        xs, ys = day.journey.places_at(times)
        return list(zip(xs.tolist(), ys.tolist(), strict=True))

    def xy_at(self, times: Times) -> tuple[Floats, Floats]:
        """Give where it was at many times."""
        xs = np.full(len(times), self._site_plan.depot[0])
        ys = np.full(len(times), self._site_plan.depot[1])
        begin = [day.start_ms for day in self.days]
        latest = np.searchsorted(begin, times, side="right") - 1
        first = int(latest.min(initial=len(begin)))
        for number in range(max(first, 0), int(latest.max(initial=-1)) + 1):
            then = latest == number
            xs[then], ys[then] = self.days[number].journey.xy_at(times[then])
        return xs, ys

    def sky_at(self, ms: int) -> Sky:
        """Give the sky above it."""
        return self._site_plan.sky_at(*self.position_at(ms))

    def link_at(self, ms: int) -> Link:
        """Give the network where it is."""
        return self._site_plan.coverage.link_at(ms, *self.position_at(ms))

    def link_by_minute(self, ms: int) -> Link:
        """Give the same to one who looks every minute, or every few: an hour is asked at once."""
        coverage = self._site_plan.coverage
        if not self.worn_at(ms):  # it rests
            place = self.position_at(ms)
            if place != self._rests[0]:
                self._rests, self._places = (place, coverage.shadows_at([place])[0]), {}
            return coverage.shadowed_link_at(ms, *place, self._rests[1])
        if ms not in self._places:
            times = range(ms, ms + MINUTES_AHEAD * MINUTE_MS, MINUTE_MS)
            places = self._places_at(np.array(times))
            shadows = coverage.shadows_at(places)
            self._places = dict(zip(times, zip(places, shadows, strict=True), strict=True))
        place, shadow_db = self._places[ms]
        return coverage.shadowed_link_at(ms, *place, shadow_db)

    def calm_until(self, ms: int) -> int:
        """Give a time before which one who looks every minute from `ms` on sees nothing change.

        That is whether it is worn, whether there is a network, and its temperature.
        """
        day, coverage = self.day_at(ms), self._site_plan.coverage
        until_ms = self._latest[1]
        if day is None or ms >= day.end_ms:
            edge_ms = coverage.changes_after(ms)
            return until_ms if edge_ms is None else min(until_ms, edge_ms)
        self.link_by_minute(ms)
        if self._edges[0] is not self._places:
            self._edges = (self._places, self._link_edges())
        until_ms = min(until_ms, day.end_ms, next(edge for edge in self._edges[1] if edge > ms))
        if self.celsius_at(until_ms - 1) != self.celsius_at(ms):
            return ms
        return until_ms

    def _link_edges(self) -> list[int]:
        """Give the minutes of the hour at which a network comes or goes, and its end."""
        times = list(self._places)
        places, shadows = zip(*self._places.values(), strict=True)
        ups = self._site_plan.coverage.ups_at(times, places, shadows)
        edges = [times[n] for n in range(1, len(times)) if ups[n] != ups[n - 1]]
        return [*edges, times[-1] + 1]

    def wearer_at(self, ms: int, scanner: ScanPattern | None = None) -> Receiver:
        """Give what the radio must know of it; the body that shadows it is there after a day too.

        `scanner` is when it listens; the badge's own pattern if None.
        """
        day = self.day_at(ms)
        mover = self._depot() if day is None else day.journey
        facing = None if day is None else day.journey
        return Receiver(self.device_id, mover, facing, scanner)

    def stays(self, end_ms: int) -> Iterator[Stay]:
        """Give where it is, stay by stay, up to the end of the run."""
        start_ms, mover = 0, self._depot()
        journey: Journey | None = None
        for day in self.days:
            yield Stay(start_ms, day.start_ms, mover, journey)
            start_ms, mover, journey = day.start_ms, day.journey, day.journey
        yield Stay(start_ms, end_ms, mover, journey)

    def _depot(self) -> Mover:
        return Spot(*self._site_plan.depot)

    # What is broken.

    def gps_down_at(self, ms: int) -> bool:
        """Say whether the receiver gives nothing: broken, or down by an incident."""
        return bool(self.gps_down) and any(
            begin_ms <= ms < end_ms for begin_ms, end_ms in self.gps_down
        )

    def scanner_down_at(self, ms: int) -> bool:
        """Say whether the scanner hears nothing: broken, or down by an incident."""
        return bool(self.scanner_down) and any(
            begin_ms <= ms < end_ms for begin_ms, end_ms in self.scanner_down
        )


def _gps_min(incident: Incident) -> float | None:
    return incident.gps_down_min


def _scanner_min(incident: Incident) -> float | None:
    return incident.scanner_down_min


def _spells(
    incidents: Sequence[PlannedIncident], minutes_of: Callable[[Incident], float | None]
) -> tuple[tuple[int, int], ...]:
    """Give when a part is down; spells may overlap, and each lasts as long as it says."""
    return tuple(
        (one.at_ms, one.at_ms + round(minutes * MINUTE_MS))
        for one in incidents
        if (minutes := minutes_of(one.incident)) is not None
    )
