"""The numbers of the journal, each seen where it acts."""

from __future__ import annotations

import pytest

from badge.effects import Erase, Notice, Program
from badge.errors import MisuseError
from badge.storage import codec, config_slots, journal, recovery
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.store import State
from sim.engine.flash import FlashChip, Image
from tests.badge.storage.test_journal import FLASH, do, event, log, new_journal


def content(chip):
    return chip.read(0, FLASH.total_bytes)


def holding(image):
    """A chip with this content, in pages."""
    size = FLASH.page_bytes
    pages = tuple(bytes(image[at : at + size]) for at in range(0, len(image), size))
    return FlashChip(FLASH, Image(pages, pages, (0,) * len(pages), ()))


def last_program(effects):
    return [effect for effect in effects if isinstance(effect, Program)][-1]


def test_a_boot_writes_sixteen_bytes_behind_the_last_byte():
    chip, made, _ = new_journal()
    log(chip, made, 3)
    image = content(chip)
    start = FLASH.page_address(0)
    page = image[start : start + FLASH.page_bytes]
    end = len(page.rstrip(b"\xff"))
    boot = last_program(FlashJournal(chip, FLASH).recover().effects)
    assert recovery.TEAR_GAP_BYTES == 16  # a program unit of the chips that are known
    assert boot.address == start + end + -end % 4 + 16


class StuckPage(FlashChip):
    """A chip one of whose pages keeps nothing that is programmed behind its opening."""

    dead = range(0)

    def perform(self, effect):
        if isinstance(effect, Program) and effect.address in self.dead:
            return False
        return super().perform(effect)


def test_a_page_that_fails_nine_times_is_left_for_the_next():
    chip = StuckPage(FLASH)
    _, made, _ = new_journal(chip)
    log(chip, made, 1)
    page = FLASH.page_address(0)
    chip.dead = range(page + 512, page + FLASH.page_bytes)
    effects = list(made.append(event(2), made.state))
    tries = 0
    while effects:
        effect = effects.pop(0)
        if isinstance(effect, Program | Erase) and not chip.perform(effect):
            tries += 1
            effects = [*made.mend(effect.address), *effects]
    assert tries == 9
    _, again, recovered = new_journal(chip)
    assert [e.sequence_number for e in again.queue.entries] == [1, 2]
    assert recovered.lost == ()


def test_a_page_that_a_boot_found_has_its_nine_tries_too():
    chip = StuckPage(FLASH)
    _, made, _ = new_journal(chip)
    log(chip, made, 1)
    _, made, _ = new_journal(chip)
    page = FLASH.page_address(0)
    chip.dead = range(page + 512, page + FLASH.page_bytes)
    effects, tries = list(made.append(event(2), made.state)), 0
    while effects:
        effect = effects.pop(0)
        if isinstance(effect, Program | Erase) and not chip.perform(effect):
            tries += 1
            effects = [*made.mend(effect.address), *effects]
    assert tries == 9


def facts(made):
    names = ("queue", "state", "age_ms", "found", "config_document")
    hidden = ("_head", "_generation", "_offset", "_skipped", "_alive", "_page_of", "_alive_bytes")
    return {name: getattr(made, name) for name in (*names, *hidden)}


def test_a_boot_forgets_all_but_the_limits():
    chip, made, _ = new_journal()
    made.queue.queue_max, made.queue.quarantine_max = 5, 2
    log(chip, made, 4)
    do(chip, made.settle(2, {1: "r"}))
    do(chip, made.save_config({"n": 1}))
    do(chip, made.save_age(77))
    twin = FlashJournal(holding(content(chip)), FLASH)
    twin.queue.queue_max, twin.queue.quarantine_max = 5, 2
    assert made.recover() == twin.recover()
    assert facts(made) == facts(twin)
    assert [entry.sequence_number for entry in made.queue.entries] == [3, 4]


