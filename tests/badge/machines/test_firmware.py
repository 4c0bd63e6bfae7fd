"""Contract section 3, OTA."""

from __future__ import annotations

import pytest

from badge.effects import Reboot
from badge.errors import MisuseError
from badge.inputs import Boot, FirmwareOffer, UtcLearned
from badge.machines.firmware import FIRMWARE, FirmwareFact
from badge.machines.table import never
from tests.badge.rig import START_UNIX_MS, Rig


def restarted(rig, after_s=3.0):
    """Let the pump do what Reboot asks for."""
    at_s = rig.now_ms / 1000 + after_s
    rig.give(Boot("firmware_update"), at_s)
    rig.give(UtcLearned(START_UNIX_MS + rig.now_ms))
    return rig


def versions(rig):
    return [effect.firmware_version for _, effect in rig.did if isinstance(effect, Reboot)]


def offered(version="0.2.0"):
    rig = Rig()
    rig.give(FirmwareOffer(version), 100)
    return rig


def test_a_new_version_reboots_with_firmware_update_and_then_runs():
    rig = restarted(offered())
    assert versions(rig) == ["0.2.0"]
    assert rig.badge.firmware_version == "0.2.0"
    assert rig.events("reboot")[-1][2]["reason"] == "firmware_update"


def test_without_an_upload_the_previous_version_comes_back_600_s_after_the_reboot():
    rig = restarted(offered(), after_s=50)
    rig.until(749.999)
    assert versions(rig) == ["0.2.0"]
    rig.until(750)
    assert versions(rig) == ["0.2.0", "0.1.0"]
    assert rig.notices() == ["firmware_reverted"]
    restarted(rig)
    assert rig.badge.firmware_version == "0.1.0"
    rig.until(5000)
    assert versions(rig) == ["0.2.0", "0.1.0"]


@pytest.mark.parametrize("status", [202, 207])
def test_an_upload_keeps_the_new_version(status):
    rig = restarted(offered())
    rig.until(200)
    rig.answer(status)
    rig.until(5000)
    assert rig.notices() == ["firmware_kept"]
    assert versions(rig) == ["0.2.0"]
    rig.give(Boot())
    assert rig.badge.firmware_version == "0.2.0"


def test_a_batch_of_which_everything_is_refused_is_no_success():
    rig = restarted(offered())
    rig.until(200)
    numbers = range(rig.upload.first_sequence, rig.upload.last_sequence + 1)
    rig.answer(207, rejected=tuple((number, "no") for number in numbers))
    rig.until(700)
    assert versions(rig) == ["0.2.0"]
    rig.until(704)
    assert versions(rig) == ["0.2.0", "0.1.0"]


def test_an_upload_of_the_old_version_keeps_nothing():
    rig = Rig()
    rig.until(60)
    rig.give(FirmwareOffer("0.2.0"), 61)
    rig.answer(202, 62)
    assert rig.notices() == []
    restarted(rig)
    rig.until(700)
    assert versions(rig) == ["0.2.0", "0.1.0"]


def test_an_offer_while_it_goes_back_does_not_make_the_bad_version_the_trusted_one():
    rig = restarted(offered())
    rig.until(703)
    rig.give(FirmwareOffer("0.3.0"))
    restarted(rig)
    assert (rig.badge.firmware_version, versions(rig)) == ("0.1.0", ["0.2.0", "0.1.0"])


def test_the_trial_goes_on_over_a_reboot():
    rig = restarted(offered())
    rig.until(400)
    restarted(rig, after_s=0)
    rig.until(702)
    assert versions(rig) == ["0.2.0"]
    rig.until(703 + 60)  # the uptime is saved every minute: so much a reboot may forget
    assert versions(rig) == ["0.2.0", "0.1.0"]


def test_a_newer_image_of_the_program_itself_ends_every_trial():
    rig = offered()
    from badge import Badge

    badge = Badge(rig.badge.config, rig.badge.store, "0.9.0")
    badge.receive(Boot(), 0)
    assert badge.firmware_version == "0.9.0"
    assert all(type(effect) is not Reboot for effect in badge.receive(Boot(), 10**7))


@pytest.mark.parametrize("version", ["0.1.0", "1.2", "01.2.3", "1.2.3-rc1", "1.2.3\n", "", "a.b.c"])
def test_the_same_or_a_malformed_version_is_refused(version):
    rig = offered(version)
    assert (versions(rig), rig.notices()) == ([], ["firmware_refused"])


def test_events_carry_the_version_that_made_them_and_an_open_shift_ends():
    rig = Rig()
    rig.assign(1)
    rig.give(FirmwareOffer("0.2.0"), 2)
    restarted(rig)
    entries = rig.badge.store.queue.entries
    assert [(e.event_type, e.firmware_version) for e in entries] == [
        ("reboot", "0.1.0"),
        ("shift_start", "0.1.0"),
        ("reboot", "0.2.0"),
        ("shift_end", "0.2.0"),
    ]


@pytest.mark.parametrize(
    ("state", "fact"), [key for key, (_, action) in FIRMWARE.rows.items() if action is never]
)
def test_what_cannot_happen_is_a_misuse(state, fact):
    firmware = Rig().badge._firmware
    firmware.state = state
    with pytest.raises(MisuseError):
        firmware.on(FirmwareFact(fact))
