"""The checks themselves: each is told a small lie, and must see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic_core import to_json

from badge.config import BadgeConfig
from badge.effects import Upload
from badge.entry import Entry
from badge.inputs import UploadAnswer
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.store import Recovered, State
from sim.chaos.checks.journal import Checks
from sim.chaos.checks.patience import Patience
from sim.chaos.checks.story import Story
from sim.engine.flash import FlashChip
from sim.engine.promises import PROMISES, BrokenPromiseError

CONFIG = BadgeConfig(device_id="ACT-00000001")


class Life:
    """A journal on a chip whose every step is shown to the checks."""

    def __init__(self) -> None:
        self.chip = FlashChip(Geometry(ring_pages=8))
        self.stored: set[int] = set()
        self.refused: set[int] = set()
        self.checks = Checks(CONFIG.device_id, self.stored, self.refused)
        self.boot()

    def boot(self, lie: Callable[[FlashJournal], None] = lambda journal: None) -> None:
        self.journal = FlashJournal(self.chip, self.chip.geometry)
        found = self.journal.recover()
        lie(self.journal)
        self.checks.recovered(self.journal, found)
        self.perform(found.effects)
        self.log("reboot")

    def perform(self, effects: tuple[object, ...]) -> None:
        for effect in effects:
            self.chip.perform(effect)  # type: ignore[arg-type]

    def log(self, kind: str = "upload_heartbeat") -> Entry:
        entry = Entry(self.journal.queue.next_sequence, kind, {}, "0.1.0", 0, 1_773_470_820_000)
        self.perform(tuple(self.journal.append(entry, State())))
        self.checks.logged(entry)
        self.checks.finished(self.journal, CONFIG)
        return entry

    def settle(self, through: int) -> None:
        self.perform(tuple(self.journal.settle(through, {})))
        self.checks.finished(self.journal, CONFIG)


@pytest.fixture
def life() -> Life:
    return Life()


def broken(promise: str) -> Any:
    assert promise in PROMISES
    return pytest.raises(BrokenPromiseError, match=f"^{promise} ")


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


def upload(life: Life, *numbers: int, request: int = 1) -> Upload:
    body = to_json([life.checks.events[n].event(CONFIG.device_id) for n in numbers])
    return Upload(request, body, len(numbers), numbers[0], numbers[-1])


def test_batches_are_the_oldest_without_a_gap(life: Life) -> None:
    for _ in range(3):
        life.log()
    patience = Patience(life.checks)
    with broken("order"):
        patience.upload(upload(life, 2, 3), 0, life.journal.queue, CONFIG)
    with broken("order"):
        patience.upload(upload(life, 1, 3), 0, life.journal.queue, CONFIG)
    patience.upload(upload(life, 1, 2), 0, life.journal.queue, CONFIG)


def test_one_batch_is_in_flight_until_it_is_answered_or_overdue(life: Life) -> None:
    patience, queue = Patience(life.checks), life.journal.queue
    patience.upload(upload(life, 1), 0, queue, CONFIG)
    with broken("batch"):
        patience.upload(upload(life, 1, request=2), 1000, queue, CONFIG)


def test_a_retry_waits_for_its_backoff_and_for_retry_after(life: Life) -> None:
    patience, queue = Patience(life.checks), life.journal.queue
    patience.upload(upload(life, 1), 0, queue, CONFIG)
    patience.answered(UploadAnswer(1, 429, retry_after_s=600), 1000, CONFIG)
    patience.shift_ends(400_000)
    with broken("patience"):
        patience.upload(upload(life, 1, request=2), 400_000, queue, CONFIG)
    patience.upload(upload(life, 1, request=2), 601_000, queue, CONFIG)


def test_the_end_of_a_shift_excuses_an_early_attempt(life: Life) -> None:
    patience, queue = Patience(life.checks), life.journal.queue
    patience.upload(upload(life, 1), 0, queue, CONFIG)
    patience.answered(UploadAnswer(1, 503), 1000, CONFIG)
    patience.shift_ends(1001)
    patience.upload(upload(life, 1, request=2), 1001, queue, CONFIG)


def test_what_is_settled_is_never_sent_again(life: Life) -> None:
    batch = upload(life, 1)
    life.stored.add(1)
    life.settle(1)
    with broken("J4"):
        Patience(life.checks).upload(batch, 0, life.journal.queue, CONFIG)


START = {"worker_id": "W-1"}
END = {"worker_id": "W-1", "end_reason": "manual"}
TAG = {"tag_mac": "AA:BB:CC:DD:EE:FF"}


@pytest.mark.parametrize(
    "events",
    [
        [("gps", {})],
        [("shift_end", END)],
        [("shift_start", START), ("shift_start", START)],
        [("shift_start", START), ("shift_end", END | {"worker_id": "W-2"})],
        [("shift_start", START), ("reboot", {}), ("gps", {})],
        [("shift_start", START), ("reboot", {}), ("shift_end", END)],
        [("shift_start", START), ("ble_lost", TAG)],
        [("shift_start", START), ("ble_proximity", TAG), ("ble_proximity", TAG)],
    ],
)
def test_a_story_that_makes_no_sense(events: list[tuple[str, dict[str, str]]]) -> None:
    story = Story("ACT-00000001")
    entries = [Entry(n, kind, payload, "0.1.0", n) for n, (kind, payload) in enumerate(events, 1)]
    for entry in entries[:-1]:
        story.goes_on(entry)
    with broken("contract"):
        story.goes_on(entries[-1])


def test_an_age_that_falls_makes_no_sense_either() -> None:
    story = Story("ACT-00000001")
    story.goes_on(Entry(1, "reboot", {}, "0.1.0", 100))
    with broken("contract"):
        story.goes_on(Entry(2, "upload_heartbeat", {}, "0.1.0", 99))
