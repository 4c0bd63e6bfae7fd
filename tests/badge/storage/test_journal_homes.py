"""Where events live in flash: over laps, boots and writes that fail; and what is written again."""

from __future__ import annotations

from badge.effects import Program
from badge.storage import codec
from badge.storage.codec import EventBody
from badge.storage.journal import FlashJournal
from badge.storage.record import RecordKind, decode, encode, size_of
from badge.storage.store import State
from sim.engine.flash import FlashChip
from tests.badge.storage.test_journal import FLASH, do, event, log, new_journal
from tests.badge.storage.test_journal_bounds import StuckPage, last_program, mended


def numbers(made):
    return [entry.sequence_number for entry in made.queue.entries]


def refused(made):
    return [(item.entry.sequence_number, item.reason) for item in made.queue.quarantined]


def lap(chip, made, times=1):
    """Write states until the head has gone around the ring."""
    begun = made._generation
    while made._generation < begun + times * FLASH.ring_pages:
        do(chip, made.save_state(State(worker_id="x" * 80)))


def sizes_of_states():
    """How long a state's name must be for a record of so many bytes."""
    found = {}
    for length in range(1, 300):
        effects = new_journal()[1].save_state(State(worker_id="x" * length))
        found[len(last_program(effects).content)] = length
    return found


SIZES = sizes_of_states()


def leave(chip, made, room):
    """Fill the head until so many bytes are left."""
    while (left := FLASH.page_bytes - made._offset - room) > 0:
        size = next((one for one in SIZES if left - one in SIZES), left if left in SIZES else 0)
        size = size or max(one for one in SIZES if left - one >= min(SIZES))
        do(chip, made.save_state(State(worker_id="x" * SIZES[size])))
    assert left == 0


def test_an_append_after_a_release_does_not_say_the_floor_again():
    chip, made, _ = new_journal()
    log(chip, made, 3)
    do(chip, made.settle(2, {}))
    effect = last_program(made.append(event(4), made.state))
    assert len(effect.content) == size_of(codec.pack_event(EventBody(event(4))))


def test_what_waits_and_what_was_refused_outlive_laps_with_their_reasons():
    chip, made, _ = new_journal()
    log(chip, made, 4)
    do(chip, made.settle(3, {1: "one", 3: "three"}))
    lap(chip, made, 2)
    _, again, _ = new_journal(chip)
    assert (numbers(again), refused(again)) == ([4], [(1, "one"), (3, "three")])
    assert again._page_of == made._page_of


def test_a_boot_with_less_room_for_the_refused_lets_the_oldest_go():
    chip, made, _ = new_journal()
    log(chip, made, 4)
    do(chip, made.settle(3, {1: "one", 2: "two", 3: "three"}))
    for most, kept in ((3, [1, 2, 3]), (2, [2, 3])):
        again = FlashJournal(chip, FLASH)
        again.queue.quarantine_max = most
        do(chip, again.recover().effects)
        assert [number for number, _ in refused(again)] == kept
        assert sorted(again._page_of) == [*kept, 4]


def test_a_boot_knows_what_each_event_takes():
    chip, made, _ = new_journal()
    log(chip, made, 2)
    size = size_of(codec.pack_event(EventBody(event(1))))
    for _ in range(2):  # the first carries event 2, the second the record of the first
        _, made, _ = new_journal(chip)
        assert made._alive[0] == {1: size, 2: size}
        assert made._alive_bytes == 2 * size
    do(chip, made.save_age(1))  # its number is that of an event, and it is none
    _, made, _ = new_journal(chip)
    assert made._alive[0] == {1: size, 2: size}
    do(chip, made.settle(2, {}))
    assert made._alive_bytes == 0


def test_an_event_that_a_boot_carries_into_a_new_page_lives_there():
    chip, made, _ = new_journal()
    log(chip, made, 1)
    size = size_of(codec.pack_event(EventBody(event(2))))
    leave(chip, made, size + 40)
    log(chip, made, 1)
    assert made._head == 0
    _, again, _ = new_journal(chip)
    assert again._head == 1
    assert again._page_of == {1: 0, 2: 1}
    lap(chip, again)
    assert numbers(new_journal(chip)[1]) == [1, 2]


