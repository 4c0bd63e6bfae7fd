from __future__ import annotations

import random

import pytest

from badge.effects import Erase
from badge.entry import Entry
from badge.storage.geometry import OPEN_BYTES, Geometry
from badge.storage.journal import FlashJournal
from badge.storage.recovery import SEQUENCE_RESERVE, TEAR_GAP_BYTES, is_begun, read_log
from badge.storage.store import State
from sim.engine.flash import FlashChip, Torn, of_flash
from sim.powercut.workload import known

FLASH = Geometry(page_bytes=1536, config_pages=1, ring_pages=5)


def life(count: int) -> tuple[FlashChip, FlashJournal]:
    chip = FlashChip(FLASH)
    journal = FlashJournal(chip, FLASH)
    do(chip, journal.recover().effects)
    for _ in range(count):
        append(chip, journal)
    return chip, journal


def append(chip: FlashChip, journal: FlashJournal, torn_at: int | None = None) -> None:
    number = journal.queue.next_sequence
    entry = Entry(number, "gps", {"n": "n" * 90}, "0.3.1", number, 5)
    effects = of_flash(journal.append(entry, journal.state))
    do(chip, effects[:-1])
    if torn_at is None:
        do(chip, effects[-1:])
    else:
        chip.cut(effects[-1], torn_at, Torn.CLEAN)


def do(chip: FlashChip, effects) -> None:
    for effect in of_flash(effects):
        assert chip.perform(effect)


def boot(chip: FlashChip):
    journal = FlashJournal(chip, FLASH)
    found = journal.recover()
    do(chip, found.effects)
    return journal, found


def first_page_after(cuts: int, geometry: Geometry) -> tuple[FlashChip, int]:
    """A new chip whose first boots were cut off so often; where the page's last written byte is.

    Each is cut at the last byte of its record: an event may have had number 1, which is skipped.
    """
    chip = FlashChip(geometry)
    for _ in range(cuts):
        erase, opening, record = of_flash(FlashJournal(chip, geometry).recover().effects)
        do(chip, (erase, opening))
        chip.cut(record, len(record.content) - 1, Torn.CLEAN)
    do(chip, FlashJournal(chip, geometry).recover().effects)
    page = chip.read(geometry.page_address(0), geometry.page_bytes)
    return chip, len(page.rstrip(b"\xff"))


@pytest.mark.parametrize("cuts", [0, 1, 2])
def test_a_first_boot_that_was_cut_off_is_known_for_one_at_each_of_its_bytes(cuts):
    chip, size = first_page_after(cuts, FLASH)
    page = bytes(chip.read(FLASH.page_address(0), FLASH.page_bytes))
    for end in range(size + 1):
        assert is_begun(page[:end].ljust(len(page), b"\xff"), FLASH)
    assert not page[size - 1] & 1 or not is_begun(page[: size - 1].ljust(len(page), b"\0"), FLASH)


@pytest.mark.parametrize("cuts", [0, 1, 2])
def test_what_no_first_boot_clears_is_none(cuts):
    """Every bit that is still set is cleared once: then it is another's flash."""
    chip, _ = first_page_after(cuts, FLASH)
    page = bytearray(chip.read(FLASH.page_address(0), FLASH.page_bytes))
    for at in (*range(80), *range(500, 560), len(page) - 1):
        for bit in range(8):
            if page[at] >> bit & 1:
                page[at] ^= 1 << bit
                assert not is_begun(bytes(page), FLASH), (at, bit)
                page[at] ^= 1 << bit


def test_a_boot_that_is_cut_off_skips_a_number():
    for cuts, skipped in ((0, ()), (1, ((1, 1),))):
        point = read_log(first_page_after(cuts, FLASH)[0], FLASH).checkpoint
        assert (point.next_sequence, point.skipped) == (1 + cuts, skipped)


def test_of_a_blank_ring_the_last_page_is_the_head_and_full():
    log = read_log(FlashChip(FLASH), FLASH)
    assert (log.generation, log.resume) == (0, FLASH.page_bytes)
    assert (log.checkpoint.next_sequence, log.alive, log.lost, log.unfinished) == (1, (), (), ())


def test_each_page_is_read_once():
    chip, _ = life(11)
    chip.reads = 0
    read_log(chip, FLASH)
    assert chip.reads == FLASH.ring_pages


def test_the_log_goes_on_a_gap_behind_the_last_byte():
    chip, journal = life(3)
    log = read_log(chip, FLASH)
    assert log.resume == journal._offset + TEAR_GAP_BYTES


