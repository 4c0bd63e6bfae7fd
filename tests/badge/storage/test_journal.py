from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from badge.effects import Erase, Notice, Program
from badge.entry import Entry
from badge.errors import MisuseError
from badge.storage import codec
from badge.storage.codec import EventBody
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.memory import MemoryStore, restore, snapshot
from badge.storage.record import size_of
from badge.storage.store import State
from sim.engine.flash import FlashChip, Torn, of_flash, steps_of
from sim.powercut.cut import boot, judge
from sim.powercut.workload import QUARANTINE_MAX, Bound, known

FLASH = Geometry(page_bytes=1536, config_pages=1, ring_pages=5)


def event(number: int, age_ms: int = 0, unix_ms: int | None = 7, **payload) -> Entry:
    return Entry(number, "motion", payload, "0.3.1", age_ms, unix_ms)


def new_journal(chip: FlashChip | None = None, flash: Geometry = FLASH):
    chip = chip or FlashChip(flash)
    journal = FlashJournal(chip, flash)
    recovered = journal.recover()
    do(chip, recovered.effects)
    return chip, journal, recovered


def do(chip: FlashChip, effects) -> None:
    for effect in of_flash(effects):
        assert chip.perform(effect)


def log(chip: FlashChip, journal: FlashJournal, count: int, **payload) -> None:
    for _ in range(count):
        number = journal.queue.next_sequence
        do(chip, journal.append(event(number, **payload), journal.state))


class JournalAgainstModel(RuleBasedStateMachine):
    """Any interleaving: the journal holds what a store in plain memory holds; a cut takes back
    at most the operation that it struck; a write that fails is mended.
    """

    @initialize(seed=st.integers(0, 2**32))
    def start(self, seed):
        self.chip = FlashChip(FLASH, seed=seed)
        self.journal = FlashJournal(self.chip, FLASH)
        self.model = MemoryStore()
        self.limit()
        do(self.chip, self.journal.recover().effects)

    def limit(self):
        for store in (self.journal, self.model):
            store.queue.queue_max, store.queue.quarantine_max = 6, QUARANTINE_MAX

    def both(self, operation, fail=None):
        self.model_before = known(self.model)
        operation(self.model)
        effects = of_flash(operation(self.journal))
        for at, effect in enumerate(effects):
            if fail is not None and at == fail % len(effects) and isinstance(effect, Program):
                self.chip.lose_next()
            self.perform(effect)

    def perform(self, effect):
        if not self.chip.perform(effect):
            for mending in of_flash(self.journal.mend(effect.address)):
                self.perform(mending)

    def draw_append(self, text, moved):
        number, age_ms = self.model.queue.next_sequence, self.model.age_ms + 5
        state = replace(self.model.state, boot_age_ms=age_ms) if moved else self.model.state
        unix_ms = 9 if number % 3 else None
        return lambda store: store.append(event(number, age_ms, unix_ms, text=text), state)

    @rule(text=st.text("ab", max_size=60), moved=st.booleans())
    def append(self, text, moved):
        self.both(self.draw_append(text, moved))

    @rule(text=st.text("ab", max_size=60), fail=st.integers(0, 9))
    def append_with_a_lost_write(self, text, fail):
        self.both(self.draw_append(text, True), fail)

    @precondition(lambda self: self.model.queue.entries)
    @rule(share=st.integers(1, 6), refuse=st.sets(st.integers(0, 5)))
    def settle(self, share, refuse):
        numbers = [entry.sequence_number for entry in self.model.queue.entries][:share]
        rejected = {n: f"no {n}" for i, n in enumerate(numbers) if i in refuse}
        self.both(lambda store: store.settle(numbers[-1], rejected))

    @rule(offset_ms=st.integers(0, 10**12))
    def stamp(self, offset_ms):
        self.both(lambda store: store.stamp(offset_ms)[0])

    @rule(worker=st.sampled_from([None, "W-1", "W-2"]))
    def save_state(self, worker):
        state = replace(self.model.state, worker_id=worker)
        self.both(lambda store: store.save_state(state))

    @rule()
    def save_age(self):
        age_ms = self.model.age_ms + 60_000
        self.both(lambda store: store.save_age(age_ms))

    @rule(n=st.integers(0, 99))
    def save_config(self, n):
        self.both(lambda store: store.save_config({"n": n}))

    @rule()
    def reboot(self):
        found = self.journal.recover()
        assert found.lost == found.unfinished == ()
        do(self.chip, found.effects)

    @rule(
        text=st.text("ab", max_size=60),
        moved=st.booleans(),
        share=st.floats(0, 0.999),
        torn=st.sampled_from(Torn),
    )
    def cut(self, text, moved, share, torn):
        operation = self.draw_append(text, moved)
        pre = known(self.model)
        operation(self.model)
        effects = of_flash(operation(self.journal))
        total = sum(steps_of(effect, FLASH) for effect in effects)
        byte = int(share * total)
        for effect in effects:
            if byte < steps_of(effect, FLASH):
                self.chip.cut(effect, byte, torn)
                break
            byte -= steps_of(effect, FLASH)
            self.chip.perform(effect)
        found = boot(self.chip)
        judge(found, Bound(pre, known(self.model)), 1)
        do(self.chip, found.effects)
        self.journal = found.journal
        self.model = restore(snapshot(self.journal))
        self.model.config_document = self.journal.config_document
        self.limit()

    @invariant()
    def same(self):
        if hasattr(self, "model"):
            assert known(self.journal) == known(self.model)


