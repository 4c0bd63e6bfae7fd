"""The checks themselves: each is told a small lie, and must see it."""

from __future__ import annotations

from dataclasses import replace

from badge.storage.journal import FlashJournal
from badge.storage.store import Recovered, State
from tests.sim.chaos.checks.rig import CONFIG, Life, broken


def test_an_honest_life_breaks_nothing(life: Life) -> None:
    for _ in range(5):
        life.log()
    life.stored |= {1, 2, 3}
    life.settle(3)
    life.boot()
    assert list(life.checks.alive) == [4, 5, 6, 7]
    assert life.checks.is_settled(3)
    assert life.checks.is_sure(4)


def test_released_though_the_store_lacks_it(life: Life) -> None:
    life.log()
    with broken("stored"):
        life.settle(2)


def test_a_number_logged_twice(life: Life) -> None:
    entry = life.log()
    with broken("J1"):
        life.checks.logged(entry)


def test_a_number_that_would_be_issued_again(life: Life) -> None:
    life.log()
    with broken("J1"):
        life.boot(lambda journal: setattr(journal.queue, "next_sequence", 2))


def test_a_jump_of_the_numbers(life: Life) -> None:
    life.log()
    with broken("J2"):
        life.boot(lambda journal: setattr(journal.queue, "next_sequence", 99))


def test_an_event_gone_after_a_boot(life: Life) -> None:
    life.log()
    with broken("J3"):
        life.boot(lambda journal: journal.queue.entries.popleft())


def test_an_event_changed_after_a_boot(life: Life) -> None:
    def lie(journal: FlashJournal) -> None:
        journal.queue.entries[0] = replace(journal.queue.entries[0], payload={"x": 1})

    with broken("J3"):
        life.boot(lie)


def test_an_event_with_another_time_after_a_boot(life: Life) -> None:
    with broken("J3"):
        life.boot(lambda journal: setattr(journal.queue.entries[0], "unix_ms", 5))


def test_an_event_that_was_never_logged(life: Life) -> None:
    def lie(journal: FlashJournal) -> None:
        journal.queue.entries.append(replace(journal.queue.entries[0], sequence_number=2))

    with broken("J8"):
        life.boot(lie)


def test_a_floor_that_was_not_kept(life: Life) -> None:
    life.stored.add(1)
    life.settle(1)
    with broken("state"):
        life.boot(lambda journal: setattr(journal.queue, "floor", 0))


def test_loss_reported_where_nothing_was_damaged(life: Life) -> None:
    with broken("J3"):
        life.checks.recovered(life.journal, Recovered(lost=((1, 1),)))


def test_a_cut_append_may_be_there_or_not(life: Life) -> None:
    for survives in (True, False):
        entry = replace(life.log(), sequence_number=life.journal.queue.next_sequence)
        effects = life.journal.append(entry, State())
        if survives:
            life.perform(tuple(effects))
        life.checks.fell(life.journal)
        life.boot()
        known = life.checks.events[entry.sequence_number].event_type
        assert known == ("upload_heartbeat" if survives else "reboot")


def test_quarantine_holds_only_what_was_refused(life: Life) -> None:
    life.stored.add(1)
    life.perform(tuple(life.journal.settle(1, {1: "bad"})))
    with broken("quarantine"):
        life.checks.finished(life.journal, CONFIG)
