"""What a boot does, seen from outside: flash is read, damage told, `reboot` logged first."""

from __future__ import annotations

import pytest

from badge.badge import Badge
from badge.config import read_config
from badge.effects import Erase, Logged, Notice
from badge.inputs import Assign, Boot, FirmwareOffer, Tick, UtcLearned
from badge.storage.memory import MemoryStore
from badge.storage.store import Recovered
from tests.badge.rig import DEVICE, START_UNIX_MS, Rig

CONFIG = read_config({"device_id": DEVICE})


def booted(store, version="0.1.0", config=CONFIG, reason="power_on", at_ms=0):
    badge = Badge(config, store, version)
    return badge, badge.receive(Boot(reason), at_ms)


def reboot_of(store):
    return store.queue.entries[-1]


@pytest.mark.parametrize("reason", ["power_on", "watchdog", "user_reset", "firmware_update"])
def test_the_first_event_of_a_boot_is_reboot_with_its_reason(reason):
    store = MemoryStore()
    booted(store, reason=reason)
    entry = reboot_of(store)
    assert (entry.event_type, entry.sequence_number) == ("reboot", 1)
    assert entry.payload == {"reason": reason, "previous_uptime_s": 0, "events_in_queue": 0}


def test_the_previous_uptime_is_that_of_the_last_boot_alone():
    store = MemoryStore()
    badge, _ = booted(store)
    badge.receive(Tick(), 61_999)  # uptime_save_s keeps 60 s of it
    badge.receive(Boot("watchdog"), 62_000)
    assert reboot_of(store).payload["previous_uptime_s"] == 60
    badge.receive(Boot("watchdog"), 63_000)
    assert reboot_of(store).payload == {
        "reason": "watchdog",
        "previous_uptime_s": 0,
        "events_in_queue": 2,
    }


def test_a_boot_forgets_the_time_of_day():
    rig = Rig()
    rig.give(Boot("watchdog"), 10)
    assert rig.badge.store.queue.entries[-1].unix_ms is None
    rig.give(UtcLearned(START_UNIX_MS + 11_000), 11)
    assert [e.unix_ms for e in rig.badge.store.queue.entries] == [
        START_UNIX_MS,
        START_UNIX_MS + 10_000,
    ]


def test_a_boot_that_finds_a_shift_logs_reboot_then_its_end():
    store = MemoryStore()
    badge, _ = booted(store)
    badge.receive(Assign("W-007"), 1000)
    badge.receive(Boot("watchdog"), 9000)
    last = list(store.queue.entries)[-2:]
    assert [entry.event_type for entry in last] == ["reboot", "shift_end"]
    assert last[1].payload == {"worker_id": "W-007", "end_reason": "reboot"}
    assert badge.state == "unassigned"


class Damaged(MemoryStore):
    """Finds at boot what a test lays into it."""

    def recover(self):
        return Recovered(
            (Erase(4096),), lost=((3, 4), (9, 9)), unfinished=(11,), unreadable=((20, 25),)
        )


def test_damage_is_told_by_its_numbers_after_what_recovery_writes():
    _, effects = booted(Damaged())
    assert effects[0] == Erase(4096)
    told = [effect for effect in effects if isinstance(effect, Notice)]
    assert [(one.about, one.sequence_numbers) for one in told] == [
        ("flash_damage", (3, 4)),
        ("flash_damage", (9,)),
        ("flash_damage", ()),
        ("flash_unfinished", (11,)),
    ]
    assert "3 to 4" in told[0].text
    assert "20 to 25 are skipped" in told[2].text
    assert "11" in told[3].text


def test_nothing_is_evicted_before_the_configuration_in_flash_is_known():
    store = MemoryStore()
    small = read_config({"device_id": DEVICE, "queue_events_max": 2, "quarantine_events_max": 1})
    large = read_config({"device_id": DEVICE, "queue_events_max": 9, "quarantine_events_max": 9})
    store.save_config(large.document())
    for _ in range(4):
        booted(store, config=small)
    assert len(store.queue.entries) == 4
    assert (store.queue.queue_max, store.queue.quarantine_max) == (9, 9)


def test_other_firmware_written_from_outside_ends_a_trial():
    store = MemoryStore()
    badge, _ = booted(store, "0.1.0")
    badge.receive(FirmwareOffer("0.2.0"), 1000)
    badge.receive(Boot("firmware_update"), 2000)
    assert badge.firmware_version == "0.2.0"
    assert store.state.previous_version == "0.1.0"
    badge, effects = booted(store, "0.3.0", at_ms=3000)
    assert badge.firmware_version == "0.3.0"
    assert (store.state.previous_version, store.state.ota_until_age_ms) == ("", 0)
    assert not any(isinstance(effect, Logged) for effect in effects)
    badge, _ = booted(store, "0.3.0", at_ms=4000)
    assert badge.firmware_version == "0.3.0"


def test_a_trial_counts_from_its_first_boot_and_not_again_from_the_next():
    store = MemoryStore()
    badge, _ = booted(store)
    badge.receive(FirmwareOffer("0.2.0"), 1000)
    badge.receive(Boot("firmware_update"), 2000)
    until = store.state.ota_until_age_ms
    assert until == store.state.boot_age_ms + 600_000
    badge.receive(Boot("watchdog"), 5000)
    assert store.state.ota_until_age_ms == until