JournalAgainstModel.TestCase.settings = settings(max_examples=60, stateful_step_count=60)
TestJournalAgainstModel = JournalAgainstModel.TestCase


def test_the_first_boot_opens_the_first_page_and_proves_it():
    _, journal, recovered = new_journal()
    assert [type(effect) for effect in recovered.effects] == [Erase, Program, Program]
    assert recovered.effects[0].address == FLASH.page_address(0)
    assert journal.queue.next_sequence == 1


def test_an_event_takes_one_record():
    _, journal, _ = new_journal()
    assert [type(e) for e in journal.append(event(1), State())] == [Program]


def test_an_event_that_no_record_can_hold_changes_nothing():
    chip, journal, _ = new_journal()
    log(chip, journal, 2)
    before = known(journal)
    with pytest.raises(MisuseError, match="too large for a flash record"):
        journal.append(event(3, text="x" * 600), journal.state)
    with pytest.raises(MisuseError, match="too large: 400 fit"):
        journal.append(event(3), State(worker_id="x" * 500))
    with pytest.raises(MisuseError, match="the next number is 3"):
        journal.append(event(4), journal.state)
    assert known(journal) == before


def test_the_largest_event_survives_a_boot_that_carries_it():
    chip, journal, _ = new_journal()
    big = FLASH.record_bytes_max - 100
    log(chip, journal, 1, text="x" * big)
    _, again, _ = new_journal(chip)
    assert known(again) == known(journal)
    _, again, _ = new_journal(chip)
    assert known(again) == known(journal)


def test_bytes_push_the_oldest_out_as_numbers_do():
    chip, journal, _ = new_journal()
    log(chip, journal, 40, text="x" * 100)
    queue = journal.queue
    assert queue.overflow_count == queue.floor > 0
    assert len(queue.entries) == 40 - queue.overflow_count
    _, again, recovered = new_journal(chip)
    assert recovered.lost == ()
    assert known(again) == known(journal)


def test_a_journal_is_full_when_the_next_record_pushes_an_event_out():
    chip, journal, _ = new_journal()
    size = size_of(codec.pack_event(EventBody(event(1, text="x" * 100)))) + 24  # the overflow
    while not journal.is_full(size):
        log(chip, journal, 1, text="x" * 100)
        assert journal.queue.overflow_count == 0
    log(chip, journal, 1, text="x" * 100)
    assert journal.queue.overflow_count == 1


def test_one_byte_of_a_word_is_never_written_twice_while_boots_are_cut_in_a_row():
    chip, journal, _ = new_journal()
    log(chip, journal, 3)
    kept = known(journal)
    for byte in (0, 1, 2, 5, 40) * 8:
        effects = of_flash(FlashJournal(chip, FLASH).recover().effects)
        chip.cut(effects[0], byte, Torn.CLEAN)
    _, again, _ = new_journal(chip)
    assert known(again).entries == kept.entries