def test_a_record_that_fails_at_the_end_of_its_page_goes_into_the_next():
    chip = StuckPage(FLASH)
    _, made, _ = new_journal(chip)
    log(chip, made, 1)
    size = size_of(codec.pack_event(EventBody(event(2))))
    leave(chip, made, size + 24)  # which it is given, in case that it pushes another out
    chip.dead = range(FLASH.page_address(1) - size - 24, FLASH.page_address(1))
    assert mended(chip, made, made.append(event(2), made.state)) == 1
    assert made._page_of == {1: 0, 2: 1}
    assert numbers(new_journal(chip)[1]) == [1, 2]


def test_a_state_that_fails_at_the_end_of_its_page_begins_the_next_with_what_held_before():
    chip = StuckPage(FLASH)
    _, made, _ = new_journal(chip)
    log(chip, made, 1)
    size = max(SIZES)
    leave(chip, made, size)
    before = made.state
    chip.dead = range(FLASH.page_address(0) + FLASH.page_bytes - size, FLASH.page_address(1))
    assert mended(chip, made, made.save_state(State(worker_id="x" * SIZES[size]))) == 1
    page = chip.read(FLASH.page_address(1), FLASH.page_bytes)
    opening = codec.read_body(RecordKind.CHECKPOINT, 2, decode(page, 0, 2).body)
    assert (opening.state, opening.next_sequence) == (before, 2)
    assert new_journal(chip)[1].state == State(worker_id="x" * SIZES[size])


def test_what_fits_exactly_is_written_again_into_the_same_page():
    chip = StuckPage(FLASH)
    _, made, _ = new_journal(chip)
    size = max(SIZES)
    leave(chip, made, 2 * size)
    at = FLASH.page_address(0) + FLASH.page_bytes - 2 * size
    chip.dead = range(at, at + size)
    effects = made.save_state(State(worker_id="x" * SIZES[size]))
    (failed,) = effects
    assert not chip.perform(failed)
    again = made.mend(failed.address)
    assert [type(effect) for effect in again] == [Program]
    assert again[0].address == at + size


def test_what_is_written_again_is_of_its_kind_and_lives_as_it_did():
    chip, made, _ = new_journal()
    log(chip, made, 2)
    (age,) = made.save_age(2)  # its number is that of an event, and it is none
    alive = made._alive_bytes
    (again,) = made.mend(age.address)
    position = FLASH.page_bytes + again.address - FLASH.page_address(0)
    assert again.content == encode(RecordKind.AGE, 2, codec.pack_values(3), position)
    assert made._alive_bytes == alive


def test_an_event_that_was_settled_before_it_was_in_flash_does_not_live_again():
    chip, made, _ = new_journal()
    (first,) = made.append(event(1), made.state)
    (release,) = made.settle(1, {})
    again = made.mend(first.address)
    assert len(again) == 2
    assert (made._alive_bytes, made._page_of) == (0, {})
    for effect in (*again, first, release):
        chip.perform(effect)
    _, booted, _ = new_journal(chip)
    assert (numbers(booted), booted.queue.next_sequence) == ([], 2)


def test_an_event_that_moves_on_with_its_page_lives_in_the_next():
    chip = StuckPage(FLASH)
    _, made, _ = new_journal(chip)
    log(chip, made, 1)
    page = FLASH.page_address(0)
    chip.dead = range(page + 512, page + FLASH.page_bytes)
    assert mended(chip, made, made.append(event(2), made.state)) == 9
    assert made._page_of == {1: 0, 2: 1}


def test_a_copy_that_its_page_does_not_keep_goes_into_the_next():
    chip = StuckPage(FLASH)
    _, made, _ = new_journal(chip)
    log(chip, made, 1)
    page = FLASH.page_address(3)  # from there page 0 is the second ahead
    chip.dead = range(page + 512, page + FLASH.page_bytes)
    while made._generation < 6:
        mended(chip, made, made.save_state(State(worker_id="x" * 80)))
    assert numbers(new_journal(chip)[1]) == [1]


def test_what_is_skipped_below_the_floor_is_not_said():
    _, made, _ = new_journal(FlashChip(FLASH))
    made._skipped, made.queue.floor = ((1, 2), (4, 5), (7, 8)), 5
    assert made._point().skipped == ((7, 8),)
