"""Many cuts: each byte once (depth 1), each byte of each recovery too (depth 2), drawn (depth 3).

Work is split into tasks by effect and by batch, never by process: what a seed proves is the same
for any number of processes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from badge.effects import Erase, Program
from badge.host.core.store import CJournal
from badge.storage.journal import FlashJournal
from sim.engine.flash import FlashChip, Torn, steps_of
from sim.engine.promises import BrokenPromiseError
from sim.engine.streams import plain_stream
from sim.powercut.checks import wear_level
from sim.powercut.cut import Cut, CutPoint, boot, cut_again, cut_image, cuts_of, judge, live_on
from sim.powercut.damage import ROT_KINDS, rot_damage, write_damage
from sim.powercut.workload import LifeStep, Trace, known, record

BATCH_POINTS = 500  # of drawn points
ALL_TORN = tuple(Torn)
_FAILURES_MAX = 3  # of one task: the first ones say it all
_REAL_STRIDE = 23  # bytes between the cuts of a program of a real page: all places in a word
_REAL_ERASE_STRIDE = 64  # bytes between the cuts of an erase of a real page
_NESTED_ERASE_STRIDE = 128  # the same where two cuts are combined
_LIVE_ON_EVERY = 20
_CUTS_DRAWN = 3


class Failure(NamedTuple):
    """A promise that did not hold, what was found, and the options that repeat exactly that."""

    promise: str
    found: str
    options: str


@dataclass(slots=True)
class TaskResult:
    """What was proven: `points` cuts; `images` of them left something that had not been seen."""

    points: int = 0
    images: int = 0
    cpu_s: float = 0.0
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: TaskResult) -> None:
        """Join two results, in order."""
        self.points += other.points
        self.images += other.images
        self.cpu_s += other.cpu_s
        self.failures += other.failures


class Scope(NamedTuple):
    """What is cut, and how it tears."""

    torn: tuple[Torn, ...] = ALL_TORN
    programs: bool = True
    erases: bool = True
    erase_patterns: int = len(ALL_TORN)  # at each byte of an erase, in turn

    def covers(self, effect: Program | Erase) -> bool:
        """Say whether this kind of effect is cut."""
        return self.erases if isinstance(effect, Erase) else self.programs


EVERYTHING = Scope()


class Task(NamedTuple):
    """Cut effects `first` to `last` of a workload, or draw that batch of points (depth 3), or
    damage a workload in that way (depth 0); `core` is about the journal in C.
    """

    depth: int
    workload: str
    seed: int
    first: int = 0
    last: int = 0
    scope: Scope = EVERYTHING
    core: bool = False

    @property
    def journal(self) -> type[FlashJournal]:
        """Whose power is cut."""
        return journal_of(core=self.core)


def journal_of(*, core: bool) -> type[FlashJournal]:
    """Return the journal in C, which is driven as the one in Python, or that."""
    return cast("type[FlashJournal]", CJournal) if core else FlashJournal


def tasks(
    depth: int, seed: int, points: int = 0, scope: Scope = EVERYTHING, *, core: bool = False
) -> list[Task]:
    """Split a whole run into tasks of some seconds at most.

    Depth 1: every byte of `small` with every torn pattern, and of `real` at a stride with the
    patterns in turn.  Depth 2: every byte of `appends` and every byte of each recovery, patterns
    in turn.  Depth 3: `points` drawn ones.
    """
    if depth == 3:
        batches = -(-points // BATCH_POINTS)
        return [Task(3, "small", seed, n, n + 1, scope, core) for n in range(batches)]
    names, width = (("small", "real"), 4) if depth == 1 else (("appends",), 1)
    return [
        Task(depth, name, seed, at, min(at + width, count), scope, core)
        for name in names
        for count in [len(record(name, seed).steps)]
        for at in range(0, count, width)
    ]


def damage_tasks(kinds: Sequence[str], seed: int, *, core: bool = False) -> list[Task]:
    """Return one task for each kind of damage that is no cut."""
    return [Task(0, kind, seed, core=core) for kind in kinds]


def perform(task: Task) -> TaskResult:
    """Do one task."""
    started = time.process_time()
    result = TaskResult()
    if task.depth == 0:
        _damage(task, result)
    else:
        _cut(task, result)
    result.cpu_s = time.process_time() - started
    return result


def _damage(task: Task, result: TaskResult) -> None:
    kind = task.workload
    done = (rot_damage if kind in ROT_KINDS else write_damage)(kind, task.seed, task.journal)
    result.points = result.images = done.points
    if done.failure is not None:
        options = f"{_core_option(task)}--damage {kind} --seed {task.seed}"
        result.failures.append(Failure(done.failure.promise, done.failure.seen, options))


def _cut(task: Task, result: TaskResult) -> None:
    try:
        trace = record(task.workload, task.seed)  # in C the same, effect for effect
        wear_level(trace.erases)
    except BrokenPromiseError as error:
        options = f"{_core_option(task)}--depth {task.depth} --seed {task.seed}"
        result.failures.append(Failure(error.promise, error.seen, options))
        return
    for _ in _DEPTHS[task.depth](task, trace, result):
        if len(result.failures) >= _FAILURES_MAX:
            break


def _once(task: Task, trace: Trace, result: TaskResult) -> Iterator[None]:
    for at in range(task.first, task.last):
        step = trace.steps[at]
        if not task.scope.covers(step.effect):
            continue
        seen: set[object] = set()
        for cut in _cuts(task, step, at, trace):
            result.points += 1
            chip = cut_image(trace.geometry, step.before, step.effect, cut)
            look = chip.look(step.effect.address)
            if look in seen and cut.torn is not Torn.WEAK:
                continue  # a byte that a pattern leaves as another did: the same image
            seen.add(look)
            result.images += 1
            # Weak cells can change a boot's mind.
            every = 6 if cut.torn is Torn.WEAK else _LIVE_ON_EVERY
            lives_on = (cut.step + cut.torn) % every == 0
            with _noted(result, task, (cut,)):
                _prove(chip, step, 1, lives_on, task.journal)
                if task.core and cut.torn is not Torn.WEAK:  # those read differently each time
                    _compare(cut_image(trace.geometry, step.before, step.effect, cut))
            yield


def _cuts(task: Task, step: LifeStep, at: int, trace: Trace) -> Iterator[Cut]:
    """Return the cuts of one effect: all patterns for a small ring, else one after the other."""
    count = steps_of(step.effect, trace.geometry)
    if task.workload == "small":
        scope = task.scope
        most = scope.erase_patterns if isinstance(step.effect, Erase) else len(scope.torn)
        for byte in range(count):
            for turn, torn in enumerate(scope.torn):
                if (turn + 3 * byte) % len(scope.torn) < most:
                    yield Cut(at, byte, torn)
        return
    stride = 1 if task.depth == 2 else _REAL_STRIDE
    if isinstance(step.effect, Erase):
        stride = _REAL_ERASE_STRIDE if task.depth == 1 else _NESTED_ERASE_STRIDE
    for turn, byte in enumerate(range(at % stride, count, stride)):
        yield Cut(at, byte, task.scope.torn[(turn + at) % len(task.scope.torn)])


def _twice(task: Task, trace: Trace, result: TaskResult) -> Iterator[None]:
    for at in range(task.first, task.last):
        step = trace.steps[at]
        if not task.scope.covers(step.effect):
            continue
        for first in _cuts(task, step, at, trace):
            found = boot(cut_image(trace.geometry, step.before, step.effect, first), task.journal)
            image = found.chip.image()
            for turn, (effect, byte) in enumerate(cuts_of(found)):
                if isinstance(found.effects[effect], Erase) and byte % _NESTED_ERASE_STRIDE:
                    continue
                second = Cut(
                    effect, byte, task.scope.torn[(turn + first.step) % len(task.scope.torn)]
                )
                result.points += 1
                result.images += 1
                lives_on = result.points % (_LIVE_ON_EVERY * 5) == 0
                with _noted(result, task, (first, second)):
                    _prove(cut_again(found, image, second), step, 2, lives_on, task.journal)
                yield


def _thrice(task: Task, trace: Trace, result: TaskResult) -> Iterator[None]:
    """Draw three cuts: the workload, its place, and two more while the badge recovers."""
    rng = plain_stream(task.seed, "points", task.first)
    places = [n for n, step in enumerate(trace.steps) if task.scope.covers(step.effect)]
    for _ in range(BATCH_POINTS):
        at = rng.choice(places)
        step = trace.steps[at]
        byte = rng.randrange(steps_of(step.effect, trace.geometry))
        cuts = [Cut(at, byte, rng.choice(task.scope.torn))]
        with _noted(result, task, cuts):
            chip = cut_image(trace.geometry, step.before, step.effect, cuts[0])
            while len(cuts) < _CUTS_DRAWN:
                found = boot(chip, task.journal)
                effect = rng.randrange(len(found.effects))
                byte = rng.randrange(steps_of(found.effects[effect], trace.geometry))
                cuts.append(Cut(effect, byte, rng.choice(task.scope.torn)))
                chip = cut_again(found, found.chip.image(), cuts[-1])
            _prove(chip, step, len(cuts), lives_on=True, make=task.journal)
        result.points += 1
        result.images += 1
        yield


_DEPTHS = {1: _once, 2: _twice, 3: _thrice}


@contextmanager
def _noted(result: TaskResult, task: Task, cuts: Sequence[Cut]) -> Iterator[None]:
    """Note a broken promise with the options that repeat exactly these cuts."""
    try:
        yield
    except BrokenPromiseError as error:
        point = CutPoint(task.workload, task.seed, tuple(cuts))
        options = f"{_core_option(task)}--point {point}"
        result.failures.append(Failure(error.promise, error.seen, options))


def _core_option(task: Task) -> str:
    return "--core c " if task.core else ""


def _prove(
    chip: FlashChip, step: LifeStep, losses: int, lives_on: bool, make: type[FlashJournal]
) -> None:
    found = boot(chip, make)
    judge(found, step.bound, losses)
    if lives_on:
        live_on(found, make)


def _compare(chip: FlashChip) -> None:
    """The journal in C finds in these cells what the one in Python finds, and writes the same."""
    image = chip.image()
    mine, other = (
        boot(FlashChip(chip.geometry, image), journal_of(core=core)) for core in (True, False)
    )
    if mine.recovered != other.recovered or known(mine.journal) != known(other.journal):
        raise BrokenPromiseError("equal", f"in C {mine.recovered}, in Python {other.recovered}")


def repeat(point: CutPoint, *, core: bool = False) -> None:
    """Do one point again; raises `BrokenPromiseError` if a promise does not hold."""
    make = journal_of(core=core)
    trace = record(point.workload, point.seed)
    step = trace.steps[point.cuts[0].effect]
    chip = cut_image(trace.geometry, step.before, step.effect, point.cuts[0])
    for cut in point.cuts[1:]:
        found = boot(chip, make)
        chip = cut_again(found, found.chip.image(), cut)
    _prove(chip, step, len(point.cuts), lives_on=True, make=make)
