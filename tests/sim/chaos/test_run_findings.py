"""What campaigns have found in the badge, each as the smallest story that shows it."""

from __future__ import annotations

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.entry import Entry
from badge.inputs import Boot, ConfigPush
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.store import State
from sim.engine.flash import FlashChip

CONFIG = BadgeConfig(device_id="ACT-00000001", quarantine_events_max=1)


def booted(chip: FlashChip) -> Badge:
    badge = Badge(CONFIG, FlashJournal(chip, chip.geometry))
    for effect in badge.receive(Boot(), 0):
        if hasattr(effect, "address"):
            chip.perform(effect)
    return badge


def push(badge: Badge, chip: FlashChip, **document: object) -> None:
    for effect in badge.receive(ConfigPush(document), 1):
        if hasattr(effect, "address"):
            chip.perform(effect)


def test_pushed_limits_of_the_queue_are_in_force_after_a_reboot() -> None:
    chip = FlashChip(Geometry(ring_pages=8))
    push(booted(chip), chip, queue_events_max=30, quarantine_events_max=7)
    queue = booted(chip).store.queue
    assert (queue.queue_max, queue.quarantine_max) == (30, 7)


def test_a_boot_evicts_nothing_from_a_quarantine_that_a_push_made_larger() -> None:
    chip = FlashChip(Geometry(ring_pages=8))
    badge = booted(chip)
    push(badge, chip, quarantine_events_max=7)
    store = badge.store
    for number in range(2, 6):
        entry = Entry(number, "upload_heartbeat", {}, "0.1.0", number, number)
        for effect in store.append(entry, State()):
            chip.perform(effect)
    for effect in store.settle(5, dict.fromkeys(range(2, 6), "refused")):
        chip.perform(effect)
    kept = [item.entry.sequence_number for item in booted(chip).store.queue.quarantined]
    assert kept == [2, 3, 4, 5]
