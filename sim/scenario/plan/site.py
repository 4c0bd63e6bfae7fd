"""The scenario's site, equipment and network as the world's models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from badge.errors import InputError
from sim.compiled.coverage import CoverageInC
from sim.compiled.gnss import SkiesInC
from sim.compiled.library import WorldLibrary, world_library
from sim.compiled.radio import RadioInC
from sim.compiled.walk import WalkerInC
from sim.engine.draws import KeyedDraws, draws
from sim.scenario.calendar.plan import CalendarPlan
from sim.scenario.calendar.steps import clock_word, half_s
from sim.scenario.language.model import Ground, Place, Trip
from sim.scenario.language.read import ScenarioFile
from sim.scenario.language.spans import check_spans
from sim.scenario.language.times import SiteClock, is_dated, unix_ms_of
from sim.scenario.plan.parameters import Parameters, zone_of_site
from sim.scenario.plan.parcels import read_parcels
from sim.world import site as world_site
from sim.world.adverts import Tag, drawn_gain_db
from sim.world.coverage import Coverage, Outage, Zone
from sim.world.environments import Environment, environment_named
from sim.world.movement import Journey
from sim.world.place import Box, Mover, Spot
from sim.world.power import DRAWS_BY_NAME, Draws
from sim.world.radio import Radio
from sim.world.site import SKY_FIRST, Area, Kind, Plane, Site, Sky
from sim.world.walker import Walker

Point = tuple[float, float]
RIDE_HOME_S = 1200  # after half a day: until all have come to what they ride
_FOREVER_MS = 1 << 60


@dataclass(frozen=True, slots=True)
class EquipmentPlan:
    """A piece of equipment in the world; `trips` are its drives, each (leaves, arrives) in ms."""

    name: str
    tag: Tag
    mover: Mover
    known: bool
    trips: tuple[tuple[int, int], ...] = ()
    silent: tuple[tuple[int, int], ...] = ()  # when the battery of its tag is empty


@dataclass(slots=True)
class SitePlan:
    """Everything that badges share and that does not depend on people."""

    source: ScenarioFile
    parameters: Parameters
    clock: SiteClock
    site: Site
    coverage: Coverage
    equipment: dict[str, EquipmentPlan] = field(default_factory=dict)
    calendar: CalendarPlan | None = None
    library: WorldLibrary | None = None  # the models in C, where these are to be asked
    skies: SkiesInC | None = field(init=False)  # as `library`
    environment: Environment = field(init=False)
    roofs: tuple[Box, ...] = field(init=False)
    _insides: dict[str, Point] = field(default_factory=dict)  # of areas, points that are inside

    def __post_init__(self) -> None:
        roofs = [area.polygon.bounds for area in self.site.areas if area.kind in SKY_FIRST]
        self.roofs = tuple(roofs)
        self.environment = _environment(self.source)
        library = self.library
        self.skies = None if library is None else SkiesInC(library, self.site.areas)

    @property
    def draws(self) -> Draws:
        """What the parts of a badge draw."""
        return DRAWS_BY_NAME[self.source.scenario.currents]

    def radio(self) -> Radio:
        """Make the site's air anew; equal ones give equal sightings."""
        seed, law = self.parameters.seed, self.source.scenario.radio
        if self.library is not None:
            return RadioInC(seed, self.environment, self.library, law)
        return Radio(seed, self.environment, law)

    def walker(self, numbers: KeyedDraws, at: Point, t_ms: int, who: str) -> Walker:
        """Let somebody set out."""
        if self.library is not None:
            return WalkerInC(self.library, numbers, at, t_ms, who)
        return Walker(numbers, at, t_ms, who=who)

    @property
    def depot(self) -> Point:
        """Where badges hang when nobody wears them."""
        return self.source.scenario.site.depot

    def sky_at(self, x_m: float, y_m: float) -> Sky:
        """Give the sky above a point; the polygons are asked only where one may be near."""
        for west, south, east, north in self.roofs:
            if west <= x_m <= east and south <= y_m <= north:
                return self.site.sky_at(x_m, y_m)
        return "open"

    def check_begun(self, at: str, *path: str | int) -> None:
        """See that a time of the first day is not before the run starts; a date may well be."""
        if self.clock.ms_of(at) < 0 and not is_dated(at):
            raise self.source.wrong(f"{at} is {self.before_start()}", *path)

    def before_start(self) -> str:
        """Say that a time is too early, and how a run begins before it."""
        clock = self.clock
        return (
            f"before the run starts at {clock.word(0)}; start earlier, as with "
            f"--start {clock.first_date}, midnight at the site"
        )

    def point_of(self, place: Place, at_ms: int, *path: str | int) -> Point:
        """Give where a place is at a time; of an area, a point that is surely inside."""
        if not isinstance(place, str):
            return place
        if place == "depot":
            return self.depot
        if place in self.equipment:
            return _position(self.equipment[place].mover, at_ms)
        inside = self._insides.get(place)
        if inside is None:
            point = self.area_of(place, *path).polygon.representative_point()
            inside = self._insides[place] = float(point.x), float(point.y)
        return inside

    def area_of(self, name: str, *path: str | int) -> Area:
        """Find a parcel or area by name; of one in several pieces the largest."""
        for area in self.site.areas:
            if area.name == name:
                return area
        areas = dict.fromkeys(area.name for area in self.site.areas)
        places = ["depot", *areas, *self.source.scenario.equipment]
        raise self.source.unknown(name, "is not on the site", places, *path)


