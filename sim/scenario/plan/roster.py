"""Who wears which badge, what it is like, and what will befall it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from badge.config import BadgeConfig, read_config
from badge.errors import InputError
from sim.engine.streams import plain_stream, seed_of
from sim.scenario.language.model import Badges, Capture, Incident
from sim.scenario.language.platforms import Some
from sim.scenario.language.read import ScenarioFile
from sim.scenario.plan.captures import Replayed, macs_of, read_captures
from sim.scenario.plan.days import WornDay, write_days
from sim.scenario.plan.names import check_names
from sim.scenario.plan.parameters import Parameters
from sim.scenario.plan.site import EquipmentPlan, SitePlan, plan_site, tag_of
from sim.scenario.plan.slots import Slot, slots_of
from sim.world.place import Mover, Spot


@dataclass(frozen=True, slots=True)
class PlannedIncident:
    """An incident on one badge, at a ms of the run."""

    at_ms: int
    incident: Incident


class Roster:
    """All badges of a run, each made when it is asked for; equal in every process."""

    def __init__(self, source: ScenarioFile, parameters: Parameters) -> None:
        self.source, self.parameters = source, parameters
        self.site_plan: SitePlan = plan_site(source, parameters)
        self._slots = slots_of(source)
        self._first_id = seed_of(parameters.seed, "devices", source.scenario.scenario) % 2**15 << 16
        check_names(source, self._slots, self.site_plan.site)
        self._captures = read_captures(self.site_plan)
        self._add_carried()
        self._check_incidents()

    def __len__(self) -> int:
        return self.parameters.badges

    def device_id(self, index: int) -> str:
        """Give the id of a badge: the seed's first digits, then the badge's number."""
        return f"ACT-{self._first_id + index + 1:08X}"

    def slot(self, index: int) -> Slot:
        """Give what the scenario says about a badge; beyond its own badges it begins again."""
        return self._slots[index % len(self._slots)]

    def group(self, index: int) -> Badges:
        """Give the group of a badge."""
        groups = self.source.scenario.badges
        return groups[self.slot(index).group] if groups else Badges(count=len(self._slots))

    def worker_id(self, index: int) -> str | None:
        """Give who wears it; the second round of the same people gets -2, and so on."""
        slot, turn = self.slot(index), index // len(self._slots)
        if slot.worker is None:
            return None
        return slot.worker if turn == 0 else f"{slot.worker}-{turn + 1}"

    def days(self, index: int) -> tuple[WornDay, ...]:
        """Write the days of a badge."""
        slot, worker_id = self.slot(index), self.worker_id(index)
        if slot.crew is None or slot.worker is None or worker_id is None:
            return ()
        return write_days(self.site_plan, slot.crew, worker_id, slot.worker)

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
        """List what befalls a badge, in order of time."""
        ms_of = self.site_plan.clock.ms_of
        found = [
            PlannedIncident(ms_of(one.at), one)
            for one in self.source.scenario.incidents
            if self.is_among(one, index)
        ]
        return sorted((one for one in found if one.at_ms >= 0), key=lambda one: one.at_ms)

    def is_among(self, some: Incident | Capture | Some, index: int) -> bool:
        """Say whether a badge is one of those that are meant: all, where nothing is said."""
        if some.badges is not None:
            return index + 1 in some.badges
        if not isinstance(some, Some) and some.worker is not None:
            return some.worker == self.worker_id(index)
        if not isinstance(some, Capture) and some.share is not None:
            return self._rank[index] < round(some.share * len(self))
        return True

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
        for number, group in enumerate(scenario.badges or [Badges(count=1)]):
            try:
                document = {"device_id": "ACT-00000000", **base, **group.config}
                configs.append(read_config(document))
            except InputError as error:
                raise self.source.wrong(str(error), "badges", number, "config") from None
        return configs

    def _add_carried(self) -> None:
        workers = {slot.worker: index for index, slot in enumerate(self._slots) if slot.worker}
        for name, one in self.source.scenario.equipment.items():
            if one.carried_by is None:
                continue
            if one.carried_by not in workers:
                what = f"{one.carried_by!r} carries it, but is in no crew"
                raise self.source.wrong(what, "equipment", name, "carried_by")
            mover = _carried(self.days(workers[one.carried_by]), self.site_plan.depot)
            self.site_plan.equipment[name] = EquipmentPlan(
                name, tag_of(self.source, self.parameters.seed, name), mover, one.known
            )

    def _check_incidents(self) -> None:
        scenario = self.source.scenario
        for number, capture in enumerate(scenario.site.captures):
            self._check_choice(capture, "site", "captures", number)
        for number, one in enumerate(scenario.incidents):
            self._check_choice(one, "incidents", number)
            if self.site_plan.clock.ms_of(one.at) < 0:
                begins = self.site_plan.clock.word(0)
                what = f"{one.at} is before the run starts at {begins}"
                raise self.source.wrong(what, "incidents", number, "at")

    def _check_choice(self, one: Incident | Capture, *path: str | int) -> None:
        """See that the badges and the worker that are named are there."""
        if one.worker is not None and one.worker not in {slot.worker for slot in self._slots}:
            raise self.source.wrong(f"{one.worker!r} is in no crew", *path, "worker")
        beyond = [badge for badge in one.badges or [] if badge > len(self._slots)]
        if beyond:
            what = f"there is no badge {beyond[0]}; the last one is {len(self._slots)}"
            raise self.source.wrong(what, *path, "badges")


def _carried(days: Sequence[WornDay], home: tuple[float, float]) -> Mover:
    """What is carried goes where the worker goes on the first day, and stays where it was left."""
    return days[0].journey if days else Spot(*home)
