"""A worker's day as a scenario tells it, written into a journey step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from badge.errors import InputError
from badge.words import counted, lasting
from sim.engine.draws import KeyedDraws, draws
from sim.scenario.calendar.crew_days import CrewDay
from sim.scenario.calendar.steps import steps_on
from sim.scenario.language.model import Step
from sim.scenario.plan.site import EquipmentPlan, Point, SitePlan
from sim.sources.open import read_track
from sim.sources.outings import Choice
from sim.world.movement import Follower, Journey
from sim.world.site import Area, Plane
from sim.world.walker import LatLon, Walker
from sim.world.work import work_kind

FETCH_MS = 60_000
POINT_TRIES = 200


@dataclass(frozen=True, slots=True)
class WornDay:
    """A badge on a worker from arriving to leaving; after that it rests where it was left."""

    start_ms: int
    end_ms: int
    journey: Journey
    worker_id: str
    assigned_by: str | None
    forgets: bool


@dataclass(frozen=True, slots=True)
class Degrees:
    """A place on the earth."""

    lat: float
    lon: float


class _Ride:
    """A machine's journey as a track to follow; the run's ms are its time."""

    def __init__(self, piece: EquipmentPlan, plane: Plane) -> None:
        self._mover, self._plane = piece.mover, plane
        self._follower = Follower(piece.mover) if isinstance(piece.mover, Journey) else None

    def fix_at(self, utc_ms: int) -> LatLon:
        """Give where the machine is."""
        if self._follower is not None:
            return Degrees(*self._plane.to_latlon(*self._follower.position_at(utc_ms)))
        x_m, y_m, _, _ = self._mover.box_over(utc_ms, utc_ms)
        return Degrees(*self._plane.to_latlon(x_m, y_m))


@lru_cache(maxsize=8)
def _ride_on(piece: EquipmentPlan, plane: Plane) -> _Ride:
    return _Ride(piece, plane)


def write_days(site_plan: SitePlan, crew: str, worker_id: str, who: str) -> tuple[WornDay, ...]:
    """Write every day of the run of one worker; `who` is the name that the crew knows."""
    if site_plan.calendar is not None:
        days = range(len(site_plan.calendar))
        made = (write_day(site_plan, crew, worker_id, who, day) for day in days)
        return tuple(one for one in made if one is not None)
    arrives_at = site_plan.source.scenario.crews[crew].day[0].at
    assert arrives_at is not None
    day, written = 0, []
    while site_plan.clock.ms_of(arrives_at, day) < site_plan.parameters.end_ms:
        written.append(_Day(site_plan, crew, worker_id, who, day, CrewDay("works")).write())
        day += 1
    return tuple(written)


def try_days(site_plan: SitePlan, crew: str, worker: str) -> int:
    """Write each different day of a crew once, to see that it can be; give how many there are.

    Different are what the rain leaves of it, and the properties that are due.
    """
    assert site_plan.calendar is not None
    planned = site_plan.calendar.crews[crew]
    first = {(day.kind, day.contracts): n for n, day in reversed(list(enumerate(planned)))}
    for number in sorted(first.values()):
        write_day(site_plan, crew, worker, worker, number)
    return len(first)


def write_day(site_plan: SitePlan, crew: str, worker_id: str, who: str, day: int) -> WornDay | None:
    """Write the nth day of a run with a calendar; None where the crew is off."""
    assert site_plan.calendar is not None
    planned = site_plan.calendar.crews[crew][day]
    arrives_at = site_plan.source.scenario.crews[crew].day[0].at
    assert arrives_at is not None
    if planned.kind == "off":
        return None
    if site_plan.clock.ms_of(arrives_at, day) >= site_plan.parameters.end_ms:
        return None
    return _Day(site_plan, crew, worker_id, who, day, planned).write()


class _Day:
    def __init__(
        self,
        site_plan: SitePlan,
        crew: str,
        worker_id: str,
        who: str,
        day: int,
        planned: CrewDay,
    ) -> None:
        self._site_plan = site_plan
        self._planned = planned
        self._crew = site_plan.source.scenario.crews[crew]
        self._path: tuple[str | int, ...] = ("crews", crew, "day", 0)
        self._worker_id = worker_id
        self._day = day
        self._forgets = self._crew.forgets == "all" or who in self._crew.forgets
        self._draws = draws(site_plan.parameters.seed, "day", worker_id, day)
        self._late_ms = self._draws.below(round(self._crew.spread_min * 60_000) + 1)
        self._steps = steps_on(self._crew, planned)
        self._walker = self._arrive(self._steps[0][1])

    def write(self) -> WornDay:
        """Write all steps."""
        start_ms = self._walker.now_ms
        for number, step in self._steps[1:]:
            self._path = (*self._path[:3], number)
            try:
                _STEPS[step.verb](self, step)
            except InputError as error:
                if str(error).startswith(self._site_plan.source.name):
                    raise
                raise self._wrong(str(error)) from None
        return WornDay(
            start_ms,
            self._walker.now_ms,
            self._walker.journey(),
            self._worker_id,
            self._crew.foreman,
            self._forgets,
        )

    def _wrong(self, what: str) -> InputError:
        return self._site_plan.source.wrong(what, *self._path)

    def _arrive(self, step: Step) -> Walker:
        assert step.at is not None
        assert step.arrive is not None
        at_ms = self._site_plan.clock.ms_of(step.at, self._day)
        if at_ms < 0:
            early = self._site_plan.before_start()
            raise self._wrong(f"{self._worker_id} arrives at {step.at}, {early}")
        where = self._site_plan.point_of(step.arrive, at_ms, *self._path)
        start_ms = at_ms + self._late_ms
        return self._site_plan.walker(self._draws, where, start_ms, self._worker_id)

    def _until_ms(self, step: Step) -> int:
        assert step.until is not None
        until_ms = self._site_plan.clock.ms_of(step.until, self._day) + self._late_ms
        late_s = (self._walker.now_ms - until_ms) / 1000
        if late_s > 0:
            raise self._wrong(
                f"the day is impossible: {self._worker_id} is {lasting(late_s)} late for "
                f"{step.until} when this begins; leave earlier or plan it later"
            )
        return until_ms

    def _go(self, point: Point) -> None:
        """Walk inside the parcel that holds both ends, else straight."""
        for area in self._site_plan.site.areas:
            if area.contains(*self._walker.at) and area.contains(*point):
                self._walker.walk_inside(area, point)
                return
        self._walker.walk(point)

    def _point(self, place: str | Point) -> Point:
        return self._site_plan.point_of(place, self._walker.now_ms, *self._path)

    def _work(self, step: Step) -> None:
        if not isinstance(step.work, str):
            raise self._wrong("work needs the name of a parcel or area")
        area = self._site_plan.area_of(step.work, *self._path)
        self._go(_random_point(self._draws, area))
        self._walker.work(area, self._until_ms(step), work_kind(step.kind))

    def _contracts(self, step: Step) -> None:
        """Drive from property to property, the same time for each; without one, wait in place."""
        parcels = self._planned.contracts
        until_ms = self._until_ms(step)
        if not parcels:
            self._walker.stand(until_ms)
        for number, parcel in enumerate(parcels):
            area = self._site_plan.area_of(parcel, *self._path)
            left_ms = until_ms - self._walker.now_ms
            ends_ms = self._walker.now_ms + left_ms // (len(parcels) - number)
            route = [self._point(place) for place in step.route]
            self._walker.drive([*route, _random_point(self._draws, area)], step.speed_kmh / 3.6)
            if self._walker.now_ms >= ends_ms:
                due = counted(len(parcels), "property is", "properties are")
                raise self._wrong(
                    f"the day is impossible: {self._worker_id} still drives to {parcel!r} when its "
                    f"time is over; {due} due, give them to more days"
                )
            self._walker.work(area, ends_ms, work_kind(step.kind))

    def _stand(self, step: Step) -> None:
        place = step.stand if step.stand is not None else step.lunch
        assert place is not None
        self._go(self._point(place))
        self._walker.stand(self._until_ms(step))

    def _fetch(self, step: Step) -> None:
        assert step.fetch is not None
        here = self._walker.at
        self._go(self._point(step.fetch))
        self._walker.stand(self._walker.now_ms + FETCH_MS)
        self._go(here)

    def _walk(self, step: Step) -> None:
        assert step.walk is not None
        self._go(self._point(step.walk))

    def _drive(self, step: Step) -> None:
        assert step.drive is not None
        route = [self._point(place) for place in (*step.route, step.drive)]
        self._walker.drive(route, step.speed_kmh / 3.6)

    def _ride(self, step: Step) -> None:
        piece = self._site_plan.equipment.get(step.ride or "")
        if piece is None:
            raise self._wrong(f"{step.ride!r} is no equipment that can be ridden along")
        self._go(self._point(piece.name))
        now_ms = self._walker.now_ms
        trip = next((trip for trip in piece.trips if trip[0] >= now_ms), None)
        if trip is None:
            late = self._site_plan.clock.word(now_ms)
            raise self._wrong(
                f"{self._worker_id} reaches {piece.name!r} at {late}, and it makes no trip after"
            )
        leaves_ms, arrives_ms = trip
        plane = self._site_plan.site.plane
        self._walker.stand(leaves_ms)
        ride = _ride_on(piece, plane)
        self._walker.follow(ride, plane, leaves_ms, arrives_ms, felt=True, together=True)

    def _track(self, step: Step) -> None:
        assert step.track is not None
        site_plan = self._site_plan
        one = Choice(remedy="a step follows one of them: give a file with it alone")
        track = read_track(site_plan.source.folder / step.track, one)
        first = next((point.fix for point in track.points if point.fix is not None), None)
        if first is None:
            raise self._wrong(f"{step.track} has no fix in it; give a track that leads somewhere")
        self._walker.walk(site_plan.site.plane.to_xy(first.lat, first.lon))
        self._walker.follow(track, site_plan.site.plane, track.start_utc_ms, self._until_ms(step))

    def _leave(self, step: Step) -> None:
        assert step.leave is not None
        self._go(self._point(step.leave))


_STEPS: dict[str, Callable[[_Day, Step], None]] = {
    "work": _Day._work,
    "contracts": _Day._contracts,
    "stand": _Day._stand,
    "lunch": _Day._stand,
    "fetch": _Day._fetch,
    "walk": _Day._walk,
    "drive": _Day._drive,
    "ride": _Day._ride,
    "track": _Day._track,
    "leave": _Day._leave,
}


def _random_point(draws: KeyedDraws, area: Area) -> Point:
    """Draw a point inside, uniformly; of a sliver, the one that is surely inside."""
    x0, y0, x1, y1 = area.box or area.polygon.bounds
    for _ in range(POINT_TRIES):
        point = draws.uniform(x0, x1), draws.uniform(y0, y1)
        if area.contains(*point):
            return point
    sure = area.polygon.representative_point()
    return float(sure.x), float(sure.y)
