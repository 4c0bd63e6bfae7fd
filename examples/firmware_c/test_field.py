"""The device as it is in the field: provisioned once, then alone with its Notecard."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from badge import BadgeConfig
from badge.errors import InputError
from hil.dut.provision import provision
from sim.notecard.world.world import Position

KEY = "ak_3F8A21B4_nobody-sees-it"
# Everything each second, so that a test need not wait.
CONFIG = BadgeConfig(
    device_id="ACT-3F8A21B4",
    api_key=SecretStr(KEY),
    gps_interval_s=1,
    upload_interval_s=1,
    boot_upload_delay_s=1,
    backoff_first_s=1,
)


def of_type(events: list[dict], event_type: str) -> list[dict]:
    """Return the payloads of one type."""
    return [one["payload"] for one in events if one["event_type"] == event_type]


def test_a_provisioned_device_lives_by_its_notecard(device, notecard, ingest):
    notecard.world.position = Position(52.52, 13.405, dop=1.1)
    notecard.world.moving = True
    device.power_on()
    assert provision(device.driver.console(), CONFIG)["firmware_version"] == "1.4.2"

    device.say('{"in":{"type":"assign","worker_id":"W-007"}}')
    ingest.wait_for(lambda events: of_type(events, "gps"))
    (fix, *_) = of_type(ingest.events(), "gps")
    assert (fix["lat"], fix["lon"], fix["accuracy_m"]) == (52.52, 13.405, 3.3)

    device.power_off()
    device.power_on()
    ingest.wait_for(lambda events: of_type(events, "shift_end"))
    assert of_type(ingest.events(), "shift_end") == [{"worker_id": "W-007", "end_reason": "reboot"}]
    assert of_type(ingest.events(), "reboot")[-1]["reason"] == "power_on"
    numbers = [one["sequence_number"] for one in ingest.events()]
    assert len(set(numbers)) == len(numbers)
    assert not any(KEY in line for line in notecard.trace)


def test_a_wrong_configuration_changes_nothing(device, ingest):
    device.power_on()
    provision(device.driver.console(), CONFIG)
    device.say('{"provision":{"device_id":"ACT-3F8A21B4","gps_interval_s":0}}')
    while not (line := device.hear()).startswith('{"ok"'):
        pass
    assert line.startswith('{"ok":false,"error":"')
    assert "gps_interval_s" in line
    before = len(ingest.events())
    ingest.wait_for(lambda events: len(events) > before)


def test_a_device_that_refuses_is_said(device):
    device.power_on()
    wrong = CONFIG.model_copy(update={"device_id": "nobody"})
    with pytest.raises(InputError, match=r"the device refuses: .*device_id"):
        provision(device.driver.console(), wrong)
