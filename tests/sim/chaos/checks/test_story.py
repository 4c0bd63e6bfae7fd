"""The order that a badge's events must have to make sense."""

from __future__ import annotations

import pytest

from badge.entry import Entry
from sim.chaos.checks.story import Story
from tests.sim.chaos.checks.rig import broken

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
