"""Where a gate is measured."""

from __future__ import annotations

import pytest

from badge import BadgeConfig
from badge.errors import InputError
from hil.gates.places import fix_samples, off_m, read_metres, read_place, tag_of

HERE = (45.81, 15.98)


def test_metres_from_the_surveyed_point():
    assert off_m(HERE, *HERE) == 0
    assert off_m(HERE, 45.811, 15.98) == pytest.approx(111.15, abs=0.1)
    assert off_m(HERE, 45.81, 15.981) == pytest.approx(77.6, abs=0.2)
    fix = {"lat": 45.811, "lon": 15.98, "accuracy_m": 3.0, "fix_type": "3d"}
    (sample,) = fix_samples([fix], HERE)
    assert (sample["sample"], sample["off_m"]) == (1, 111.1)


def test_a_place_is_read_or_refused():
    assert read_place("45.81,15.98") == HERE
    for text in ("", "45.81", "45.81;15.98", "a,b", "1,2,3"):
        with pytest.raises(InputError, match="write LAT,LON"):
            read_place(text)
    for text in ("91,0", "0,181", "nan,0", "0,inf"):
        with pytest.raises(InputError, match="not on the earth"):
            read_place(text)


def test_metres_are_read_once_each_or_refused():
    assert read_metres("5,10") == (5, 10)
    assert read_metres("1-3,2,5") == (1, 2, 3, 5)
    for text in ("", "5;10", "a", "5-", "-5"):
        with pytest.raises(InputError, match="write metres"):
            read_metres(text)
    for text in ("0", "201", "3-1"):
        with pytest.raises(InputError, match="are possible"):
            read_metres(text)


def test_the_tag_is_the_one_that_was_asked_for_or_the_first_known():
    config = BadgeConfig(device_id="ACT-3F8A21B4", known_equipment_tags=["AA:BB:CC:DD:EE:01"])
    assert tag_of(config, None) == "AA:BB:CC:DD:EE:01"
    assert tag_of(config, "AA:BB:CC:DD:EE:02") == "AA:BB:CC:DD:EE:02"
    with pytest.raises(InputError, match="gate 3 needs a tag"):
        tag_of(BadgeConfig(device_id="ACT-3F8A21B4"), None)