def plan_site(source: ScenarioFile, parameters: Parameters, *, compiled: bool = False) -> SitePlan:
    """Build the site, the network and all equipment that nobody carries.

    `compiled`: the models in C are asked where they are built.
    """
    scenario = source.scenario
    clock = clock_of(source, parameters)
    plane = _plane(source)
    site = Site(plane, tuple(_areas(source, plane)))
    library = world_library() if compiled else None
    coverage = _coverage(source, parameters.seed, site, clock, library)
    ground = SitePlan(source, parameters, clock, site, coverage, library=library)
    if scenario.calendar is not None:
        ground.calendar = calendar_of(source, parameters, clock)
    _check_tags(source)
    check_spans(source, ground.clock)
    parked_first = sorted(scenario.equipment.items(), key=lambda item: bool(item[1].trips))
    for name, equipment in parked_first:
        if equipment.carried_by is None:
            ground.equipment[name] = _machine(ground, name)
    return ground


def clock_of(source: ScenarioFile, parameters: Parameters) -> SiteClock:
    """Give the site's clock; InputError for a zone that is none."""
    try:
        start_unix_ms = unix_ms_of(parameters.start, "start")
    except InputError as error:  # the file's own: one of a command is read where it is given
        raise source.wrong(str(error), "start") from None
    dated = source.scenario.calendar is not None
    return SiteClock(start_unix_ms, zone_of_site(source), dated=dated)


def calendar_of(
    source: ScenarioFile, parameters: Parameters, clock: SiteClock | None = None
) -> CalendarPlan | None:
    """Give the plan of the days, if the scenario has a calendar; no part of the site is needed."""
    words = source.scenario.calendar
    if words is None:
        return None
    clock = clock or clock_of(source, parameters)
    return CalendarPlan(source, words, clock, parameters.seed, parameters.end_ms)


def tag_of(source: ScenarioFile, seed: int, name: str) -> Tag:
    """Give the tag of a piece of equipment; its gain is drawn unless the scenario says it."""
    equipment = source.scenario.equipment[name]
    gain_db = equipment.gain_db
    if gain_db is None:
        gain_db = drawn_gain_db(seed, equipment.tag, source.scenario.site.tag_spread_db)
    return Tag(equipment.tag, equipment.interval_ms, gain_db)


def _environment(source: ScenarioFile) -> Environment:
    said = source.scenario.site.environment
    if isinstance(said, str):
        return environment_named(said)
    own = said.model_dump(exclude_none=True, exclude={"like", "name", "source"})
    return replace(environment_named(said.like), name=said.name, source=said.source, **own)


def _plane(source: ScenarioFile) -> Plane:
    try:
        return Plane(*source.scenario.site.origin)
    except InputError as error:
        raise source.wrong(str(error), "site", "origin") from None


def _areas(source: ScenarioFile, plane: Plane) -> list[Area]:
    site = source.scenario.site
    made = _file_parcels(source, plane) if site.parcels_file else []
    for name, ground in site.parcels.items():
        made.append(_area(source, plane, name, "parcel", ground, "parcels"))
    for name, spoken in site.areas.items():
        made.append(_area(source, plane, name, spoken.kind, spoken, "areas"))
    seen = {"depot": "the depot"} | dict.fromkeys(source.scenario.equipment, "equipment")
    for area in made:
        if area.name in seen and not area.part:
            raise source.wrong(f"{area.name!r} already names {seen[area.name]}", "site")
        seen[area.name] = "an area"
    return made


def _area(
    source: ScenarioFile, plane: Plane, name: str, kind: Kind, ground: Ground, part: str
) -> Area:
    try:
        if ground.metres is not None:
            return world_site.area(name, kind, ground.metres)
        return world_site.area_of_degrees(plane, name, kind, [ground.degrees or []])
    except InputError as error:
        raise source.wrong(str(error), "site", part, name) from None


def _file_parcels(source: ScenarioFile, plane: Plane) -> list[Area]:
    name = source.scenario.site.parcels_file
    assert name is not None
    path = source.folder / name
    try:
        return read_parcels(path, plane)
    except OSError as error:
        what = f"{path}: {error.strerror or error}"
        raise source.wrong(what, "site", "parcels_file") from None
    except InputError as error:
        raise source.wrong(str(error), "site", "parcels_file") from None


