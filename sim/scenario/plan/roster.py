"""Who wears which badge, what it is like, and what will befall it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from badge.config import BadgeConfig, read_config
from badge.errors import InputError
from sim.engine.streams import plain_stream, seed_of
from sim.scenario.calendar.wearers import Tenure, newcomers
from sim.scenario.language.model import Badges, Capture, Incident, Waves
from sim.scenario.language.platforms import Some
from sim.scenario.language.read import ScenarioFile
from sim.scenario.language.times import DAY_MS
from sim.scenario.plan.badge_lives import BadgeLife, badge_lives
from sim.scenario.plan.captures import Replayed, macs_of, read_captures
from sim.scenario.plan.carried import CarriedEquipment
from sim.scenario.plan.days import WornDay, write_day, write_days
from sim.scenario.plan.names import check_names
from sim.scenario.plan.parameters import Parameters
from sim.scenario.plan.site import EquipmentPlan, SitePlan, plan_site, silent_of, tag_of
from sim.scenario.plan.slots import Slot, slots_of
from sim.world.place import Mover, Spot


class PlannedIncident(NamedTuple):
    """An incident on one badge, at a ms of the run."""

    at_ms: int
    incident: Incident


class Roster:
    """All badges of a run, each made when it is asked for; equal in every process."""

    def __init__(
        self, source: ScenarioFile, parameters: Parameters, *, compiled: bool = False
    ) -> None:
        self.source, self.parameters = source, parameters
        self.site_plan: SitePlan = plan_site(source, parameters, compiled=compiled)
        self._slots = slots_of(source)
        self._groups = source.scenario.badges or [Badges(count=len(self._slots))]
        self._first_id = seed_of(parameters.seed, "devices", source.scenario.scenario) % 2**15 << 16
        check_names(source, self._slots, self.site_plan.site)
        calendar = self.site_plan.calendar
        self._lives = badge_lives(source, self._slots, self.site_plan.clock, calendar)
        self._captures = read_captures(self.site_plan)
        self._add_carried()
        self._check_incidents()

    def __len__(self) -> int:
        return self.parameters.badges

    @property
    def slots(self) -> int:
        """How many badges the scenario itself lists; beyond them it begins again."""
        return len(self._slots)

    def device_id(self, index: int) -> str:
        """Give the id of a badge: the seed's first digits, then the badge's number."""
        return f"ACT-{self._first_id + index + 1:08X}"

    def slot(self, index: int) -> Slot:
        """Give what the scenario says about a badge; beyond its own badges it begins again."""
        return self._slots[index % len(self._slots)]

    def group(self, index: int) -> Badges:
        """Give the group of a badge."""
        return self._groups[self.slot(index).group]

    def worker_id(self, index: int) -> str | None:
        """Give who wears it; the second round of the same people gets -2, and so on."""
        slot, turn = self.slot(index), index // len(self._slots)
        if slot.worker is None:
            return None
        return _in_turn(slot.worker, turn)

    def life(self, index: int) -> BadgeLife:
        """Give from when to when a badge works, and who wears it by date."""
        return self._lives[index % len(self._slots)]

    def days(self, index: int) -> tuple[WornDay, ...]:
        """Write the days of a badge: of whoever wears it, while it works."""
        life = self.life(index)
        if self.site_plan.calendar is not None:
            days: Sequence[WornDay] = list(self._calendar_days(index))
        else:
            slot, worker_id = self.slot(index), self.worker_id(index)
            if slot.crew is None or slot.worker is None or worker_id is None:
                return ()
            days = write_days(self.site_plan, slot.crew, worker_id, slot.worker)
        return tuple(day for day in days if life.begins_ms <= day.start_ms < life.ends_ms)

    def _calendar_days(self, index: int) -> Iterator[WornDay]:
        for number, one in self.planned_days(index):
            worker_id = _in_turn(one.worker, index // len(self._slots))
            made = write_day(self.site_plan, one.crew, worker_id, one.worker, number)
            if made is not None:
                yield made

    def try_first_day(self) -> None:
        """Write the first day of each crew that has a badge; InputError if it is before the start.

        Of a scenario with a calendar: whoever lives badges elsewhere, and late, is told at once.
        """
        tried: set[str] = set()
        for index in range(min(len(self), self.slots)) if self.site_plan.calendar else ():
            for number, one in self.planned_days(index):
                if number > 0:
                    break
                if one.crew not in tried:
                    tried.add(one.crew)
                    write_day(self.site_plan, one.crew, one.worker, one.worker, number)

    def planned_days(self, index: int) -> Iterator[tuple[int, Tenure]]:
        """Give the number of each day of a calendar on which a badge is worn, and by whom."""
        calendar = self.site_plan.calendar
        assert calendar is not None
        for number, day in enumerate(calendar.dates):
            for one in self.life(index).tenures:
                if one.first <= day <= one.last and calendar.crews[one.crew][number].kind != "off":
                    yield number, one

    def config(self, index: int) -> BadgeConfig:
        """Give the configuration of a badge; its tags are shared between badges."""
        group = self._configs[self.slot(index).group]
        made = group.model_copy(update={"device_id": self.device_id(index)})
        # Which fields were given is the same for all; a set of its own costs a badge 0.2 KiB.
        object.__setattr__(made, "__pydantic_fields_set__", group.__pydantic_fields_set__)
        return made

    def fault(self, index: int) -> str | None:
        """Give what is broken about a badge."""
        faulty = self.group(index).faulty
        if faulty is None:
            return None
        drawn = plain_stream(self.parameters.seed, "faulty", index).random()
        return faulty.fault if drawn < faulty.share else None

    def captures(self, index: int) -> tuple[Replayed, ...]:
        """Give the real captures that a badge hears."""
        return tuple(one for one in self._captures if self.is_among(one.words, index))

    def incidents(self, index: int) -> list[PlannedIncident]:
        """List what befalls a badge while it works or before the run starts, in order of time."""
        ms_of, life = self.site_plan.clock.ms_of, self.life(index)
        found = []
        for one in self.source.scenario.incidents:
            at_ms = ms_of(one.at)
            if one.waves is not None:
                number = self._wave(one.waves, index)
                if number is None:
                    continue
                at_ms += number * one.waves.every_days * DAY_MS
            elif not self.is_among(one, index):
                continue
            if at_ms < life.ends_ms:
                found.append(PlannedIncident(at_ms, one))
        return sorted(found, key=lambda one: one.at_ms)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What is over when the run starts, and no state that it could begin with; sentences.

        People have come and gone by then, badges been handed on, and roll-outs been made.
        """
        clock = self.site_plan.clock
        over: list[tuple[tuple[str | int, ...], str, str]] = [
            (("incidents", number), one.action, one.at)
            for number, one in enumerate(self.source.scenario.incidents)
            if (ms := clock.ms_of(one.at)) < 0 and not one.is_felt_after(-ms)
        ]
        over += [
            (("site", "captures", number), one.words.file, one.words.at)
            for number, one in enumerate(self._captures)
            if one.log.sightings[-1].utc_ms < 0
        ]
        begins = clock.word(0)
        return tuple(
            str(
                self.source.wrong(
                    f"{at} is before the run starts at {begins}; left out: {what}", *path
                )
            )
            for path, what, at in over
        )

    def _wave(self, waves: Waves, index: int) -> int | None:
        """Give the first wave that reaches a badge; None if none does."""
        shares = (round(share * len(self)) for share in waves.shares)
        return next((n for n, count in enumerate(shares) if self._rank[index] < count), None)

    def is_among(self, some: Incident | Capture | Some, index: int) -> bool:
        """Say whether a badge is one of those that are meant: all, where nothing is said."""
        if some.badges is not None:
            return index + 1 in some.badges
        if not isinstance(some, Some) and some.worker is not None:
            return self._worn_by(some.worker, some.at, index)
        if not isinstance(some, Capture) and some.share is not None:
            return self._rank[index] < round(some.share * len(self))
        return True

    def _worn_by(self, worker: str, at: str, index: int) -> bool:
        """Say whether it is a worker's badge at a time."""
        calendar = self.site_plan.calendar
        if calendar is None:
            return worker == self.worker_id(index)
        clock = self.site_plan.clock
        day, turn = clock.date_of(clock.day_of(max(clock.ms_of(at), 0))), index // len(self._slots)
        tenures = self.life(index).tenures if turn == 0 else ()
        return any(one.worker == worker and one.first <= day <= one.last for one in tenures)

    @cached_property
    def _rank(self) -> list[int]:
        """Shuffle the badges once, so that a larger share holds the smaller one."""
        order = sorted(range(len(self)), key=lambda i: seed_of(self.parameters.seed, "share", i))
        ranks = [0] * len(order)
        for rank, index in enumerate(order):
            ranks[index] = rank
        return ranks

    @cached_property
    def _configs(self) -> list[BadgeConfig]:
        scenario = self.source.scenario
        tags = [one.tag for one in scenario.equipment.values() if one.known]
        tags += [mac for mac in macs_of(self._captures) if mac not in tags]
        base = {"company_id": scenario.company_id, "known_equipment_tags": tags}
        configs = []
        for number, group in enumerate(self._groups):
            try:
                document = {"device_id": "ACT-00000000", **base, **group.config}
                configs.append(read_config(document))
            except InputError as error:
                raise self.source.wrong(str(error), "badges", number, "config") from None
        return configs

    def _add_carried(self) -> None:
        crews = {slot.worker: slot.crew for slot in self._slots if slot.worker and slot.crew}
        for name, one in self.source.scenario.equipment.items():
            if one.carried_by is None:
                continue
            if one.carried_by not in crews:
                what, path = "carries it, but is in no crew", ("equipment", name, "carried_by")
                raise self.source.unknown(one.carried_by, what, list(crews), *path)
            tag, silent = (
                tag_of(self.source, self.parameters.seed, name),
                silent_of(self.site_plan, name),
            )
            mover = self._carrier(crews[one.carried_by], one.carried_by)
            self.site_plan.equipment[name] = EquipmentPlan(name, tag, mover, one.known, (), silent)

    def _carrier(self, crew: str, worker: str) -> Mover:
        """What is carried goes where the worker goes, and stays where it was left."""
        home = self.site_plan.depot
        if self.site_plan.calendar is not None:
            return CarriedEquipment(self.site_plan, crew, worker)
        # Without a calendar it goes along on the first day alone, as it always has.
        days = write_days(self.site_plan, crew, worker, worker)
        return days[0].journey if days else Spot(*home)

    def _check_incidents(self) -> None:
        scenario = self.source.scenario
        for number, capture in enumerate(scenario.site.captures):
            self._check_choice(capture, "site", "captures", number)
        for number, one in enumerate(scenario.incidents):
            self._check_choice(one, "incidents", number)
            self.site_plan.check_begun(one.at, "incidents", number, "at")

    def _check_choice(self, one: Incident | Capture, *path: str | int) -> None:
        """See that the badges and the worker that are named are there."""
        calendar = self.source.scenario.calendar
        known = {slot.worker for slot in self._slots} | set(newcomers(calendar) if calendar else ())
        if one.worker is not None and one.worker not in known:
            names = sorted(filter(None, known))
            raise self.source.unknown(one.worker, "is in no crew", names, *path, "worker")
        beyond = [badge for badge in one.badges or [] if badge > len(self._slots)]
        if beyond:
            what = f"there is no badge {beyond[0]}; the last one is {len(self._slots)}"
            raise self.source.wrong(what, *path, "badges")


def _in_turn(worker: str, turn: int) -> str:
    return worker if turn == 0 else f"{worker}-{turn + 1}"