def test_the_last_record_is_carried_and_voided_from_its_place():
    chip, journal = life(3)
    log = read_log(chip, FLASH)
    assert [(kind, number) for kind, number, _ in log.carried] == [(2, 3)]
    last = log.alive[-1]
    assert log.void_from == FLASH.page_bytes + journal._offset - last.size


def test_a_torn_append_costs_its_number_once_and_is_told():
    chip, journal = life(3)
    append(chip, journal, torn_at=30)
    again, found = boot(chip)
    assert found.unfinished == (4,)
    assert again.queue.next_sequence == 4 + SEQUENCE_RESERVE
    again, found = boot(chip)
    assert (found.unfinished, found.lost) == ((), ())
    assert again.queue.next_sequence == 4 + SEQUENCE_RESERVE


def test_torn_bits_cannot_make_numbers_jump():
    for torn_at in range(80):
        chip, journal = life(3)
        number = journal.queue.next_sequence
        entry = Entry(number, "gps", {"n": "x" * 60}, "0.3.1", number, 5)
        (effect,) = of_flash(journal.append(entry, State()))
        chip.cut(effect, torn_at, Torn.RANDOM)
        assert boot(chip)[0].queue.next_sequence <= number + SEQUENCE_RESERVE


def test_an_opening_alone_does_not_make_a_head():
    chip, journal = life(0)
    while True:
        number = journal.queue.next_sequence
        effects = of_flash(journal.append(Entry(number, "gps", {}, "0.3.1", 1, 5), State()))
        if len(effects) > 1:
            break
        do(chip, effects)
    do(chip, effects[:2])  # the erase and the opening, not the event
    log = read_log(chip, FLASH)
    assert log.generation == 1
    assert log.resume == FLASH.page_bytes, "the page after it must be erased again"
    assert log.checkpoint.next_sequence == number


def test_a_page_whose_opening_rotted_is_read_all_the_same():
    chip, journal = life(11)
    kept = known(journal)
    assert journal._head > 0
    for page in range(journal._head + 1):
        hurt = FlashChip(FLASH, chip.image())
        for byte in range(0, 40, 3):
            hurt.rot(FLASH.page_address(page) + byte, 0x5A)
        again, found = boot(hurt)
        assert known(again) == kept
        assert found.lost == ()


def test_the_only_page_with_a_rotten_opening_does_not_start_numbers_anew():
    chip, journal = life(2)
    for byte in range(0, 40, 3):
        chip.rot(FLASH.page_address(0) + byte, 0x5A)
    assert boot(chip)[0].queue.next_sequence == journal.queue.next_sequence


def test_a_rotten_event_is_told_once_and_its_number_is_not_used_again():
    chip, journal = life(6)
    at = FLASH.page_address(0) + journal._offset - 2 * read_log(chip, FLASH).alive[0].size
    for byte in range(0, 24, 3):
        chip.rot(at + byte, 0xFF)
    again, found = boot(chip)
    assert found.lost == ((5, 5),)
    assert [entry.sequence_number for entry in again.queue.entries] == [1, 2, 3, 4, 6]
    assert boot(chip)[1].lost == ()


def test_an_older_lap_never_comes_back():
    chip, journal = life(0)
    for _ in range(120):
        append(chip, journal)
        do(chip, journal.settle(journal.queue.next_sequence - 1, {}))
    assert sum(chip.erases) > 3 * FLASH.ring_pages
    log = read_log(chip, FLASH)
    assert log.alive == ()
    assert log.checkpoint.next_sequence == 121


def test_a_number_that_only_later_records_know_is_lost_too():
    chip, journal = life(3)
    at = FLASH.page_address(0) + journal._offset - read_log(chip, FLASH).alive[-1].size
    do(chip, journal.save_state(State(boot_age_ms=7)))
    for byte in range(0, 24, 3):
        chip.rot(at + byte, 0xFF)
    again, found = boot(chip)
    assert found.lost == ((3, 3),)
    assert again.queue.next_sequence == 4


def test_neighbouring_skips_are_one_range_and_others_are_not():
    chip, journal = life(3)
    for _ in range(2):
        append(chip, journal, torn_at=30)
        journal, _ = boot(chip)
    assert read_log(chip, FLASH).checkpoint.skipped == ((4, 5),)
    append(chip, journal)
    append(chip, journal, torn_at=30)
    boot(chip)
    assert read_log(chip, FLASH).checkpoint.skipped == ((4, 5), (7, 7))


