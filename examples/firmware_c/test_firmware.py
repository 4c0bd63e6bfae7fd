"""The firmware's bench: the same tests for the program and for the ELF."""

from __future__ import annotations

from pathlib import Path

import pytest
import stimuli

from hil.dut.device import PowerCutError
from hil.dut.stimulus import read_stimulus

SHIFT = Path(__file__).parents[1] / "firmware_bench" / "shift.ndjson"
HALF_MS = 300_000
WORDS = (1, 30, 500)  # of flash, until the power goes: in the first record, in a later one


def drained(events: list[dict]) -> bool:
    """The last event of the stimulus, the battery's, has arrived."""
    return any(one["event_type"] == "low_battery" for one in events)


def test_a_shift_is_logged_as_it_should_be(device, ingest):
    device.power_on()
    device.feed(SHIFT)
    ingest.wait_for(drained)
    verdict = device.judge(SHIFT)
    assert verdict, verdict


def test_a_bad_line_to_the_card_changes_nothing(device, notecard, ingest):
    for fault in ("corrupt-crc", "garbage", "stale", "bad-bin"):
        notecard.arm(fault, 2)
    device.power_on()
    device.feed(SHIFT)
    ingest.wait_for(drained)
    verdict = device.judge(SHIFT)
    assert verdict, verdict
    assert notecard.struck("corrupt-crc") == 2
    assert notecard.struck("bad-bin") == 2


def test_nothing_is_lost_in_an_outage(device, notecard, ingest):
    device.power_on()
    device.feed(SHIFT, until_ms=HALF_MS - 10_000)
    before = len(ingest.events())
    notecard.world.bars = 0
    notecard.wait_for_link(False)
    device.feed(SHIFT, from_ms=HALF_MS - 10_000, until_ms=HALF_MS + 120_000)
    assert len(ingest.events()) == before
    notecard.world.bars = 3
    notecard.wait_for_link()
    device.feed(SHIFT, from_ms=HALF_MS + 120_000)
    ingest.wait_for(drained)
    # The reboot in the middle counts what had not been sent; the reference had no outage.
    verdict = device.judge(SHIFT, ignore=["events_in_queue"])
    assert verdict, verdict


@pytest.mark.parametrize("words", WORDS)
def test_what_was_logged_survives_a_cut_of_power_in_mid_write(device, ingest, tmp_path, words):
    if device.setup.command.startswith("qemu:"):
        device.power_on()
        device.feed(SHIFT, until_ms=HALF_MS)
        device.cut_power_at_write(words)
        with pytest.raises(PowerCutError):
            device.feed(SHIFT, from_ms=HALF_MS)
    else:
        device.arguments = ("--cut", str(3000 + words))
        device.power_on()
        with pytest.raises(AssertionError, match="the device ended"):
            device.feed(SHIFT)
        device.power_off()
        device.arguments = ()
    promised = [one.event for one in read_stimulus(SHIFT).events if one.ms <= device.fed_ms]
    device.power_on()
    device.feed(stimuli.evening(tmp_path / "evening.ndjson"))
    ingest.wait_for(drained)
    kept = {one["sequence_number"]: one for one in ingest.events()}
    assert [kept[one["sequence_number"]] for one in promised] == promised
    for one in ingest.arrivals():
        assert kept[one["sequence_number"]] == one, "a number was given twice"


def test_the_same_day_leaves_the_same_bytes_in_flash(device):
    """However busy this computer is: the board's time is the console's, and its own clock."""
    images = []
    for _ in range(2):
        device.power_on()
        device.feed(SHIFT)
        device.power_off()
        (flash,) = device.state.iterdir()
        images.append(flash.read_bytes())
        flash.unlink()
    assert images[0] == images[1]


def test_new_firmware_is_kept_after_an_upload(device, ingest, tmp_path):
    update = stimuli.update(tmp_path / "update.ndjson")
    device.power_on()
    device.feed(update)
    events = ingest.wait_for(drained)
    verdict = device.judge(update)
    assert verdict, verdict
    assert [one["firmware_version"] for one in reboots(events)] == ["1.4.2", "1.5.0", "1.5.0"]


def test_new_firmware_that_cannot_upload_goes_back(device, notecard, ingest, tmp_path):
    update = stimuli.update(tmp_path / "update.ndjson")
    device.power_on()
    device.feed(update, until_ms=stimuli.OFFER_MS)
    notecard.world.bars = 0
    notecard.wait_for_link(False)
    trial_over_ms = stimuli.OFFER_MS + 2_000 + stimuli.TRIAL_MS
    device.feed(update, from_ms=stimuli.OFFER_MS, until_ms=trial_over_ms)
    notecard.world.bars = 3
    notecard.wait_for_link()
    device.feed(update, from_ms=trial_over_ms)
    events = ingest.wait_for(drained)
    assert [one["firmware_version"] for one in reboots(events)] == ["1.4.2", "1.5.0", "1.4.2"]


def reboots(events: list[dict]) -> list[dict]:
    return [one for one in events if one["event_type"] == "reboot"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        pytest.param("missing", "", marks=pytest.mark.bug("LAST_LEFT_OUT"), id="last-left-out"),
        pytest.param("wrong field", "lat is", marks=pytest.mark.bug("FLOAT_POSITION"), id="float"),
        pytest.param("missing", "ble_prox", marks=pytest.mark.bug("LOST_SIGN"), id="lost-sign"),
        pytest.param("missing", "", marks=pytest.mark.bug("WRITE_BEHIND"), id="write-behind"),
        pytest.param("late", "", marks=pytest.mark.bug("UPTIME_AS_UTC"), id="uptime-as-utc"),
    ],
)
def test_each_seeded_bug_is_found(device, ingest, kind, words):
    device.power_on()
    device.feed(SHIFT)
    ingest.wait_for(lambda events: len(events) > 40)
    verdict = device.judge(SHIFT)
    assert not verdict
    assert kind in verdict.counts, verdict
    assert any(words in str(one) for one in verdict.findings), verdict
