"""What a firmware engineer writes: power, stimulus, judgement."""

from __future__ import annotations

from pathlib import Path

import pytest

SHIFT = Path(__file__).with_name("shift.ndjson")


def drained(events: list[dict]) -> bool:
    """The last event of the stimulus, the battery's, has arrived."""
    return any(one["event_type"] == "low_battery" for one in events)


def test_a_shift_is_logged_as_it_should_be(device_under_test, ingest):
    device_under_test.power_on()
    device_under_test.feed(SHIFT)
    ingest.wait_for(drained)
    verdict = device_under_test.judge(SHIFT)
    assert verdict, verdict


def test_a_slow_card_changes_nothing(device_under_test, notecard, ingest):
    notecard.arm("corrupt-crc", 2)
    notecard.arm("garbage", 2)
    device_under_test.power_on()
    device_under_test.feed(SHIFT)
    ingest.wait_for(drained)
    verdict = device_under_test.judge(SHIFT)
    assert verdict, verdict
    assert notecard.struck("corrupt-crc") == 2


@pytest.mark.parametrize(
    ("bug", "kind"),
    [
        ("repeats-numbers", "sequence"),
        ("stamps-late", "late"),
        ("loses-tags-early", "extra"),
        ("writes-lower-case", "schema"),
        ("forgets-open-shift", "missing"),
    ],
)
def test_each_seeded_bug_is_found(device_under_test, ingest, bug, kind):
    device_under_test.arguments = ("--bug", bug)
    device_under_test.power_on()
    device_under_test.feed(SHIFT)
    ingest.wait_for(drained)
    verdict = device_under_test.judge(SHIFT)
    assert not verdict
    assert kind in verdict.counts, verdict


@pytest.mark.hil
def test_the_real_card_answers(notecard):
    """Runs with: pytest --notecard serial:/dev/ttyACM0"""
    assert notecard.card.ask("card.version")["device"].startswith("dev:")
