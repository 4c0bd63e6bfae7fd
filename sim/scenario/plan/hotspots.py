"""Where the hotspots of a Blecon network stand, and when they are in service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim.scenario.language.platforms import Blecon, Hotspot, Spell
from sim.scenario.plan.site import SitePlan
from sim.world.place import Mover, Spot


@dataclass(frozen=True, slots=True)
class Stand:
    """A hotspot at one place, in service from one ms of the run to another."""

    name: str
    number: int
    t0_ms: int
    t1_ms: int
    mover: Mover
    gain_db: float


def stands_of(site_plan: SitePlan, words: Blecon) -> list[Stand]:
    """Give every hotspot's places and times of service; InputError for a place that is none."""
    return [
        stand
        for number, (name, hotspot) in enumerate(words.hotspots.items())
        for stand in _stands(site_plan, name, number, hotspot)
    ]


def _stands(site_plan: SitePlan, name: str, number: int, hotspot: Hotspot) -> Iterator[Stand]:
    ms_of = site_plan.clock.ms_of
    begins = 0 if hotspot.installed is None else ms_of(hotspot.installed)
    ends = site_plan.parameters.end_ms if hotspot.removed is None else ms_of(hotspot.removed)
    path = ("platforms", "blecon", "hotspots", name)
    places = [(begins, ends, hotspot.at, "at")]
    if hotspot.moved is not None:
        moved = ms_of(hotspot.moved.at)
        places = [(begins, moved, hotspot.at, "at"), (moved, ends, hotspot.moved.to, "moved")]
    for first, last, place, key in places:
        if isinstance(place, str) and place in site_plan.equipment:
            mover = site_plan.equipment[place].mover
        else:
            mover = Spot(*site_plan.point_of(place, 0, *path, key))
        for t0_ms, t1_ms in _in_service(first, last, hotspot.outages, site_plan):
            yield Stand(name, number, t0_ms, t1_ms, mover, hotspot.gain_db)


def _in_service(
    first: int, last: int, outages: Sequence[Spell], site_plan: SitePlan
) -> Iterator[tuple[int, int]]:
    spells = sorted(
        (site_plan.clock.ms_of(o.begins), site_plan.clock.ms_of(o.ends)) for o in outages
    )
    for begins, ends in [*spells, (last, last)]:
        if first < min(begins, last):
            yield first, min(begins, last)
        first = max(first, ends)
