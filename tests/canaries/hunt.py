"""Seeded bugs: the checks are good if each of these is caught, and a healthy badge passes.

A canary changes a class or a function while it is entered, and puts it back afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

from badge.effects import Erase
from badge.errors import MisuseError
from badge.storage.journal import FlashJournal
from sim.engine.flash import Torn, steps_of
from sim.engine.promises import BrokenPromiseError
from sim.powercut.checks import wear_level
from sim.powercut.cut import Cut, boot, cut_again, cut_image, cuts_of, forget, judge, live_on
from sim.powercut.damage import rot_damage, write_damage
from sim.powercut.workload import Trace, record

_STRIDE, _STRIDE_CLOSE = 41, 5  # bytes between cuts: odd, so that all places in a word come
SEED = 1  # of every hunt that does not ask for another life


class Canary(NamedTuple):
    """A bug, the checks that may catch it, which hunt it dies in, how it is planted, and the seed
    of a life in which it shows.
    """

    name: str
    promises: str
    hunt: str
    plant: Callable[[], AbstractContextManager[Any]]
    seed: int = SEED


@contextmanager
def patched(make: Any, *changes: tuple[Any, str, Any]) -> Iterator[Any]:
    """Put values in place of (module, name) for a while; nothing remembered crosses the border."""
    before = [(where, name, getattr(where, name)) for where, name, _ in changes]
    try:
        for where, name, value in changes:
            setattr(where, name, value)
        forget()
        yield make
    finally:
        for where, name, value in before:
            setattr(where, name, value)
        forget()


def caught(canary: Canary) -> BrokenPromiseError | None:
    """Hunt a canary; return the check that it died in, or None if it got away."""
    with canary.plant() as make:
        return hunt(canary.hunt, make, canary.seed)


def hunt(kind: str, make: Any = FlashJournal, seed: int = SEED) -> BrokenPromiseError | None:
    """Run one hunt on a journal or an upload; return the first broken promise, if there is one."""
    try:
        _HUNTS[kind](make, seed)
    except BrokenPromiseError as error:
        return error
    except MisuseError as error:
        return BrokenPromiseError("chip", str(error))
    return None


def _cuts(make: type[FlashJournal], seed: int) -> None:
    """Cut every effect at some bytes and at its last, with all patterns in turn."""
    trace = record.__wrapped__("small", seed, make)
    for cut in _some_cuts(trace):
        step = trace.steps[cut.effect]
        found = boot(cut_image(trace.geometry, step.before, step.effect, cut), make)
        judge(found, step.bound, 1)
        live_on(found, make)
    wear_level(trace.erases)


def _some_cuts(trace: Trace) -> Iterator[Cut]:
    """Cut closely where a page is opened: an erase, then several programs for one operation."""
    opened: object = None
    for at, step in enumerate(trace.steps):
        count = steps_of(step.effect, trace.geometry)
        if isinstance(step.effect, Erase):
            opened = step.bound.post
        close = step.bound.post is opened and not isinstance(step.effect, Erase)
        stride = _STRIDE_CLOSE if close else _STRIDE
        for turn, byte in enumerate(range(at % stride, count - 1, stride)):
            yield Cut(at, byte, Torn((turn + at) % len(Torn)))
        for torn in (Torn.WEAK, Torn(at % len(Torn)), Torn((at + 3) % len(Torn))):
            yield Cut(at, count - 1, torn)


def _nested(make: type[FlashJournal], seed: int) -> None:
    """Cut every program where it ends, weakly, and then the recovery at some bytes."""
    trace = record.__wrapped__("small", seed, make)
    for at, step in enumerate(trace.steps):
        first = Cut(at, steps_of(step.effect, trace.geometry) - 1, Torn.WEAK)
        found = boot(cut_image(trace.geometry, step.before, step.effect, first), make)
        image = found.chip.image()
        for turn, (effect, byte) in enumerate(cuts_of(found)):
            if turn % _STRIDE:
                continue
            chip = cut_again(found, image, Cut(effect, byte, Torn(turn % len(Torn))))
            again = boot(chip, make)
            judge(again, step.bound, 2)
            live_on(again, make)


def _writes(make: type[FlashJournal], seed: int) -> None:
    """Let writes be lost, on every third effect."""
    _raise(write_damage("lost", seed, make, stride=3).failure)


def _rot(make: type[FlashJournal], seed: int) -> None:
    """Let every waiting event rot."""
    _raise(rot_damage("rot_unacked", seed, make).failure)


def _raise(failure: BrokenPromiseError | None) -> None:
    if failure is not None:
        raise failure


def _upload(make: Any, seed: int) -> None:
    """Run a badge against a backend that gives every kind of answer."""
    from tests.canaries.backend import upload_in_trouble

    upload_in_trouble(seed)


_HUNTS: dict[str, Callable[[Any, int], None]] = {
    "cuts": _cuts,
    "nested": _nested,
    "writes": _writes,
    "rot": _rot,
    "upload": _upload,
}
