"""The journal in C: the same bytes as Python's, and its promises at cuts and under damage."""

from __future__ import annotations

import pytest

from badge.entry import Entry
from badge.errors import InputError, MisuseError
from badge.host.core.store import CJournal
from badge.storage.journal import FlashJournal
from badge.storage.store import State
from sim.engine.flash import FlashChip, Image, Torn, of_flash
from sim.powercut.cut import Cut, Recovery, boot, cut_again, cut_image, cuts_of, judge, live_on
from sim.powercut.damage import ROT_KINDS, WRITE_KINDS, rot_damage, write_damage
from sim.powercut.workload import REAL, SMALL, LifeStep, known, record
from tests.badge.host.twins import needs_core

pytestmark = needs_core
STRIDE = 97  # bytes between the cuts of the quick test; no divisor of a record's size


@pytest.mark.parametrize("name", ["small", "appends", "real"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_operations_give_the_same_flash(name, seed):
    mine, other = record(name, seed, CJournal), record(name, seed)
    assert [step.effect for step in mine.steps] == [step.effect for step in other.steps]
    assert mine.final == other.final


def proven(image: Image, step: LifeStep, cut: Cut, lives_on: bool) -> Recovery:
    """Recover in C from a cut; nothing may differ from what Python finds in the same cells."""
    geometry = SMALL
    found = boot(cut_image(geometry, image, step.effect, cut), CJournal)
    judge(found, step.bound, 1)
    if cut.torn is not Torn.WEAK:  # weak cells read differently each time: promises alone
        other = boot(cut_image(geometry, image, step.effect, cut))
        assert found.recovered == other.recovered, cut
        assert known(found.journal) == known(other.journal), cut
    if lives_on:
        live_on(boot(cut_image(geometry, image, step.effect, cut), CJournal), CJournal)
    return found


def cut_everywhere(name: str, seed: int, first: int, stride: int) -> int:
    points = 0
    for at, step in enumerate(record(name, seed).steps):
        content = getattr(step.effect, "content", None)
        count = SMALL.page_bytes if content is None else len(content)
        for byte in range((first + at) % stride, count, stride):
            for torn in Torn:
                points += 1
                proven(step.before, step, Cut(at, byte, torn), points % 20 == 0)
    return points


def test_cuts_leave_what_python_finds():
    assert cut_everywhere("small", 1, 0, STRIDE) > 2000


@pytest.mark.slow
@pytest.mark.parametrize("first", [1, 7, 14])
@pytest.mark.parametrize("name", ["small", "appends"])
def test_cuts_at_every_fifth_byte_leave_what_python_finds(name, first):
    # Every byte, with each pattern: `badge powercut --core c`.
    assert cut_everywhere(name, 1, first, 16) > 6_000


def cut_twice(stride: int) -> int:
    """Cut the recovery from a cut."""
    points = 0
    for at, step in enumerate(record("appends", 1).steps):
        byte = (7 * at) % (SMALL.page_bytes if not hasattr(step.effect, "content") else 16)
        first = cut_image(SMALL, step.before, step.effect, Cut(at, byte, Torn(at % 8)))
        found = boot(first, CJournal)
        image = found.chip.image()
        for turn, (effect, place) in enumerate(cuts_of(found)):
            if (turn + at) % stride:
                continue
            points += 1
            second = Cut(effect, place, Torn((turn + at) % 8))
            again = boot(cut_again(found, image, second), CJournal)
            judge(again, step.bound, 2)
            if points % 10 == 0:
                live_on(again, CJournal)
    return points


def test_cuts_of_recoveries_break_no_promise():
    assert cut_twice(61) > 200


@pytest.mark.slow
def test_many_cuts_of_recoveries_break_no_promise():
    assert cut_twice(3) > 5000


@pytest.mark.parametrize("kind", WRITE_KINDS)
def test_writes_that_fail_are_mended(kind):
    found = write_damage(kind, 1, CJournal, stride=5)
    assert found.strikes > 20
    assert found.failure is None


@pytest.mark.parametrize("kind", ROT_KINDS)
def test_rot_is_put_right_or_told(kind):
    found = rot_damage(kind, 1, CJournal, stride=11)
    assert found.strikes > 20
    assert found.failure is None


def test_a_flipped_bit_is_put_right_for_good():
    """An event whose cell flipped in flash is moved, sent and refused as it was written."""
    chip = FlashChip(SMALL)
    journal = FlashJournal(chip, SMALL)
    effects = [*journal.recover().effects]
    entry = Entry(1, "gps", {"lat": 33.749, "text": "e" * 40}, "0.3.1", 5, 1_773_000_000_000)
    effects += journal.append(entry, State())
    event = of_flash(effects)[-1]
    effects += journal.save_age(6)  # a boot carries the last record, put right
    for effect in of_flash(effects):
        chip.perform(effect)
    for offset in range(12, len(event.content) - 8):
        rotten = FlashChip(SMALL, chip.image())
        rotten.rot(event.address + offset, 1 << offset % 8)
        found = CJournal(rotten, SMALL)
        for effect in of_flash(found.recover().effects):
            rotten.perform(effect)
        assert list(found.queue.entries) == [entry], offset
        for _ in range(25):  # until the ring comes round to it
            for effect in of_flash(found.save_state(State(worker_id="W" * 300))):
                rotten.perform(effect)
        assert found.queue.entries[0] == entry, offset


def test_what_does_not_fit_is_refused():
    journal = CJournal(FlashChip(REAL), REAL)
    journal.recover()
    with pytest.raises(MisuseError, match="next"):
        journal.append(Entry(7, "motion", {}, "0.3.1", 0), State())
    with pytest.raises(MisuseError, match="too large"):
        journal.append(Entry(1, "motion", {"x": "y" * 5000}, "0.3.1", 0), State())
    with pytest.raises(MisuseError, match="too large"):
        journal.save_state(State(worker_id="W" * 401))
    with pytest.raises(InputError, match="bytes are too many for flash"):
        journal.save_config({"fill": "x" * 5000})
