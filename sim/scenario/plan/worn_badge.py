"""One badge at a moment of the run: where it is, what it senses and what of it is broken.

The fleet, the virtual card and the virtual air ask here, so that a scenario means the same to all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.scenario.language.model import Incident
from sim.scenario.plan.days import WornDay
from sim.scenario.plan.roster import PlannedIncident, Roster
from sim.scenario.plan.site import Point
from sim.world.adverts import ScanPattern
from sim.world.battery import Cell
from sim.world.coverage import Link, Reception, are_up, link_of
from sim.world.movement import Follower, Journey
from sim.world.place import Floats, Mover, Spot, Times
from sim.world.radio import Receiver
from sim.world.site import Sky

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
MINUTES_AHEAD = 600  # of a day that are asked at once; they are of two dates at most
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
        "_ends_ms",
        "_followed",
        "_follower",
        "_latest",
        "_levels",
        "_levels_from_ms",
        "_reception",
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
        self._reception: tuple[object, Reception] | None = None
        self._levels_from_ms, self._levels = 0, np.empty(0, np.int16)
        self._edges: list[int] = []
        self._ends_ms = roster.parameters.end_ms
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

    def xy_at(self, times: Times) -> tuple[Floats, Floats]:
        """Give where it was at many times."""
        begin = [day.start_ms for day in self.days]
        latest = np.searchsorted(begin, times, side="right") - 1
        first, last = int(latest.min(initial=len(begin))), int(latest.max(initial=-1))
        if first == last >= 0:
            return self.days[first].journey.xy_at(times)
        xs = np.full(len(times), self._site_plan.depot[0])
        ys = np.full(len(times), self._site_plan.depot[1])
        for number in range(max(first, 0), last + 1):
            then = latest == number
            xs[then], ys[then] = self.days[number].journey.xy_at(times[then])
        return xs, ys

    def sky_at(self, ms: int) -> Sky:
        """Give the sky above it."""
        return self._site_plan.sky_at(*self.position_at(ms))

    def link_at(self, ms: int) -> Link:
        """Give the network where it is."""
        return self._received(self.day_at(ms)).at(ms)

    def _received(self, day: WornDay | None) -> Reception:
        """Give the network along a day of its."""
        if self._reception is None or self._reception[0] is not day:
            mover = Spot(*self._site_plan.depot) if day is None else day.journey
            self._reception = day, self._site_plan.coverage.along(mover)
            self._levels = self._levels[:0]
        return self._reception[1]

    def link_by_minute(self, ms: int) -> Link:
        """Give the same to one who looks every minute, or every few: a day is asked at once."""
        day = self.day_at(ms)
        received = self._received(day)
        if day is None or ms >= day.end_ms:  # it rests
            return received.at(ms)
        minute, off_ms = divmod(ms - self._levels_from_ms, MINUTE_MS)
        if 0 <= minute < len(self._levels):
            return received.at(ms) if off_ms else link_of(self._levels.item(minute))
        self._look_ahead(ms, day)
        return link_of(self._levels.item(0))

    def _look_ahead(self, ms: int, day: WornDay) -> None:
        """Ask for the network from now on every minute, and when it comes or goes."""
        until_ms = min(day.end_ms, self._latest[1], max(self._ends_ms, ms) + 1)
        count = min(max(-(-(until_ms - ms) // MINUTE_MS), 1), MINUTES_AHEAD)
        self._levels = self._received(day).levels(ms, MINUTE_MS, count)
        self._levels_from_ms, up = ms, are_up(self._levels)
        changed = np.flatnonzero(up[1:] != up[:-1]) + 1
        self._edges = (ms + MINUTE_MS * changed).tolist()
        self._edges.append(ms + (count - 1) * MINUTE_MS + 1)  # nobody knows of the next minute

    def calm_until(self, ms: int) -> int:
        """Give a time before which one who looks every minute from `ms` on sees nothing change.

        That is whether it is worn, whether there is a network, and its temperature.
        """
        day, coverage = self.day_at(ms), self._site_plan.coverage
        until_ms = self._latest[1]
        if day is None or ms >= day.end_ms:
            edge_ms = coverage.changes_after(ms)
            return until_ms if edge_ms is None else min(until_ms, edge_ms)
        self._received(day)
        minute, off_ms = divmod(ms - self._levels_from_ms, MINUTE_MS)
        if off_ms or not 0 <= minute < len(self._levels):
            self._look_ahead(ms, day)
        until_ms = min(until_ms, day.end_ms, self._edges[bisect_right(self._edges, ms)])
        if self.celsius_at(until_ms - 1) != self.celsius_at(ms):  # it is another date by then
            until_ms = min(until_ms, ms + HOUR_MS)
            return ms if self.celsius_at(until_ms - 1) != self.celsius_at(ms) else until_ms
        return until_ms

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