def test_numbers_skipped_by_hundreds_of_torn_appends_stay_accounted_for():
    chip, journal, _ = new_journal(flash=Geometry(page_bytes=4096, config_pages=1, ring_pages=40))
    for _ in range(90):
        number = journal.queue.next_sequence
        effects = of_flash(journal.append(event(number), journal.state))
        for effect in effects[:-1]:
            chip.perform(effect)
        chip.cut(effects[-1], 20, Torn.CLEAN)
        _, journal, recovered = new_journal(chip, chip.geometry)
        assert recovered.lost == ()
        assert recovered.unfinished == (number,)
        log(chip, journal, 1)
    numbers = [entry.sequence_number for entry in journal.queue.entries]
    assert numbers == list(range(2, 181, 2))


class TestMending:
    def failing(self, kind="lost"):
        chip, journal, _ = new_journal()
        log(chip, journal, 3)
        return chip, journal

    def test_a_write_that_was_lost_is_written_behind(self):
        chip, journal = self.failing()
        (program,) = journal.append(event(4), journal.state)
        chip.lose_next()
        assert not chip.perform(program)
        (again,) = journal.mend(program.address)
        assert again.address == program.address + len(program.content)
        assert chip.perform(again)
        _, other, _ = new_journal(chip)
        assert known(other) == known(journal)

    def test_what_was_handed_out_after_it_follows_in_its_order(self):
        chip, journal = self.failing()
        first = journal.append(event(4), State(worker_id="W-1"))
        second = journal.append(event(5), State(worker_id="W-2"))
        chip.lose_next()
        chip.perform(first[0])
        mended = journal.mend(first[0].address)
        assert len(mended) == 2
        for count in range(3):
            part = FlashChip(FLASH, chip.image())
            do(part, [*mended, *second][:count])
            _, found, recovered = new_journal(part)
            numbers = [entry.sequence_number for entry in found.queue.entries]
            assert numbers == [1, 2, 3, 4, 5][: 3 + count]
            assert found.state.worker_id == [None, "W-1", "W-2"][count]
            assert recovered.lost == ()

    def test_a_second_fault_at_an_old_place_is_no_news(self):
        _, journal = self.failing()
        (program,) = journal.append(event(4), journal.state)
        assert journal.mend(program.address)
        assert journal.mend(program.address) == ()

    def test_a_bad_page_is_left_for_the_next(self):
        chip, journal = self.failing()
        chip.stuck[FLASH.page_address(1)] = (1, 0)
        while journal._head == 0:
            for effect in of_flash(journal.append(event(journal.queue.next_sequence), State())):
                self.perform(chip, journal, effect)
        assert journal._head == 2
        _, other, recovered = new_journal(chip)
        assert recovered.lost == ()
        assert known(other) == known(journal)

    def perform(self, chip, journal, effect):
        if not chip.perform(effect):
            for mending in of_flash(journal.mend(effect.address)):
                self.perform(chip, journal, mending)

    def test_a_chip_that_keeps_nothing_is_called_worn_and_the_mending_ends(self):
        _, journal = self.failing()
        effects = journal.append(event(4), journal.state)
        for _ in range(200):
            if any(isinstance(effect, Notice) for effect in effects):
                assert effects[0].about == "flash_worn"
                return
            effects = journal.mend(of_flash(effects)[0].address)
        pytest.fail("it never gave up")

    def test_a_configuration_is_tried_again_in_its_own_slot_then_given_up(self):
        chip, journal = self.failing()
        do(chip, journal.save_config({"n": 1}))
        good = FLASH.slot_address(1)
        effects = journal.save_config({"n": 2})
        notices = []
        for _ in range(6):
            slot = [e for e in of_flash(effects) if e.address < FLASH.page_address(0)]
            assert all(effect.address < good for effect in slot)
            if slot:
                assert journal.mend(slot[0].address) == ()
            effects = journal.save_age(journal.age_ms + 1)
            notices += [effect for effect in effects if isinstance(effect, Notice)]
        assert [notice.about for notice in notices] == ["flash_worn"]
        _, other, _ = new_journal(chip)
        assert other.config_document == {"n": 1}