def test_before_its_boot_a_journal_knows_nothing():
    made = FlashJournal(FlashChip(FLASH), FLASH)
    assert (made.found, made.state, made.age_ms, made.config_document) == (False, State(), 0, None)
    assert (list(made.queue.entries), made._issued.maxlen) == ([], journal._MEND_MEMORY)
    assert made.is_full(FLASH.budget_bytes + 1)
    assert not made.is_full(FLASH.budget_bytes)


def test_readers_that_are_given_are_used():
    chip, made, _ = new_journal()
    log(chip, made, 3)
    asked = []

    def watched(name, right):
        def read(*arguments):
            asked.append(name)
            return right(*arguments)

        return read

    readers = watched("page", journal.read_page), watched("opening", journal.read_opening)
    FlashJournal(chip, FLASH, *readers).recover()
    assert set(asked) == {"page", "opening"}


def test_a_chip_that_keeps_nothing_is_given_up_after_64_tries():
    chip = StuckPage(FLASH)
    _, made, _ = new_journal(chip)
    chip.dead = range(FLASH.page_address(0), FLASH.total_bytes)
    effects = list(made.append(event(1), made.state))
    tries, worn = 0, []
    while effects:
        effect = effects.pop(0)
        if isinstance(effect, Notice):
            worn.append(effect)
        elif isinstance(effect, Program) and not chip.perform(effect):
            tries += 1
            effects = [*made.mend(effect.address), *effects]
    assert tries >= journal._FAULTS_MAX
    assert {(w.about, w.text) for w in worn} == {
        ("flash_worn", "flash does not keep what is written any more")
    }


@pytest.mark.parametrize("at", [0, 5, 40])
def test_a_configuration_with_one_wrong_byte_is_none(at):
    chip = FlashChip(FLASH)
    for effect in config_slots.write({"n": "x" * 60}, 1, FLASH):
        assert chip.perform(effect)
    assert config_slots.read(chip, FLASH).document == {"n": "x" * 60}
    image = bytearray(content(chip))
    where = FLASH.slot_address(1) + 128 + at
    image[where] ^= 0x01
    found = config_slots.read(holding(image), FLASH)
    assert (found.document, found.version) == (None, 0)


def test_a_document_under_the_header_of_another_is_none():
    chip = FlashChip(FLASH)
    for version in (1, 3):
        for effect in config_slots.write({"n": version}, version, FLASH):
            assert chip.perform(effect)
    first = FlashChip(FLASH)
    for effect in config_slots.write({"n": 1}, 1, FLASH):
        assert first.perform(effect)
    image = bytearray(content(chip))
    body = FLASH.slot_address(1) + 128
    image[body : body + 8] = content(first)[body : body + 8]
    assert config_slots.read(holding(image), FLASH).document is None


def test_a_state_of_four_hundred_bytes_is_the_largest():
    chip, made, _ = new_journal()
    fits = next(n for n in range(400, 0, -1) if state_bytes(n) <= journal.STATE_BYTES_MAX)
    assert (state_bytes(fits), journal.STATE_BYTES_MAX) == (400, 400)
    do(chip, made.save_state(State(worker_id="x" * fits)))
    with pytest.raises(MisuseError, match=r"^a state of 401 bytes is too large: 400 fit$"):
        made.save_state(State(worker_id="x" * (fits + 1)))


def state_bytes(name):
    return len(codec.pack_values(*codec.pack_state(State(worker_id="x" * name))))


def test_the_queue_takes_half_of_the_pages_that_are_not_kept_free():
    chip = Geometry(page_bytes=4096, config_pages=5, ring_pages=246)
    assert (chip.total_bytes, chip.room_bytes) == (256 * 4096, 3584)
    assert chip.budget_bytes == 243 * 3584 // 2
    assert chip.record_bytes_max == 3584 - 576
    assert (chip.slot_address(1), chip.page_address(1)) == (5 * 4096, 11 * 4096)
    assert [chip.page_of(n) for n in (1, 246, 247)] == [0, 245, 0]
