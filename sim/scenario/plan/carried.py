"""Equipment that a worker carries in a run with a calendar; its days are written when asked."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from sim.scenario.calendar.wearers import tenures_of
from sim.scenario.plan.days import WornDay, write_day
from sim.scenario.plan.site import SitePlan
from sim.world.movement import Journey
from sim.world.place import Box, Floats, Spot, Times

DAYS_KEPT = 4  # a run goes forward, badge by badge: a year of days would be 20 MB a piece


class CarriedEquipment:
    """A `Mover`: where its carrier is on a working day, else where the last one left it."""

    def __init__(self, site_plan: SitePlan, crew: str, worker: str) -> None:
        calendar, at = site_plan.calendar, site_plan.source.scenario.crews[crew].day[0].at
        assert calendar is not None
        assert at is not None
        self._site_plan, self._crew = site_plan, crew
        tenures = tenures_of(calendar.words, crew, worker, calendar.dates[0], calendar.dates[-1])
        # Who gets the badge gets what is carried, too.
        self._carriers = {
            number: one.worker
            for number, day in enumerate(calendar.dates)
            for one in tenures
            if one.first <= day <= one.last and calendar.crews[crew][number].kind != "off"
        }
        self._numbers = list(self._carriers)
        # From when on a day's journey counts: nobody has arrived before.
        self._begins_ms = [site_plan.clock.ms_of(at, number) for number in self._numbers]
        self._kept: dict[int, WornDay | None] = {}

    def xy_at(self, t_ms: Times) -> tuple[Floats, Floats]:
        """Give x and y in metres at each of the times."""
        xs = np.full(len(t_ms), self._site_plan.depot[0])
        ys = np.full(len(t_ms), self._site_plan.depot[1])
        which = np.searchsorted(self._begins_ms, t_ms, side="right") - 1
        for place in np.unique(which).tolist():
            day = self._day(place)
            if day is not None:
                asked = which == place
                xs[asked], ys[asked] = day.journey.xy_at(t_ms[asked])
        return xs, ys

    def box_over(self, t0_ms: int, t1_ms: int) -> Box:
        """Give the smallest box that holds every position in [t0, t1]."""
        first = bisect_right(self._begins_ms, t0_ms) - 1
        last = bisect_right(self._begins_ms, t1_ms) - 1
        boxes = []
        for place in range(first, last + 1):
            day = self._day(place)
            if day is None:
                boxes.append((*self._site_plan.depot, *self._site_plan.depot))
                continue
            begins = t0_ms if place == first else self._begins_ms[place]
            ends = t1_ms if place == last else self._begins_ms[place + 1]
            boxes.append(day.journey.box_over(begins, ends))
        west, south, east, north = zip(*boxes, strict=True)
        return min(west), min(south), max(east), max(north)

    def one_over(self, t0_ms: int, t1_ms: int) -> Journey | Spot | None:
        """Give the one journey, or the depot, that it is on in [t0, t1]; None if it is on more."""
        first = bisect_right(self._begins_ms, t0_ms) - 1
        if first != bisect_right(self._begins_ms, t1_ms) - 1:
            return None
        day = self._day(first)
        return Spot(*self._site_plan.depot) if day is None else day.journey

    def _day(self, place: int) -> WornDay | None:
        """Give the nth working day; None before the first one, and after the run."""
        if place < 0:
            return None
        if place not in self._kept:
            number = self._numbers[place]
            who = self._carriers[number]
            made = write_day(self._site_plan, self._crew, who, who, number)
            self._kept[place] = made
            while len(self._kept) > DAYS_KEPT:
                del self._kept[next(iter(self._kept))]
        return self._kept[place]
