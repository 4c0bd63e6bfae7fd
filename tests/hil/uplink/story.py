"""A badge's events and its batches."""

from __future__ import annotations

from pydantic_core import to_json

from badge.effects import Upload

DEVICE = "ACT-3F8A21B4"


def event(number: int, **changes) -> dict:
    return {
        "device_id": DEVICE,
        "firmware_version": "1.4.2",
        "event_type": "reboot",
        "timestamp_utc": "2026-03-14T08:32:15Z",
        "sequence_number": number,
        "payload": {"reason": "power_on", "previous_uptime_s": 0, "events_in_queue": 0},
    } | changes


def batch(*events: dict) -> Upload:
    numbers = [one["sequence_number"] for one in events]
    return Upload(7, to_json(list(events)), len(events), numbers[0], numbers[-1])
