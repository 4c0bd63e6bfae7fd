"""Damage beside cuts: writes lost or gone astray, stuck bits, rot; each with a cut at any effect.

A write that does not read back is mended at once, as every pump does; power is then cut after
every effect of the operation and its mending.  What rot destroys is compared with what is
reported.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from badge.effects import Effect, Erase, Program
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.page import read_opening, read_page
from badge.storage.record import RecordKind
from badge.words import counted
from sim.engine.flash import FlashChip, Image, of_flash
from sim.engine.promises import BrokenPromiseError
from sim.engine.streams import plain_stream
from sim.powercut.checks import JudgedBoot, damage_told, numbers_unique
from sim.powercut.cut import boot, judge
from sim.powercut.workload import PLANS, Bound, LifeRecorder, draw, known

WRITE_KINDS = ("lost", "misdirected", "stuck")
ROT_KINDS = ("rot_unacked", "rot_acked")
_OPERATIONS = 160
_STEPS_MAX = 400  # of one operation with its mending: more is a loop


class Damaged(NamedTuple):
    """What was proven of one kind: how often it struck, how many boots were judged, and the first
    promise that broke.
    """

    kind: str
    strikes: int
    points: int
    failure: BrokenPromiseError | None


def write_damage(
    kind: str, seed: int, make: type[FlashJournal] = FlashJournal, stride: int = 1
) -> Damaged:
    """Let every `stride`th flash effect of a workload fail in this way, one at a time."""
    strikes = points = turn = 0
    rng = plain_stream(seed, "damage", kind)
    for name, recorder, operation in _operations(seed, make):
        for at in range(_flash_effects(recorder, operation)):
            turn += 1
            if turn % stride:
                continue
            strikes += 1
            try:
                points += _strike(kind, recorder, (name, operation), at, rng)
            except BrokenPromiseError as error:
                where = f"{kind}: {name} after event {recorder.journal.queue.next_sequence - 1}"
                found = BrokenPromiseError(error.promise, f"{where}, effect {at}: {error.seen}")
                return Damaged(kind, strikes, points, found)
    return Damaged(kind, strikes, points, None)


def rot_damage(
    kind: str, seed: int, make: type[FlashJournal] = FlashJournal, stride: int = 1
) -> Damaged:
    """After every operation of a workload let records rot, one at a time: one bit, then many.

    With a stride only every so manieth record has its turn.
    """
    strikes = points = turn = 0
    rng = plain_stream(seed, "damage", kind)
    for name, recorder, _ in _operations(seed, make):
        image = recorder.chip.image()
        kept = Bound(known(recorder.journal), known(recorder.journal))
        for record in _records(image, recorder.chip.geometry):
            if record.waiting(recorder.journal) != (kind == "rot_unacked"):
                continue
            turn += 1
            if turn % stride:
                continue
            strikes += 1
            for bits in (1, 24):
                points += 1
                try:
                    _rot(image, record, bits, rng, kept, recorder)
                except BrokenPromiseError as error:
                    where = f"{kind}: after {name}, {counted(bits, 'bit')} of {record}"
                    found = BrokenPromiseError(error.promise, f"{where}: {error.seen}")
                    return Damaged(kind, strikes, points, found)
    return Damaged(kind, strikes, points, None)


def _operations(
    seed: int, make: type[FlashJournal]
) -> Iterator[tuple[str, LifeRecorder, Callable[..., Sequence[Effect]]]]:
    """Yield before each operation of a workload; it is done when the caller goes on."""
    plan = PLANS["small"]
    recorder = LifeRecorder(plan.geometry, plan.queue_max, make)
    for turn, (name, operation) in enumerate(draw(plan, seed, recorder.model)):
        if turn == _OPERATIONS:
            return
        yield name, recorder, operation
        recorder.do(name, operation)


def _twin(recorder: LifeRecorder) -> tuple[FlashJournal, FlashChip]:
    """Copy the journal, RAM and all, onto a chip of its own."""
    chip = FlashChip(recorder.chip.geometry, recorder.chip.image())
    journal = copy.deepcopy(recorder.journal, {id(recorder.chip): chip})
    return journal, chip


def _flash_effects(recorder: LifeRecorder, operation: Callable[..., Sequence[Effect]]) -> int:
    journal, _ = _twin(recorder)
    return len(of_flash(operation(journal)))


def _strike(
    kind: str,
    recorder: LifeRecorder,
    named: tuple[str, Callable[..., Sequence[Effect]]],
    at: int,
    rng: random.Random,
) -> int:
    """Do the operation with one effect failing; judge a boot after every effect.

    A configuration that failed is written again with the next thing that the badge saves.
    """
    name, operation = named
    journal, chip = _twin(recorder)
    pre = known(journal)
    effects = of_flash(operation(journal))
    images: list[Image] = []

    def perform(effect: Program | Erase) -> None:
        held = chip.perform(effect)
        images.append(chip.image())
        if len(images) > _STEPS_MAX:
            raise BrokenPromiseError("J6", "mending does not come to an end")
        if not held:
            for mending in of_flash(journal.mend(effect.address)):
                perform(mending)

    for number, effect in enumerate(effects):
        if number == at:
            _arm(kind, chip, effect, rng)
        perform(effect)
    if name == "config":
        for later in of_flash(journal.save_age(journal.age_ms)):
            perform(later)
    post = known(journal)
    refused = post.quarantined[-len(pre.entries) :] if name == "settle" else ()
    bound = Bound(pre, post, tuple(item for item in refused if item not in pre.quarantined))
    for image in images[:-1]:
        _judge_damaged(FlashChip(chip.geometry, image), bound, recorder)
    # A slot with a stuck cell never takes the configuration; the badge says so (flash_worn).
    before = post._replace(config=pre.config) if kind == "stuck" else post
    _judge_damaged(FlashChip(chip.geometry, images[-1]), Bound(before, post), recorder)
    return len(images)


def _arm(kind: str, chip: FlashChip, effect: Program | Erase, rng: random.Random) -> None:
    """Let the next effect fail; a stuck bit is chosen where the effect needs the other value."""
    if kind == "stuck":
        content = b"\xff" if isinstance(effect, Erase) else effect.content
        place = rng.randrange(len(content))
        bit = 1 << rng.randrange(8)
        stuck = (bit, 0) if content[place] & bit else (0, bit)
        chip.stuck[effect.address + place] = stuck
    elif isinstance(effect, Program):
        if kind == "lost":
            chip.lose_next()
            return
        # Into blank flash of the same page: what lies there is C R C-proof by its place alone.
        size = chip.geometry.page_bytes
        start = effect.address + len(effect.content)
        end = effect.address - effect.address % size + size - len(effect.content)
        if end > start and effect.address % size:
            chip.misdirect_next(rng.randrange(start, end) // 4 * 4)


def _judge_damaged(chip: FlashChip, bound: Bound, recorder: LifeRecorder) -> None:
    """Judge a boot; what a stray write left may look torn although the append was completed."""
    appended = bound.post.next_sequence - bound.pre.next_sequence
    judge(boot(chip, type(recorder.journal)), bound, 1 + appended)


class _Where(NamedTuple):
    """A record in flash: its number, kind, and place."""

    kind: int
    number: int
    address: int
    size: int

    def waiting(self, journal: FlashJournal) -> bool:
        """Say whether this is an event that waits (of several copies: the newest)."""
        return self.kind == RecordKind.EVENT and any(
            entry.sequence_number == self.number for entry in journal.queue.entries
        )


def _records(image: Image, geometry: Geometry) -> list[_Where]:
    """Return the events and openings in flash, oldest first, the newest copy of each event."""
    found: dict[tuple[int, int], _Where] = {}
    first = geometry.page_address(0) // geometry.page_bytes
    pages = image.cells[first:]
    generations = sorted((read_opening(page), place) for place, page in enumerate(pages))
    for generation, place in generations:
        if not generation:
            continue
        start = geometry.page_address(place)
        for line in read_page(pages[place], generation).lines:
            carried = line.value.carried if line.kind == RecordKind.BOOT else ()
            for kind, number, _ in carried:
                found.pop((kind, number), None)
            if line.kind in (RecordKind.EVENT, RecordKind.CHECKPOINT):
                found.pop((line.kind, line.number), None)
                where = _Where(line.kind, line.number, start + line.offset, line.size)
                found[line.kind, line.number] = where
    return list(found.values())


def _rot(
    image: Image,
    record: _Where,
    bits: int,
    rng: random.Random,
    kept: Bound,
    recorder: LifeRecorder,
) -> None:
    """Flip bits of one record and compare what is reported with what was destroyed."""
    chip = FlashChip(recorder.chip.geometry, image)
    for place in rng.sample(range(record.size * 8), bits):
        chip.rot(record.address + place // 8, 1 << place % 8)
    found = boot(chip, type(recorder.journal))
    lost = record.waiting(recorder.journal) and bits > 1
    alive = {e.sequence_number for e in found.journal.queue.entries}
    rotten = frozenset({record.number} - alive) if lost else frozenset()
    if not lost and bits == 1:
        judge(found, kept, 1)
        return
    case = JudgedBoot(found.journal, chip.geometry, found.recovered, kept, 1, rotten=rotten)
    for promise in (numbers_unique, others_kept, damage_told):
        promise(case)


def others_kept(boot: JudgedBoot) -> None:
    """J3: what rot spared is there; what was settled by the rotten record alone may be back."""
    found = {entry.sequence_number: entry for entry in boot.now.entries}
    for entry in boot.pre.entries:
        number = entry.sequence_number
        if number not in boot.rotten and found.get(number) != entry:
            raise BrokenPromiseError("J3", f"event {number} is {found.get(number)}, it was {entry}")