def test_a_skipped_number_that_is_settled_is_forgotten():
    chip, journal = life(3)
    append(chip, journal, torn_at=30)
    journal, _ = boot(chip)
    append(chip, journal)
    assert read_log(chip, FLASH).checkpoint.skipped == ((4, 4),)
    do(chip, journal.settle(4, {}))
    assert read_log(chip, FLASH).checkpoint.skipped == ()


@pytest.mark.parametrize("count", range(3, 12))
def test_what_was_torn_once_stays_torn_though_its_cells_read_well_later(count):
    """Wherever the boot's record lies: behind the torn one, or in the page after it."""
    chip, journal = life(count)
    number = journal.queue.next_sequence
    entry = Entry(number, "gps", {"n": "n" * 89 + "m"}, "0.3.1", number, 5)
    *before, effect = of_flash(journal.append(entry, State()))
    assert effect.content[-1] != 0xFF  # else nothing of it would be missing
    do(chip, before)
    chip.cut(effect, len(effect.content) - 1, Torn.CLEAN)
    again, found = boot(chip)
    assert found.unfinished == (number,)
    append(chip, again)
    kept = known(again)
    page, offset = divmod(effect.address, FLASH.page_bytes)
    cells = list(chip.image().cells)
    end = offset + len(effect.content)
    cells[page] = cells[page][:offset] + effect.content + cells[page][end:]
    if Erase(effect.address - offset % FLASH.page_bytes) in found.effects:
        cells = list(chip.image().cells)  # what was torn is gone
    healed = FlashChip(FLASH, chip.image()._replace(cells=tuple(cells)))
    for _ in range(3):
        again, found = boot(healed)
        assert (found.lost, found.unfinished) == ((), ())
        assert known(again) == kept
        append(healed, again)
        kept = known(again)


NOISE = random.Random(1).randbytes(FLASH.page_bytes)


def spoilt(chip: FlashChip, pages: dict[int, bytes]) -> FlashChip:
    """The chip with other bytes in these pages of the ring."""
    cells = list(chip.image().cells)
    for page, content in pages.items():
        cells[FLASH.page_address(page) // FLASH.page_bytes] = content
    return FlashChip(FLASH, chip.image()._replace(cells=tuple(cells)))


@pytest.mark.parametrize("noise", [NOISE, b"X" * FLASH.page_bytes])
def test_pages_of_garbage_behind_the_head_may_have_used_numbers_and_skip_them(noise):
    chip, journal = life(40)
    head, ring = journal._head, FLASH.ring_pages
    assert sum(chip.erases) > ring
    number = journal.queue.next_sequence
    a_page = FLASH.room_bytes // 32
    for count in range(2, ring):
        lost = [(head + n) % ring for n in range(1, count + 1)]
        log = read_log(spoilt(chip, dict.fromkeys(lost, noise)), FLASH)
        assert log.generation == journal._generation
        assert log.garbage == tuple(lost[1:])
        assert log.unreadable == ((number, number + count * a_page - 1),)
        assert log.checkpoint.next_sequence == number + count * a_page
        assert log.checkpoint.skipped[-1][1] == number + count * a_page - 1


def test_a_page_that_is_blank_or_readable_ends_the_garbage():
    chip, journal = life(40)
    head, ring = journal._head, FLASH.ring_pages
    first, second, third, fourth = ((head + n) % ring for n in range(1, 5))
    lost = dict.fromkeys((first, second, third, fourth), NOISE)
    blank = b"\xff" * FLASH.page_bytes
    address = FLASH.page_address(third)
    rotten = b"\0" * OPEN_BYTES + chip.read(address + OPEN_BYTES, FLASH.page_bytes - OPEN_BYTES)
    for good in (blank, rotten, chip.read(address, FLASH.page_bytes)):
        assert read_log(spoilt(chip, lost | {third: good}), FLASH).garbage == (second,)
    assert read_log(spoilt(chip, lost | {first: blank}), FLASH).garbage == ()
    whole = chip.read(FLASH.page_address(first), FLASH.page_bytes)
    assert read_log(spoilt(chip, lost | {first: whole}), FLASH).garbage == ()


def test_the_first_record_of_a_page_lies_behind_its_opening():
    chip, _ = life(1)
    image = chip.read(FLASH.page_address(0), FLASH.page_bytes)
    assert image[OPEN_BYTES] != 0xFF
    assert image[OPEN_BYTES - 1] == 0xFF