def _coverage(
    source: ScenarioFile, seed: int, site: Site, clock: SiteClock, library: WorldLibrary | None
) -> Coverage:
    spoken = source.scenario.coverage

    def parts_of(name: str, *path: str | int) -> list[Area]:
        parts = [area for area in site.areas if area.name == name]
        if not parts:
            known = list(dict.fromkeys(area.name for area in site.areas))
            what = "is no parcel or area of the site"
            raise source.unknown(name, what, known, "coverage", *path)
        return parts

    zones = [
        Zone(part, zone.gain_db)
        for number, zone in enumerate(spoken.zones)
        for part in parts_of(zone.area, "zones", number)
    ]
    outages = []
    for number, one in enumerate(spoken.outages):
        parts: list[Area | None] = [None]
        if one.area is not None:
            parts = list(parts_of(one.area, "outages", number))
        begins_ms, ends_ms = clock.ms_of(one.begins), clock.ms_of(one.ends)
        try:
            outages += [Outage(begins_ms, ends_ms, part) for part in parts]
        except InputError:
            what = f"the outage ends at {one.ends}, before it begins at {one.begins}"
            raise source.wrong(what, "coverage", "outages", number) from None
    given = (seed, spoken.base_dbm, zones, outages)
    return Coverage(*given) if library is None else CoverageInC(*given, library=library)


def _check_tags(source: ScenarioFile) -> None:
    owners: dict[str, str] = {}
    for name, equipment in source.scenario.equipment.items():
        if equipment.tag in owners:
            what = f"tag {equipment.tag} is also on {owners[equipment.tag]!r}; each has its own"
            raise source.wrong(what, "equipment", name, "tag")
        owners[equipment.tag] = name


def _machine(ground: SitePlan, name: str) -> EquipmentPlan:
    """Park it, or write all its trips, every day of the run."""
    source, parameters = ground.source, ground.parameters
    equipment = source.scenario.equipment[name]
    assert equipment.parked is not None
    home = ground.point_of(equipment.parked, 0, "equipment", name, "parked")
    tag, silent = tag_of(source, parameters.seed, name), silent_of(ground, name)
    if not equipment.trips:
        return EquipmentPlan(name, tag, Spot(*home), equipment.known, (), silent)
    walker = ground.walker(draws(parameters.seed, "equipment", name), home, 0, name)
    journey, trips = _drive_all(ground, name, walker)
    return EquipmentPlan(name, tag, journey, equipment.known, trips, silent)


def silent_of(ground: SitePlan, name: str) -> tuple[tuple[int, int], ...]:
    """Give when the tag of a piece of equipment says nothing, in ms of the run."""
    calendar, ms_of = ground.source.scenario.calendar, ground.clock.ms_of
    found = []
    for number, one in enumerate(calendar.tags if calendar else ()):
        if one.equipment != name:
            continue
        begins_ms = ms_of(one.flat)
        ends_ms = _FOREVER_MS if one.changed is None else ms_of(one.changed)
        if ends_ms < begins_ms:
            what = f"its battery is changed at {one.changed}, before it is flat at {one.flat}"
            raise ground.source.wrong(what, "calendar", "tags", number)
        found.append((begins_ms, ends_ms))
    return tuple(found)


def _drive_all(
    ground: SitePlan, name: str, walker: Walker
) -> tuple[Journey, tuple[tuple[int, int], ...]]:
    planned = ground.source.scenario.equipment[name].trips
    day, driven = 0, []
    # The first day is planned whole, as its people's is: who waits for a trip may do so at the end.
    while day == 0 or ground.clock.ms_of(planned[0].at, day) < ground.parameters.end_ms:
        for number, trip, at in _trips_on(ground, name, day):
            path = ("equipment", name, "trips", number)
            leaves = ground.clock.ms_of(at, day)
            if day == 0:
                ground.check_begun(at, *path)
            route = [ground.point_of(place, max(leaves, 0), *path) for place in trip.route]
            try:
                walker.stand(leaves).drive(route, trip.speed_kmh / 3.6)
            except InputError as error:
                raise ground.source.wrong(str(error), *path) from None
            driven.append((leaves, walker.now_ms))
        day += 1
    return walker.journey(), tuple(driven)


def _trips_on(ground: SitePlan, name: str, day: int) -> Iterator[tuple[int, Trip, str]]:
    """Give a day's trips, each with its number and when: those of the crews that ride along.

    On half a day the last trip is brought forward to its end; what nobody rides drives every day.
    """
    scenario = ground.source.scenario
    trips = [(number, one, one.at) for number, one in enumerate(scenario.equipment[name].trips)]
    riders = [key for key, crew in scenario.crews.items() if any(s.ride == name for s in crew.day)]
    if ground.calendar is None or not riders or day >= len(ground.calendar):
        yield from trips
        return
    kinds = {key: ground.calendar.crews[key][day].kind for key in riders}
    if "works" in kinds.values():
        yield from trips
        return
    halves = [half_s(scenario.crews[key]) for key, kind in kinds.items() if kind == "half_day"]
    if halves:
        ends = max(halves) + RIDE_HOME_S
        before = [one for one in trips if one[2].rpartition(" ")[2] < clock_word(ends)]
        yield from before
        if len(before) < len(trips):
            number, trip, _ = trips[-1]
            yield number, trip, clock_word(ends)


def _position(mover: Mover, at_ms: int) -> Point:
    x_m, y_m, _, _ = mover.box_over(at_ms, at_ms)
    return x_m, y_m
