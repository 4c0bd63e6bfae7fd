"""The numbers of the journal, each seen where it acts."""

from __future__ import annotations

import pytest

from badge.effects import Erase, Notice, Program
from badge.errors import MisuseError
from badge.host.core.store import CJournal
from badge.storage import codec, config_slots, journal, recovery
from badge.storage.codec import EventBody
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.record import RecordKind, decode, encode, size_of
from badge.storage.store import State
from sim.engine.flash import FlashChip, Image
from tests.badge.host.twins import needs_core
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


def mended(chip, made, effects):
    """Perform effects as a pump does: what fails is mended before the rest."""
    effects, tries = list(effects), 0
    while effects:
        effect = effects.pop(0)
        if isinstance(effect, Program | Erase) and not chip.perform(effect):
            tries += 1
            effects = [*made.mend(effect.address), *effects]
    return tries


def test_a_page_that_fails_nine_times_is_left_for_the_next():
    chip = StuckPage(FLASH)
    _, made, _ = new_journal(chip)
    log(chip, made, 1)
    page = FLASH.page_address(0)
    chip.dead = range(page + 512, page + FLASH.page_bytes)
    assert mended(chip, made, made.append(event(2), made.state)) == 9
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
    assert mended(chip, made, made.append(event(2), made.state)) == 9


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
    assert (made.queue.queue_max, made.queue.quarantine_max) == (5, 2)
    assert [entry.sequence_number for entry in made.queue.entries] == [3, 4]


def test_before_its_boot_a_journal_knows_nothing():
    made = FlashJournal(FlashChip(FLASH), FLASH)
    assert (made.found, made.state, made.age_ms, made.config_document) == (False, State(), 0, None)
    assert (list(made.queue.entries), made._issued.maxlen) == ([], journal._MEND_MEMORY)
    assert made.is_full(FLASH.budget_bytes + 1)
    assert not made.is_full(FLASH.budget_bytes)


def programmed(effects, kind, number, body):
    """The effect that writes this record, in the first page after a first boot."""
    effect = last_program(effects)
    position = FLASH.page_bytes + effect.address - FLASH.page_address(0)
    return effect.content == encode(kind, number, body, position)


def test_a_record_says_no_more_than_what_has_changed():
    chip, made, _ = new_journal()
    for number in (1, 2):
        effects = made.append(event(number), made.state)
        body = codec.pack_event(EventBody(event(number)))
        assert programmed(effects, RecordKind.EVENT, number, body)
        do(chip, effects)
    state = State(worker_id="W-007")
    body = codec.pack_values(3, *codec.pack_state(state))
    assert programmed(made.save_state(state), RecordKind.STATE, 0, body)


def test_what_is_settled_takes_no_room():
    chip, made, _ = new_journal()
    log(chip, made, 3)
    assert made.is_full(FLASH.budget_bytes)
    do(chip, made.settle(3, {}))
    assert not made.is_full(FLASH.budget_bytes)


def test_an_event_as_large_as_a_record_may_be_is_taken_and_one_more_byte_is_not():
    chip, made, _ = new_journal()

    def of(length):
        return event(1, x="y" * length)

    def size(length):
        return size_of(codec.pack_event(EventBody(of(length)))) + 24

    fits = max(n for n in range(1000) if size(n) <= FLASH.record_bytes_max)
    assert size(fits) == FLASH.record_bytes_max
    with pytest.raises(MisuseError, match="too large for a flash record"):
        made.append(of(fits + 1), made.state)
    do(chip, made.append(of(fits), made.state))
    assert [e.sequence_number for e in new_journal(chip)[1].queue.entries] == [1]


def test_a_record_may_end_where_its_page_ends():
    chip, made, _ = new_journal()
    end = FLASH.page_bytes - made._offset
    sizes = {len(last_program(twin_state(n)).content): n for n in range(1, 300)}
    while end not in sizes:
        before = next((size for size in sizes if end - size in sizes), max(sizes))
        do(chip, made.save_state(State(worker_id="x" * sizes[before])))
        end = FLASH.page_bytes - made._offset
    effects = made.save_state(State(worker_id="x" * sizes[end]))
    assert not any(isinstance(effect, Erase) for effect in effects)
    do(chip, effects)
    assert made._offset == FLASH.page_bytes
    assert new_journal(chip)[1].state == made.state
    assert any(isinstance(effect, Erase) for effect in made.save_age(1))


def twin_state(length):
    return new_journal()[1].save_state(State(worker_id="x" * length))


