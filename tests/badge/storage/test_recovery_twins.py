"""Whatever flash holds, the journal in Python and the one in C take it up alike."""

from __future__ import annotations

from random import Random

import pytest

from badge.entry import Entry
from badge.host.core.store import CJournal
from badge.storage.geometry import OPEN_BYTES, Geometry
from badge.storage.journal import FlashJournal
from badge.storage.recovery import read_log
from badge.storage.store import State
from sim.engine.flash import FlashChip, Image, Torn, of_flash, steps_of
from sim.powercut.workload import known
from tests.badge.host.twins import needs_core

pytestmark = needs_core

RING = Geometry(page_bytes=1536, config_pages=1, ring_pages=6)
FIRST = 2 * RING.config_pages  # the ring's first page


class Life:
    """A badge that logs, is answered, is stamped, and now and then loses power."""

    def __init__(self, rng: Random) -> None:
        self.rng, self.chip = rng, FlashChip(RING)
        self.limit = rng.choice((6, 30, 2000))
        self.past: list[Image] = [self.chip.image()]
        self.boot()

    def boot(self) -> None:
        """Take up what there is."""
        self.journal = FlashJournal(self.chip, RING)
        self.journal.queue.queue_max = self.limit
        self.perform(self.journal.recover().effects)

    def perform(self, effects) -> None:
        """Do it all, or lose power in the middle of it and boot again."""
        todo = of_flash(effects)
        cut_at = self.rng.randrange(len(todo)) if todo and self.rng.random() < 0.02 else None
        for place, effect in enumerate(todo):
            if place == cut_at:
                step = self.rng.randrange(steps_of(effect, RING))
                self.chip.cut(effect, step, Torn.RANDOM if self.rng.random() < 0.5 else Torn.CLEAN)
                self.boot()
                return
            assert self.chip.perform(effect)

    def go_on(self, steps: int) -> None:
        """Do so many things, drawn."""
        for _ in range(steps):
            thing(self.rng, self.journal, self.perform)
            if self.rng.random() < 0.05:
                self.past.append(self.chip.image())


def thing(rng: Random, journal, perform) -> None:
    """One thing that happens to a badge."""
    queue, kind = journal.queue, rng.random()
    number = queue.next_sequence
    if kind < 0.7:
        unix_ms = None if rng.random() < 0.5 else 5
        text = "n" * rng.choice((3, 90, 300))
        state = State(boot_age_ms=number) if rng.random() < 0.1 else journal.state
        perform(journal.append(Entry(number, "gps", {"n": text}, "0.3.1", number, unix_ms), state))
    elif kind < 0.9 and queue.entries:
        numbers = [entry.sequence_number for entry in queue.entries]
        through = rng.choice(numbers)
        refused = {n: "odd" for n in numbers if n <= through and rng.random() < 0.2}
        perform(journal.settle(through, refused))
    elif kind < 0.95:
        perform(journal.stamp(1_773_000_000_000 + number)[0])
    else:
        perform(journal.save_age(number))


def damaged(rng: Random, life: Life) -> FlashChip:
    """The chip with a few of its pages spoilt: noise, blank, rot, an older lap's, half of one."""
    image = life.chip.image()
    cells = list(image.cells)
    for _ in range(rng.choice((0, 1, 1, 2, 3, 5))):
        page = rng.randrange(FIRST, len(cells))
        kind = rng.randrange(6)
        size = len(cells[page])
        if kind == 0:
            cells[page] = rng.randbytes(size)
        elif kind == 1:
            cells[page] = b"\xff" * size
        elif kind == 2:
            cells[page] = rng.choice(life.past).cells[page]
        elif kind == 3:
            at = rng.choice((0, OPEN_BYTES, rng.randrange(size)))
            cells[page] = cells[page][:at].ljust(size, rng.choice((b"\xff", b"\0", b"X")))
        else:
            used = len(cells[page].rstrip(b"\xff"))
            rotten = bytearray(cells[page])
            for _ in range(rng.choice((1, 3, 20))):
                rotten[rng.randrange(min(used + 4, size))] ^= 1 << rng.randrange(8)
            cells[page] = bytes(rotten)
    return FlashChip(RING, Image(tuple(cells), tuple(cells), image.touched, ()))


def told(journal):
    """What a boot finds and would write, and what it keeps then."""
    found = journal.recover()
    return found.effects, found.lost, found.unfinished, known(journal)


def compare(seed: int) -> None:
    rng = Random(seed)
    life = Life(rng)
    life.go_on(rng.choice((0, 2, rng.randrange(20), rng.randrange(160))))
    chip = damaged(rng, life)
    if read_log(chip, RING).garbage:
        return  # the core in C has no room for them: docs/reliability.md
    journals = [kind(chip, RING) for kind in (FlashJournal, CJournal)]
    for journal in journals:
        journal.queue.queue_max = life.limit
    first, second = (told(journal) for journal in journals)
    assert first == second, seed
    draws = rng.random()
    for _ in range(8):
        effects = [[], []]
        for journal, did in zip(journals, effects, strict=True):
            thing(Random(draws), journal, did.extend)
        assert effects[0] == effects[1], seed
        assert known(journals[0]) == known(journals[1]), seed
        draws = rng.random()


# The last ones are rare: two pages with both openings rotten; stamps whose floor has rotted.
@pytest.mark.parametrize(
    "seeds", [*(range(at, at + 40) for at in range(1000, 1200, 40)), (263, 1202, 7659)]
)
def test_any_flash_is_taken_up_alike(seeds):
    for seed in seeds:
        compare(seed)
