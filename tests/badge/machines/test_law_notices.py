"""Every sentence that a badge says to a person, word by word: people and scripts read them."""

from __future__ import annotations

import pytest

from badge.badge import Badge
from badge.config import read_config
from badge.effects import Notice, Reboot
from badge.errors import MisuseError
from badge.inputs import Boot, ConfigPush, FirmwareOffer, FlashFault, Tick, UtcLearned
from badge.machines.motion import MOTION, MotionFact, MotionIs
from badge.machines.table import Table, ignore
from badge.storage.geometry import Geometry
from badge.storage.memory import MemoryStore
from tests.badge.rig import DEVICE, START_UNIX_MS, Rig


def said(rig):
    return [(one.about, one.text) for _, one in rig.did if isinstance(one, Notice)]


def updated(**config):
    """On trial with 0.2.0, 12 s after its first boot."""
    rig = Rig(**config)
    rig.give(FirmwareOffer("0.2.0"), 10)
    assert rig.badge.store.state.ota_until_age_ms == 0  # the trial counts from its first boot
    rig.give(Boot("firmware_update"), 12)
    return rig


def test_a_kept_firmware_leaves_nothing_of_its_trial():
    rig = updated()
    assert rig.badge.store.state.previous_version == "0.1.0"
    rig.give(Boot("watchdog"), 13)
    rig.give(UtcLearned(START_UNIX_MS + 14_000), 14)
    rig.until(80)
    rig.answer(202)
    assert said(rig) == [("firmware_kept", "0.2.0 is kept")]
    state = rig.badge.store.state
    assert (state.running_version, state.previous_version, state.ota_until_age_ms) == (
        "0.2.0",
        "",
        0,
    )


def test_a_firmware_that_goes_back_leaves_nothing_of_its_trial():
    rig = updated()
    rig.until(12 + 600)
    assert said(rig) == [("firmware_reverted", "no upload with 0.2.0: back to 0.1.0")]
    state = rig.badge.store.state
    assert (state.running_version, state.previous_version, state.ota_until_age_ms) == (
        "0.1.0",
        "",
        0,
    )


def test_a_trial_that_is_over_at_a_boot_ends_right_after_it():
    store = updated().badge.store
    store.age_ms = store.state.ota_until_age_ms
    badge = Badge(read_config({"device_id": DEVICE}), store)
    assert not any(isinstance(effect, Reboot) for effect in badge.receive(Boot(), 0))
    assert badge.next_deadline_ms == 1
    assert Reboot("0.1.0") in badge.receive(Tick(), 1)


def test_a_firmware_that_is_no_other_is_refused_by_name():
    rig = Rig()
    rig.give(FirmwareOffer("0.1.0"), 1)
    text = "firmware '0.1.0' is the running version or no major.minor.patch"
    assert said(rig) == [("firmware_refused", text)]


def test_a_refused_schema_asks_for_firmware():
    rig = Rig()
    rig.until(60)
    rig.answer(422, code="schema_deprecated")
    text = "the cloud refuses this firmware's events: update it"
    assert said(rig) == [("needs_firmware", text)]


def test_a_refused_event_is_told_with_its_number_and_reason():
    rig = Rig()
    rig.until(60)
    rig.answer(207, rejected=((1, "Missing required field: timestamp_utc"),))
    assert said(rig) == [("quarantined", "event 1: Missing required field: timestamp_utc")]
    assert rig.quarantined() == [(1, "Missing required field: timestamp_utc")]


@pytest.mark.parametrize("status", [400, 413])
def test_a_single_event_that_is_refused_whole_is_told(status):
    rig = Rig()
    rig.until(60)
    rig.answer(status)
    assert said(rig) == [("quarantined", f"event 1: the cloud answered {status}")]


def test_a_dropped_event_is_told_with_the_count_so_far():
    rig = Rig(queue_events_max=1)
    rig.give(Boot("watchdog"), 5)
    (notice,) = [one for _, one in rig.did if isinstance(one, Notice)]
    assert notice.text == "queue full: the oldest event was dropped, 1 so far"
    assert notice.sequence_numbers == (1,)


def test_a_push_is_told_whether_applied_or_not():
    rig = Rig()
    rig.give(ConfigPush({"gps_interval_s": 20}), 1)
    rig.give(ConfigPush({"device_id": "ACT-00000009"}), 2)
    assert said(rig) == [
        ("config_applied", "the configuration was applied"),
        ("config_rejected", "config: device_id: it is fixed at provisioning"),
    ]


class Mending(MemoryStore):
    """Tells which address it was asked to mend."""

    def mend(self, address):
        return (Notice("flash_worn", f"mended {address}"),)


def test_a_flash_fault_is_the_stores_to_mend():
    rig = Rig(Mending())
    rig.give(FlashFault(4096), 1)
    assert said(rig) == [("flash_worn", "mended 4096")]


@pytest.mark.parametrize(
    "wrong",
    [{"page_bytes": 1280}, {"page_bytes": 1600}, {"ring_pages": 4}, {"page_bytes": 1535}],
)
def test_a_chip_that_no_journal_fits_is_a_misuse(wrong):
    with pytest.raises(
        MisuseError, match=r"^flash needs pages of 1536 bytes or more and at least 5"
    ):
        Geometry(**wrong)
    Geometry(page_bytes=1536, ring_pages=5)


def test_a_table_names_every_row_that_it_lacks_and_takes_no_stranger():
    assert Table("motion", MotionIs, MotionFact, MOTION.rows).rows == MOTION.rows
    rows = dict(MOTION.rows)
    for key in [(MotionIs.MOVING, MotionFact.BEGAN), (MotionIs.MOVING, MotionFact.CEASED)]:
        del rows[key]
    lacking = "moving × movement began, moving × movement ceased"
    with pytest.raises(MisuseError, match=f"^table motion: no row for {lacking}$"):
        Table("motion", MotionIs, MotionFact, rows)
    stranger = {**MOTION.rows, (MotionFact.BEGAN, MotionIs.MOVING): (MotionIs.MOVING, ignore)}
    with pytest.raises(MisuseError, match=r"^table motion: no row for a stranger$"):
        Table("motion", MotionIs, MotionFact, stranger)
