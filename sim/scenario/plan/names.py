"""Names that a scenario uses: each is somewhere in it, whether or not the run comes to its use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.scenario.language.calendar import Calendar
from sim.scenario.language.model import Crew, Step
from sim.scenario.language.platforms import Some
from sim.scenario.language.read import ScenarioFile
from sim.scenario.language.words import Place
from sim.scenario.plan.slots import Slot, people
from sim.world.site import Site

Path = tuple[str | int, ...]
PLACES = ("arrive", "work", "stand", "lunch", "fetch", "drive", "walk", "leave")


def check_names(source: ScenarioFile, slots: Sequence[Slot], site: Site) -> None:
    """See that workers, badges, places and equipment that are named are there; InputError."""
    _Names(source, slots, site).check()


class _Names:
    def __init__(self, source: ScenarioFile, slots: Sequence[Slot], site: Site) -> None:
        self._source, self._scenario = source, source.scenario
        self._badges = len(slots)
        self._equipment = list(self._scenario.equipment)
        self._parcels = list(dict.fromkeys(a.name for a in site.areas if a.kind == "parcel"))
        areas = dict.fromkeys(area.name for area in site.areas)
        self._places = ["depot", *areas, *self._equipment]

    def check(self) -> None:
        """Go through every key that takes names."""
        for name, crew in self._scenario.crews.items():
            self._crew(name, crew)
        for name, equipment in self._scenario.equipment.items():
            for number, trip in enumerate(equipment.trips):
                for place in trip.route:
                    self._place(place, "equipment", name, "trips", number)
        for path, some in self._chosen():
            self._choice(some.badges, path)
        if self._scenario.calendar is not None:
            self._calendar(self._scenario.calendar)
        elif any(step.contracts for crew in self._scenario.crews.values() for step in crew.day):
            raise self._source.wrong("contracts are due in a calendar, and there is none", "crews")

    def _calendar(self, calendar: Calendar) -> None:
        crews = list(self._scenario.crews)
        for parcel, contract in calendar.contracts.items():
            path: Path = ("calendar", "contracts", parcel)
            self._known(parcel, self._parcels, "is no property of the site", *path)
            self._known(contract.crew, crews, "is no crew", *path, "crew")
        for number, tag in enumerate(calendar.tags):
            path = ("calendar", "tags", number, "equipment")
            self._known(tag.equipment, self._equipment, "is no equipment", *path)
        for number, one in enumerate(calendar.badges):
            badges = [one.badge] if one.by is None else [one.badge, one.by]
            self._choice(badges, ("calendar", "badges", number))
        self._people(calendar)

    def _people(self, calendar: Calendar) -> None:
        """See that who comes or goes is there, and that nobody new is there already."""
        here = [who for crew in self._scenario.crews for who in people(self._source, crew)]
        for number, one in enumerate(calendar.people):
            if one.badge_to is not None:
                if one.badge_to in here:
                    what = f"{one.badge_to!r} has a badge already"
                    raise self._source.wrong(what, "calendar", "people", number, "badge_to")
                here.append(one.badge_to)
        seen: set[str] = set()
        for number, one in enumerate(calendar.people):
            path = ("calendar", "people", number, "worker")
            self._known(one.worker, here, "is in no crew", *path)
            if one.worker in seen:
                raise self._source.wrong(f"{one.worker!r} is listed twice", *path)
            seen.add(one.worker)
        left = {one.worker: one.leaves for one in calendar.people if one.leaves is not None}
        for number, one in enumerate(calendar.people):
            gone = left.get(one.badge_to or "")
            if one.leaves is not None and gone is not None and gone <= one.leaves:
                what = f"{one.badge_to!r} leaves on {gone}, before the badge is there"
                raise self._source.wrong(what, "calendar", "people", number, "badge_to")

    def _known(self, name: str, among: Sequence[str], what: str, *path: str | int) -> None:
        if name not in among:
            raise self._source.unknown(name, what, among, *path)

    def _crew(self, name: str, crew: Crew) -> None:
        path = ("crews", name)
        own = people(self._source, name)
        strangers = [one for one in crew.forgets if one not in own] if crew.forgets != "all" else []
        if strangers:
            what = "is not in this crew"
            raise self._source.unknown(strangers[0], what, own, *path, "forgets")
        self._place(crew.shelter, *path, "shelter")
        for number, step in enumerate(crew.day):
            self._step(step, *path, "day", number)

    def _step(self, step: Step, *path: str | int) -> None:
        for key in PLACES:
            self._place(getattr(step, key), *path)
        for place in step.route:
            self._place(place, *path)
        if step.ride is not None and step.ride not in self._equipment:
            what = "is no equipment that can be ridden along"
            raise self._source.unknown(step.ride, what, self._equipment, *path)

    def _place(self, place: Place | None, *path: str | int) -> None:
        if isinstance(place, str) and place not in self._places:
            raise self._source.unknown(place, "is not on the site", self._places, *path)

    def _chosen(self) -> Iterator[tuple[Path, Some]]:
        blecon, peridio = self._scenario.platforms.blecon, self._scenario.platforms.peridio
        for number, one in enumerate(blecon.deregistered if blecon else ()):
            yield ("platforms", "blecon", "deregistered", number), one
        for number, one in enumerate(peridio.certificates if peridio else ()):
            yield ("platforms", "peridio", "certificates", number), one

    def _choice(self, badges: Sequence[int] | None, path: Path) -> None:
        beyond = [badge for badge in badges or () if badge > self._badges]
        if beyond:
            what = f"there is no badge {beyond[0]}; the last one is {self._badges}"
            raise self._source.wrong(what, *path, "badges")
