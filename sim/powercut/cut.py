"""One cut: the image that it leaves, the recovery from it, and whether every promise held.

A point names where power was cut: `effect:byte:torn`, and after slashes where it was cut again
while the badge recovered, e.g. `small/1/231:17:weak/0:5:low` (workload, seed, cuts).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple

from badge.effects import Erase, Program
from badge.entry import Entry
from badge.errors import InputError, MisuseError
from badge.storage.codec import read_body
from badge.storage.geometry import OPEN_BYTES, Geometry
from badge.storage.journal import FlashJournal
from badge.storage.page import Page, read_opening, read_page
from badge.storage.record import scan
from badge.storage.store import Recovered
from sim.engine.flash import FlashChip, Image, Torn, of_flash, steps_of
from sim.engine.promises import BrokenPromiseError
from sim.powercut.checks import PROMISES, JudgedBoot
from sim.powercut.workload import PLANS, QUARANTINE_MAX, Bound, known

QUEUE_MAX = 1000  # more than any workload holds: recovery drops nothing

# A scan is a function of a page's bytes; most pages are the same at neighbouring points.
_body = lru_cache(maxsize=4096)(read_body)
_opening = lru_cache(maxsize=4096)(read_opening)


_prefixes: dict[int, tuple[bytes, Page]] = {}  # by generation: whole records, what they say


@lru_cache(maxsize=4096)
def _page(image: bytes, generation: int) -> Page:
    """Read a page; of one that goes on like the last one of its generation, only the rest."""
    prefix, page = _prefixes.get(generation, (b"", None))
    if page is not None and image.startswith(prefix):
        rest = scan(image, len(prefix), generation)
        if not rest.records:
            torn = bool(rest.damaged) and rest.damaged[-1][1] == rest.end
            end = max(OPEN_BYTES, len(image.rstrip(b"\xff")))
            return page._replace(end=end, torn=torn)
    page = read_page(image, generation, _body)
    if page.lines:
        last = page.lines[-1]
        _prefixes[generation] = image[: max(OPEN_BYTES, last.offset + last.size)], page
    return page


def forget() -> None:
    """Drop what was remembered of pages: the code that reads them has changed."""
    for memory in (_body, _opening, _page):
        memory.cache_clear()
    _prefixes.clear()


class Cut(NamedTuple):
    """Power is cut at this byte of this effect, and leaves it torn so."""

    effect: int
    step: int
    torn: Torn

    def __str__(self) -> str:
        return f"{self.effect}:{self.step}:{self.torn.name.lower()}"


class CutPoint(NamedTuple):
    """A workload, its seed, and the cuts: the first in the workload, the others in recoveries."""

    workload: str
    seed: int
    cuts: tuple[Cut, ...]

    def __str__(self) -> str:
        return "/".join((self.workload, str(self.seed), *map(str, self.cuts)))


def parse_point(text: str) -> CutPoint:
    """Read a point; `InputError` if it is none."""
    try:
        workload, seed, *words = text.split("/")
        cuts = [word.split(":") for word in words]
        found = tuple(Cut(int(at), int(step), Torn[torn.upper()]) for at, step, torn in cuts)
        if workload not in PLANS or not found:
            raise ValueError
        return CutPoint(workload, int(seed), found)
    except (ValueError, KeyError):
        raise InputError(
            f"point {text!r}: expected WORKLOAD/SEED/EFFECT:BYTE:TORN[/…] as a failure prints it"
        ) from None


class Recovery(NamedTuple):
    """What a badge on this image does when it boots, before any of it is performed."""

    chip: FlashChip
    journal: FlashJournal
    recovered: Recovered
    effects: tuple[Program | Erase, ...]


def cut_image(geometry: Geometry, before: Image, effect: Program | Erase, cut: Cut) -> FlashChip:
    """Return the chip as the cut leaves it."""
    seed = cut.effect * 1_000_003 + cut.step * 8 + cut.torn
    chip = FlashChip(geometry, before, seed)
    chip.cut(effect, cut.step, cut.torn)
    return chip


def boot(chip: FlashChip, make: type[FlashJournal] = FlashJournal) -> Recovery:
    """Let a badge read this chip; nothing is written yet."""
    journal = make(chip, chip.geometry, _page, _opening)
    journal.queue.queue_max, journal.queue.quarantine_max = QUEUE_MAX, QUARANTINE_MAX
    chip.reads = 0
    recovered = journal.recover()
    return Recovery(chip, journal, recovered, of_flash(recovered.effects))


def judge(found: Recovery, bound: Bound, losses: int) -> None:
    """Raise `BrokenPromiseError` if a promise does not hold for this recovery."""
    geometry = found.chip.geometry
    first_of_ring = geometry.page_address(0)
    erases = [effect.address for effect in found.effects if isinstance(effect, Erase)]
    in_ring = sum(address >= first_of_ring for address in erases)
    case = JudgedBoot(
        found.journal,
        geometry,
        found.recovered,
        bound,
        losses,
        found.chip.reads,
        in_ring,
        len(erases) - in_ring,
    )
    for promise in PROMISES:
        promise(case)


def live_on(found: Recovery, make: type[FlashJournal] = FlashJournal) -> None:
    """Perform the recovery, log one event, lose power in peace, boot again: nothing may differ.

    Weak cells are read afresh, so that what a boot decided once must stay decided (J5).
    """
    chip, journal = found.chip, found.journal
    with _rules():
        for effect in found.effects:
            chip.perform(effect)
        number = journal.queue.next_sequence
        entry = Entry(number, "upload_heartbeat", {}, "0.3.1", journal.age_ms)
        for effect in of_flash(journal.append(entry, journal.state)):
            chip.perform(effect)
    kept = known(journal)
    again = boot(chip, make)
    try:
        judge(again, Bound(kept, kept), 0)
    except BrokenPromiseError as error:
        raise BrokenPromiseError(
            error.promise, f"at the boot after the next: {error.seen}"
        ) from error


@contextmanager
def _rules() -> Iterator[None]:
    """A rule of the chip that the journal broke is a broken promise, too."""
    try:
        yield
    except MisuseError as error:
        raise BrokenPromiseError("chip", str(error)) from error


def cut_again(found: Recovery, image: Image, cut: Cut) -> FlashChip:
    """Return the chip that a cut during this recovery leaves, from the image that it started on."""
    geometry = found.chip.geometry
    effect = found.effects[cut.effect]
    with _rules():
        if cut.effect:
            chip = FlashChip(geometry, image)
            for before in found.effects[: cut.effect]:
                chip.perform(before)
            image = chip.image()
        return cut_image(geometry, image, effect, cut)


def cuts_of(found: Recovery) -> Iterator[tuple[int, int]]:
    """Return every (effect, byte) at which this recovery can be cut."""
    for at, effect in enumerate(found.effects):
        for byte in range(steps_of(effect, found.chip.geometry)):
            yield at, byte
