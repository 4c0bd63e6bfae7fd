"""A chip whose power may fail at any byte, and a journal that shows what it recovers."""

from __future__ import annotations

import random

import pytest

from badge.effects import Erase, Program
from badge.entry import Entry
from badge.storage.geometry import Geometry
from badge.storage.store import State
from sim.chaos.rig.flash import BrownOutChip, CheckedJournal
from sim.engine.ports import PowerLostError

GEOMETRY = Geometry(ring_pages=8)


def chip_of(seed: int = 1) -> BrownOutChip:
    return BrownOutChip(GEOMETRY, seed)


def heartbeat(journal: CheckedJournal) -> tuple[object, ...]:
    number = journal.queue.next_sequence
    entry = Entry(number, "upload_heartbeat", {}, "0.1.0", 0, 1_773_470_820_000)
    return tuple(journal.append(entry, State()))


def test_power_fails_within_the_operation_after_so_many_and_only_once():
    chip = chip_of()
    journal = CheckedJournal(chip, lambda *_: None)
    for effect in journal.recover().effects:
        chip.perform(effect)
    chip.brown_out(1, random.Random(1))
    first, second = heartbeat(journal)[:1], heartbeat(journal)[:1]
    chip.perform(first[0])
    with pytest.raises(PowerLostError):
        chip.perform(second[0])
    again = CheckedJournal(chip, lambda *_: None)
    again.recover()
    assert again.queue.entries[0].sequence_number == 1


def test_calm_ends_it():
    chip = chip_of()
    chip.brown_out(0, random.Random(1))
    chip.calm()
    assert chip.perform(Erase(0)) in (True, False)


def test_wear_is_the_difference_between_pages_of_the_ring():
    chip = chip_of()
    ring = 2 * GEOMETRY.config_pages * GEOMETRY.page_bytes
    assert chip.wear == 0
    for _ in range(3):
        chip.perform(Erase(ring))
    assert chip.wear == 3


def test_a_recovery_is_shown_with_its_reads_before_the_badge_goes_on():
    seen = []
    journal = CheckedJournal(chip_of(), lambda j, found, reads: seen.append((j, found, reads)))
    found = journal.recover()
    assert [(j, f) for j, f, _ in seen] == [(journal, found)]
    assert 0 < seen[0][2] <= GEOMETRY.ring_pages + 4
    assert Program in {type(effect) for effect in heartbeat(journal)}
