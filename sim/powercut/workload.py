"""A badge's life on one flash chip, drawn from a seed and recorded effect by effect.

A workload is run once.  Every crash image is a prefix of what was recorded, so that a cut costs
one recovery and nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

from badge.effects import Effect, Erase, Program
from badge.entry import Entry
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.memory import MemoryStore
from badge.storage.store import State, Store
from sim.engine.flash import FlashChip, Image, of_flash
from sim.engine.promises import BrokenPromiseError
from sim.engine.streams import plain_stream

QUARANTINE_MAX = 2
_BUSY = 40  # operations between two quiet times
_QUIET = ("age", "state", "state", "state", "boot")
Operation = Callable[[Store], Sequence[Effect]]


class Known(NamedTuple):
    """All that a store is bound to keep, as values that nobody changes any more."""

    next_sequence: int
    floor: int
    entries: tuple[Entry, ...]
    quarantined: tuple[tuple[Entry, str], ...]
    quarantine_count: int
    overflow_count: int
    state: State
    age_ms: int
    config: Mapping[str, Any] | None


def known(store: Store) -> Known:
    """Copy what a store keeps."""
    held = holds(store)
    return held._replace(
        entries=tuple(replace(entry) for entry in held.entries),
        quarantined=tuple((replace(entry), reason) for entry, reason in held.quarantined),
    )


def holds(store: Store) -> Known:
    """Return what a store keeps at this moment; its entries may be stamped later."""
    queue = store.queue
    return Known(
        queue.next_sequence,
        queue.floor,
        tuple(queue.entries),
        tuple((item.entry, item.reason) for item in queue.quarantined),
        queue.quarantine_count,
        queue.overflow_count,
        store.state,
        store.age_ms,
        store.config_document,
    )


class Bound(NamedTuple):
    """What the store is bound to keep before and after an operation, and each event that the
    operation puts in quarantine.
    """

    pre: Known
    post: Known
    refused: tuple[tuple[Entry, str], ...] = ()


class LifeStep(NamedTuple):
    """One flash effect, the chip before it, and what a cut in the middle may not break."""

    effect: Program | Erase
    before: Image
    bound: Bound


@dataclass(frozen=True)
class Trace:
    """A recorded workload; `laps` counts how often the ring was gone round."""

    name: str
    geometry: Geometry
    steps: tuple[LifeStep, ...]
    final: Image
    laps: float
    erases: tuple[int, ...]
    appends: int


class LifePlan(NamedTuple):
    """What a workload is like."""

    geometry: Geometry
    laps: float
    text_chars: int  # the longest text in a payload: how large events are
    queue_max: int
    append_share: float = 0.7
    others: tuple[str, ...] = (*("stamp", "age", "state", "boot") * 4, "config")
    appends: int = 0  # exactly so many, if not 0
    quiet: int = 0  # operations of a quiet time, in which the ring goes on and the queue waits


SMALL = Geometry(page_bytes=1536, config_pages=1, ring_pages=5)
REAL = Geometry(page_bytes=4096, config_pages=1, ring_pages=5)
PLANS: Mapping[str, LifePlan] = {
    "small": LifePlan(SMALL, 3.0, 30, 5, quiet=60),
    "real": LifePlan(REAL, 3.0, 90, 16, quiet=200),
    "appends": LifePlan(SMALL, 3.0, 50, 3, 0.31, ("age", "age", "state"), appends=100),
}


def draw(plan: LifePlan, seed: int, model: MemoryStore) -> Iterator[tuple[str, Operation]]:
    """Name and hand out operations for ever, each of them possible at that moment.

    With `plan.appends` there are exactly so many appends, at the beginning.
    """
    rng = plain_stream(seed, "workload")
    config = 0
    for turn in count():
        busy = turn % (_BUSY + plan.quiet) < _BUSY
        kind = _choose(rng, plan, model) if busy else rng.choice(_QUIET)
        if kind == "append" and 0 < plan.appends < model.queue.next_sequence:
            kind = rng.choice(plan.others)
        if kind == "append":
            yield kind, _append(rng, plan, model)
        elif kind == "settle":
            yield kind, _settle(rng, model)
        elif kind == "stamp":
            yield kind, _stamp(1_773_000_000_000 + rng.randrange(10_000))
        elif kind == "age":
            yield kind, _save_age(model.age_ms + rng.randrange(60_000))
        elif kind == "state":
            yield kind, _save_state(_changed(rng, model.state))
        elif kind == "config":
            config += 1
            document = {"device_id": "ACT-00000001", "n": config, "fill": "x" * rng.randrange(200)}
            yield kind, _save_config(document)
        else:
            yield kind, lambda store: store.recover().effects


def _choose(rng: random.Random, plan: LifePlan, model: MemoryStore) -> str:
    waiting = len(model.queue.entries)
    if waiting and rng.random() < 0.06 + 0.10 * (waiting >= plan.queue_max - 2):
        return "settle"
    if rng.random() < plan.append_share:
        return "append"
    return rng.choice(plan.others)


def _stamp(offset_ms: int) -> Operation:
    return lambda store: store.stamp(offset_ms)[0]


def _save_age(age_ms: int) -> Operation:
    return lambda store: store.save_age(age_ms)


def _save_state(state: State) -> Operation:
    return lambda store: store.save_state(state)


def _save_config(document: Mapping[str, Any]) -> Operation:
    return lambda store: store.save_config(document)


def _append(rng: random.Random, plan: LifePlan, model: MemoryStore) -> Operation:
    kinds = ("gps", "motion", "ble_proximity", "reboot", "upload_heartbeat")
    payload: dict[str, Any] = {"text": "e" * rng.randrange(plan.text_chars)}
    if rng.random() < 0.3:
        payload["rssi"] = -rng.randrange(1, 128)
        payload["lat"] = rng.uniform(-90, 90)
    state = _changed(rng, model.state) if rng.random() < 0.2 else model.state
    age_ms = model.age_ms + rng.randrange(20_000)
    stamped = 1_773_000_000_000 + age_ms if rng.random() < 0.7 else None
    number = model.queue.next_sequence
    kind: Any = rng.choice(kinds)

    def append(store: Store) -> Sequence[Effect]:
        return store.append(Entry(number, kind, payload, "0.3.1", age_ms, stamped), state)

    return append


def _settle(rng: random.Random, model: MemoryStore) -> Operation:
    numbers = [entry.sequence_number for entry in model.queue.entries]
    taken = numbers[: rng.randrange(1, len(numbers) + 1)]
    often = 0.4 if rng.random() < 0.5 else 0.0
    rejected = {n: f"refused {n}" for n in taken if rng.random() < often}
    return lambda store: store.settle(taken[-1], rejected)


def _changed(rng: random.Random, state: State) -> State:
    return replace(
        state,
        worker_id=rng.choice((None, "W-007", "jsmith")),
        shift_started_age_ms=rng.randrange(10**9),
        low_armed=rng.random() < 0.5,
    )


class LifeRecorder:
    """Drives a journal and a plain model side by side, and notes every flash effect."""

    def __init__(
        self, geometry: Geometry, queue_max: int, make: type[FlashJournal] = FlashJournal
    ) -> None:
        self.chip = FlashChip(geometry)
        self.journal = make(self.chip, geometry)
        self.model = MemoryStore()
        for queue in (self.journal.queue, self.model.queue):
            queue.queue_max, queue.quarantine_max = queue_max, QUARANTINE_MAX
        self.steps: list[LifeStep] = []
        self.appends = 0
        self._known = known(self.model)
        self.do("boot", lambda store: store.recover().effects)

    def do(self, kind: str, operation: Operation) -> None:
        """Do an operation on both, and the effects on the chip."""
        pre = self._known
        self.model.queue.quarantine_max = len(pre.entries) + QUARANTINE_MAX
        operation(self.model)
        refused = tuple(list(holds(self.model).quarantined)[len(pre.quarantined) :])
        self.model.queue.quarantine_max = QUARANTINE_MAX
        self.model.queue.settle(0, {})
        effects = operation(self.journal)
        self.appends += kind == "append"
        post = self._known = known(self.model)
        self._compare(kind, post)
        for effect in of_flash(effects):
            self.steps.append(LifeStep(effect, self.chip.image(), Bound(pre, post, refused)))
            assert self.chip.perform(effect)

    def _compare(self, kind: str, bound: Known) -> None:
        held = known(self.journal)
        for name, found, wanted in zip(Known._fields, held, bound, strict=True):
            if found != wanted:
                raise BrokenPromiseError(
                    _PROMISE_OF[name], f"after {kind}: {name} {found}, not {wanted}"
                )


_PROMISE_OF = {
    "next_sequence": "J1",
    "floor": "J4",
    "entries": "J3",
    "quarantined": "quarantine",
    "quarantine_count": "quarantine",
    "overflow_count": "overflow",
    "state": "state",
    "age_ms": "state",
    "config": "config",
}


@lru_cache(maxsize=8)
def record(name: str, seed: int, make: type[FlashJournal] = FlashJournal) -> Trace:
    """Run a workload once; the same name and seed give the same trace."""
    plan = PLANS[name]
    recorder = LifeRecorder(plan.geometry, plan.queue_max, make)
    ring = recorder.chip.erases[2 * plan.geometry.config_pages :]
    for kind, operation in draw(plan, seed, recorder.model):
        recorder.do(kind, operation)
        ring = recorder.chip.erases[2 * plan.geometry.config_pages :]
        if sum(ring) / len(ring) >= plan.laps and recorder.appends >= plan.appends:
            break
    chip = recorder.chip
    laps = sum(ring) / len(ring)
    steps = tuple(recorder.steps)
    return Trace(name, plan.geometry, steps, chip.image(), laps, tuple(ring), recorder.appends)
