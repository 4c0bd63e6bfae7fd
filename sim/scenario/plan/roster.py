"""Who wears which badge, what it is like, and what will befall it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from badge.config import BadgeConfig, read_config
from badge.errors import InputError
from sim.engine.streams import plain_stream, seed_of
from sim.scenario.language.model import Badges, Capture, Incident
from sim.scenario.language.read import Told
from sim.scenario.plan.captures import Replayed, macs_of, read_captures
from sim.scenario.plan.days import Wear, write_wears
from sim.scenario.plan.site import Asked, Machine, Terrain, build_terrain, tag_of
from sim.world.place import Mover, Spot


@dataclass(frozen=True, slots=True)
class Slot:
    """A badge as the scenario tells it: its group, and its worker if somebody wears it."""

    group: int
    crew: str | None = None
    worker: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """An incident on one badge, at a ms of the run."""

    at_ms: int
    incident: Incident


class Roster:
    """All badges of a run, each made when it is asked for; equal in every process."""

    def __init__(self, told: Told, asked: Asked) -> None:
        self.told, self.asked = told, asked
        self.terrain: Terrain = build_terrain(told, asked)
        self._slots = slots_of(told)
        self._first_id = seed_of(asked.seed, "devices", told.scenario.scenario) % 2**15 << 16
        self._captures = read_captures(self.terrain)
        self._add_carried()
        self._check_incidents()

    def __len__(self) -> int:
        return self.asked.badges

    def device_id(self, index: int) -> str:
        """Give the id of a badge: the seed's first digits, then the badge's number."""
        return f"ACT-{self._first_id + index + 1:08X}"

    def slot(self, index: int) -> Slot:
        """Give what the scenario says about a badge; beyond its own badges it begins again."""
        return self._slots[index % len(self._slots)]

    def group(self, index: int) -> Badges:
        """Give the group of a badge."""
        groups = self.told.scenario.badges
        return groups[self.slot(index).group] if groups else Badges(count=len(self._slots))

    def worker_id(self, index: int) -> str | None:
        """Give who wears it; the second round of the same people gets -2, and so on."""
        slot, turn = self.slot(index), index // len(self._slots)
        if slot.worker is None:
            return None
        return slot.worker if turn == 0 else f"{slot.worker}-{turn + 1}"

    def wears(self, index: int) -> tuple[Wear, ...]:
        """Write the days of a badge."""
        slot, worker_id = self.slot(index), self.worker_id(index)
        if slot.crew is None or slot.worker is None or worker_id is None:
            return ()
        return write_wears(self.terrain, slot.crew, worker_id, slot.worker)

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
        drawn = plain_stream(self.asked.seed, "faulty", index).random()
        return faulty.fault if drawn < faulty.share else None

    def captures(self, index: int) -> tuple[Replayed, ...]:
        """Give the real captures that a badge hears."""
        return tuple(one for one in self._captures if self._strikes(one.words, index))

    def incidents(self, index: int) -> list[Planned]:
        """List what befalls a badge, in order of time."""
        ms_of = self.terrain.clock.ms_of
        found = [
            Planned(ms_of(one.at), one)
            for one in self.told.scenario.incidents
            if self._strikes(one, index)
        ]
        return sorted((one for one in found if one.at_ms >= 0), key=lambda one: one.at_ms)

    def _strikes(self, incident: Incident | Capture, index: int) -> bool:
        if incident.badges is not None:
            return index + 1 in incident.badges
        if incident.worker is not None:
            return incident.worker == self.worker_id(index)
        if isinstance(incident, Incident) and incident.share is not None:
            return self._rank[index] < round(incident.share * len(self))
        return True

    @cached_property
    def _rank(self) -> list[int]:
        """Shuffle the badges once, so that a larger share holds the smaller one."""
        order = sorted(range(len(self)), key=lambda i: seed_of(self.asked.seed, "share", i))
        ranks = [0] * len(order)
        for rank, index in enumerate(order):
            ranks[index] = rank
        return ranks

    @cached_property
    def _configs(self) -> list[BadgeConfig]:
        scenario = self.told.scenario
        tags = [one.tag for one in scenario.equipment.values() if one.known]
        tags += [mac for mac in macs_of(self._captures) if mac not in tags]
        base = {"company_id": scenario.company_id, "known_equipment_tags": tags}
        configs = []
        for number, group in enumerate(scenario.badges or [Badges(count=1)]):
            try:
                document = {"device_id": "ACT-00000000", **base, **group.config}
                configs.append(read_config(document))
            except InputError as error:
                raise self.told.wrong(str(error), "badges", number, "config") from None
        return configs

    def _add_carried(self) -> None:
        workers = {slot.worker: index for index, slot in enumerate(self._slots) if slot.worker}
        for name, one in self.told.scenario.equipment.items():
            if one.carried_by is None:
                continue
            if one.carried_by not in workers:
                what = f"{one.carried_by!r} carries it, but is in no crew"
                raise self.told.wrong(what, "equipment", name, "carried_by")
            mover = _carried(self.wears(workers[one.carried_by]), self.terrain.depot)
            self.terrain.machines[name] = Machine(name, tag_of(self.told, name), mover, one.known)

    def _check_incidents(self) -> None:
        scenario = self.told.scenario
        for number, capture in enumerate(scenario.site.captures):
            self._check_choice(capture, "site", "captures", number)
        for number, one in enumerate(scenario.incidents):
            self._check_choice(one, "incidents", number)
            if self.terrain.clock.ms_of(one.at) < 0:
                begins = self.terrain.clock.word(0)
                what = f"{one.at} is before the run starts at {begins}"
                raise self.told.wrong(what, "incidents", number, "at")

    def _check_choice(self, one: Incident | Capture, *path: str | int) -> None:
        """See that the badges and the worker that are named are there."""
        if one.worker is not None and one.worker not in {slot.worker for slot in self._slots}:
            raise self.told.wrong(f"{one.worker!r} is in no crew", *path, "worker")
        beyond = [badge for badge in one.badges or [] if badge > len(self._slots)]
        if beyond:
            what = f"there is no badge {beyond[0]}; the last one is {len(self._slots)}"
            raise self.told.wrong(what, *path, "badges")


def slots_of(told: Told) -> list[Slot]:
    """Give every badge its group and its worker, in the order of the file."""
    workers = [(crew, worker) for crew in told.scenario.crews for worker in people(told, crew)]
    named = Counter(name for _, name in workers)
    for name, times in named.items():
        if times > 1:
            raise told.wrong(f"{name!r} is in the crews {times} times", "crews")
    groups = [
        number for number, group in enumerate(told.scenario.badges) for _ in range(group.count)
    ]
    groups = groups or [0] * len(workers)
    if not groups:
        raise told.wrong("there are neither badges nor crews; say how many badges there are")
    if len(groups) < len(workers):
        what = f"{len(workers)} workers, but only {len(groups)} badges"
        raise told.wrong(what, "badges")
    pairs: Sequence[tuple[str | None, str | None]] = workers
    spare = [(None, None)] * (len(groups) - len(workers))
    return [
        Slot(group, crew, worker)
        for group, (crew, worker) in zip(groups, [*pairs, *spare], strict=True)
    ]


def people(told: Told, crew: str) -> list[str]:
    """Name the workers of a crew."""
    workers = told.scenario.crews[crew].workers
    if isinstance(workers, list):
        return list(workers)
    return [f"{crew} {number}" for number in range(1, workers + 1)]


def _carried(wears: Sequence[Wear], home: tuple[float, float]) -> Mover:
    """What is carried goes where the worker goes on the first day, and stays where it was left."""
    return wears[0].journey if wears else Spot(*home)
