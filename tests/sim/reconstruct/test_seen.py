"""Events by boots, and a beginning for those that have none."""

import pytest

from badge.errors import InputError
from sim.reconstruct.seen import boots, seen, with_beginning


def event(number, kind, second, payload=None):
    return {
        "device_id": "ACT-0000000A",
        "firmware_version": "0.3.0",
        "event_type": kind,
        "timestamp_utc": f"2026-03-14T08:00:{second:02}Z",
        "sequence_number": number,
        "payload": payload or {},
    }


def test_every_reboot_begins_a_part():
    kinds = ["gps", "reboot", "gps", "gps", "reboot"]
    parts = boots(seen([event(n, kind, n) for n, kind in enumerate(kinds, 1)], "x"))
    assert [[one.kind for one in part] for part in parts] == [
        ["gps"],
        ["reboot", "gps", "gps"],
        ["reboot"],
    ]


def test_a_shift_that_was_open_is_supposed_with_the_first_polls_moment():
    known = seen([event(70 + n, "gps", 9 + 15 * n - (n == 1)) for n in range(3)], "x")
    begun = with_beginning(known, 15, 10)
    assert [(one.kind, one.number, one.is_held) for one in begun[:3]] == [
        ("reboot", 68, False),
        ("shift_start", 69, False),
        ("gps", 70, True),
    ]
    assert begun[1].second == known[0].second - 1


def test_what_begins_with_a_boot_is_left_alone():
    known = seen([event(1, "reboot", 0)], "x")
    assert with_beginning(known, 15, 10) == known


def test_a_time_that_is_none_is_one_sentence():
    with pytest.raises(InputError, match="event 1: timestamp_utc is no moment"):
        seen([{**event(1, "gps", 1), "timestamp_utc": "soon"}], "x")
