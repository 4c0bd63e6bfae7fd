from __future__ import annotations

import pytest

from sim.air.radio.monitor import (
    HIGH_TIMEOUT_S,
    LOW_TIMEOUT_S,
    Monitor,
    OrPattern,
    Thresholds,
    thresholds_of,
)
from sim.air.radio.timers import Timers

PATH = "/dev_1"


def monitored(limits):
    now, told = [0], []
    timers = Timers(lambda: now[0])
    monitor = Monitor(
        (OrPattern(0, 0xFF, b"L"),),
        timers,
        lambda path: told.append(("found", now[0])),
        lambda path: told.append(("lost", now[0])),
        limits,
    )

    def hear(at_s, dbm):
        now[0] = at_s * 1000
        timers.run_due()
        monitor.hear(PATH, dbm)

    def wait(until_s):
        now[0] = until_s * 1000
        timers.run_due()

    return monitor, hear, wait, told


def test_without_thresholds_every_matching_advert_is_found():
    _, hear, _, told = monitored(None)
    for at_s in (0, 1, 1):
        hear(at_s, -90)
    assert told == [("found", 0), ("found", 1000), ("found", 1000)]


def test_found_after_it_was_strong_long_enough_and_lost_after_it_was_weak():
    _, hear, _, told = monitored(Thresholds(-60, 2, -80, 3))
    for at_s, dbm in enumerate([-70, -50, -50, -50, -90, -90, -90, -90, -90]):
        hear(at_s, dbm)
    assert told == [("found", 3000), ("lost", 7000)]


def test_a_moment_of_weakness_begins_the_time_anew():
    _, hear, _, told = monitored(Thresholds(-60, 2, -80, 3))
    for at_s, dbm in enumerate([-50, -61, -50, -50]):
        hear(at_s, dbm)
    assert told == []


def test_a_found_device_that_is_silent_is_lost():
    _, hear, wait, told = monitored(Thresholds(-60, 1, -80, 3))
    hear(0, -50)
    hear(1, -50)
    wait(3)
    assert told == [("found", 1000)]
    wait(4)
    assert told[1:] == [("lost", 4000)]


@pytest.mark.parametrize(("how", "count"), [("forget", 1), ("end", 1), ("power off", 2)])
def test_nothing_is_lost_that_went_another_way_but_for_power_off(how, count):
    monitor, hear, wait, told = monitored(Thresholds(-60, 1, -80, 3))
    hear(0, -50)
    hear(1, -50)
    if how == "forget":
        monitor.forget(PATH)
    else:
        monitor.end(told=how == "power off")
    wait(10)
    assert len(told) == count


def test_what_a_program_leaves_out_is_filled_in_as_blue_z_does():
    assert thresholds_of() is None
    assert thresholds_of(high_dbm=-60) == Thresholds(-60, HIGH_TIMEOUT_S, -127, LOW_TIMEOUT_S)
    assert thresholds_of(low_s=3) == Thresholds(-127, HIGH_TIMEOUT_S, -127, 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"high_dbm": 21},
        {"low_dbm": -128},
        {"high_dbm": -80, "low_dbm": -60},
        {"high_s": 0},
        {"low_s": 301},
        {"sampling": 256},
    ],
)
def test_what_blue_z_refuses_is_a_value_error(wrong):
    with pytest.raises(ValueError, match="RSSI"):
        thresholds_of(**wrong)


@pytest.mark.parametrize(
    ("start", "content", "possible"),
    [(0, b"x", True), (0, b"", False), (30, b"xx", False), (30, b"x", True), (31, b"x", False)],
)
def test_a_pattern_must_fit_an_advertisement(start, content, possible):
    assert OrPattern(start, 0xFF, content).is_possible is possible