def test_the_next_page_begins_with_what_held_before_the_record_that_failed():
    chip = StuckPage(FLASH)
    _, made, _ = new_journal(chip)
    log(chip, made, 3)
    do(chip, made.settle(2, {1: "r"}))
    page = FLASH.page_address(0)
    chip.dead = range(page + 512, page + FLASH.page_bytes)
    effects = list(made.append(event(4), made.state))
    while effects:
        effect = effects.pop(0)
        if isinstance(effect, Program | Erase) and not chip.perform(effect):
            effects = [*made.mend(effect.address), *effects]
    opening = chip.read(FLASH.page_address(1), FLASH.page_bytes)
    found = codec.read_body(RecordKind.CHECKPOINT, 2, decode(opening, 0, 2).body)
    assert (found.next_sequence, found.floor, found.quarantine_count) == (4, 2, 1)


def test_what_lives_in_a_page_that_must_be_opened_is_written_anew():
    chip, made, _ = new_journal()
    log(chip, made, 2)
    for _ in range(FLASH.ring_pages):  # as if each one had failed
        made._open_next(made._point())
    do(chip, made._take_effects())
    assert [e.sequence_number for e in new_journal(chip)[1].queue.entries] == [1, 2]


def test_the_page_that_is_opened_next_holds_nothing_alive_and_the_third_is_left_alone():
    flash = Geometry(page_bytes=1536, config_pages=1, ring_pages=12)
    chip = FlashChip(flash)
    _, made, _ = new_journal(chip, flash)
    while not made.is_full(200):
        log(chip, made, 1, x="y" * 100)
    numbers = [entry.sequence_number for entry in made.queue.entries]
    distances = set()
    for at in range(300):
        do(chip, made.save_state(State(worker_id="x" * (at % 90))))
        alive = {(page - made._head) % 12 for page in range(12) if made._alive[page]}
        distances |= alive
        assert 1 not in alive
    assert 3 in distances
    again = new_journal(chip, flash)[1]
    assert [entry.sequence_number for entry in again.queue.entries] == numbers


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
    mended, worn = 0, []
    while effects:
        effect = effects.pop(0)
        if isinstance(effect, Notice):
            worn.append(effect)
        elif isinstance(effect, Program) and not chip.perform(effect):
            mended += not worn
            effects = [*made.mend(effect.address), *effects]
    assert mended == journal._FAULTS_MAX + 1 == 65
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


@pytest.mark.parametrize("kind", [FlashJournal, pytest.param(CJournal, marks=needs_core)])
def test_refused_events_never_take_the_room_of_what_is_still_to_be_sent(kind):
    """A small flash holds no hundred of them: the oldest go, and all are counted."""
    chip = FlashChip(FLASH)
    made = kind(chip, FLASH)
    do(chip, made.recover().effects)
    for number in range(1, 101):
        do(chip, made.append(event(number, text="t" * 300), State()))
        assert [entry.sequence_number for entry in made.queue.entries] == [number]
        do(chip, made.settle(number, {number: "odd"}))
    assert made.queue.quarantine_count == 100
    assert made.queue.overflow_count == 0
    kept = [item.entry.sequence_number for item in made.queue.quarantined]
    assert kept == list(range(101 - len(kept), 101))
    assert 2 <= len(kept) <= FLASH.budget_bytes // 300
    again = kind(chip, FLASH)
    do(chip, again.recover().effects)
    assert again.queue.quarantine_count == 100
    assert [item.entry.sequence_number for item in again.queue.quarantined][-2:] == [99, 100]


@pytest.mark.parametrize("kind", [FlashJournal, pytest.param(CJournal, marks=needs_core)])
@pytest.mark.parametrize("lost", range(FLASH.ring_pages))
def test_a_boot_without_a_page_never_writes_beyond_the_end_of_one(kind, lost):
    """What a lost page had copied is alive where the next one is opened, and fills it."""
    for count in (7, 8, 13, 20, 29, 37):
        chip, made, _ = new_journal()
        for number in range(1, count + 1):
            do(chip, made.append(event(number, text="t" * (50 + number * 97 % 250)), State()))
            if number % 3 == 0:
                do(chip, made.settle(number - 1, {number - 1: "odd", number - 2: "odd"}))
        image = bytearray(content(chip))
        start = FLASH.page_address(lost)
        image[start : start + FLASH.page_bytes] = b"\xff" * FLASH.page_bytes
        hurt = holding(image)
        again = kind(hurt, FLASH)
        do(hurt, again.recover().effects)  # the chip asserts it
        number = again.queue.next_sequence
        do(hurt, again.append(event(number, text="t" * 300), State()))
        assert again.queue.entries[-1].sequence_number == number


def test_a_refusal_stays_up_to_the_last_byte_of_the_budget():
    _, made, _ = new_journal()
    for number in range(1, 4):
        made.append(event(number), State())
    made.settle(3, {1: "odd", 2: "odd", 3: "odd"})
    made._alive_bytes = FLASH.budget_bytes
    made.settle(3, {})
    assert [item.entry.sequence_number for item in made.queue.quarantined] == [1, 2, 3]
    made._alive_bytes += 1
    made.settle(3, {})
    assert [item.entry.sequence_number for item in made.queue.quarantined] == [2, 3]
