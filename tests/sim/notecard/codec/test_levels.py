from __future__ import annotations

import pytest

from sim.notecard.codec.arguments import RequestError
from sim.notecard.codec.levels import by_level, level_of, thresholds


def test_the_first_threshold_that_is_reached_names_the_level():
    lipo = thresholds("lipo")
    assert [level_of(v, lipo) for v in (5.0, 4.1, 3.6, 3.3, 2.0)] == [
        "usb",
        "high",
        "normal",
        "low",
        "dead",
    ]


def test_a_part_without_a_name_is_for_every_other_level():
    text = "usb:15;low:720;60"
    assert [by_level(text, one) for one in ("usb", "normal", "low")] == [15, 60, 720]
    assert by_level("usb:1", "low") is None


@pytest.mark.parametrize("text", ["usb:x", "", "usb:12345678", "a:b:c"])
def test_what_is_no_such_value_is_refused(text):
    with pytest.raises(RequestError):
        by_level(text, "usb")
    with pytest.raises(RequestError):
        thresholds("pigeon" if not text else f"{text};odd")
