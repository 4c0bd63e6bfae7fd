"""What a receiver says of the time before it knows it, and midnights."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.sources.nmea import MADE_UP_TIME
from sim.sources.nmea_clock import DAY_MS, JUMP_MS, first_honest, midnights, step_ms
from tests.sim.sources.test_nmea import gga, read, rmc

tods = st.integers(0, DAY_MS - 1)


@dataclass
class At:
    tod_ms: int
    has_fix: bool


def void(clock: str) -> list[str]:
    return [gga(clock, quality=0), rmc(clock, day="050180", status="V", place=",,,")]


def fixed(clock: str) -> list[str]:
    return [gga(clock), rmc(clock)]


@pytest.mark.parametrize("made_up", ["2359{}", "0001{}", "2200{}"])
def test_a_cold_start_neither_begins_the_walk_early_nor_late(made_up):
    lines = [line for s in (50, 51, 52) for line in void(made_up.format(s))]
    lines += [line for s in (10, 11, 12) for line in fixed(f"1025{s}")]
    track = read(*lines)
    assert track.end_utc_ms - track.start_utc_ms == 2000
    assert all(point.fix for point in track.points)
    assert dict(track.skipped.counts) == {MADE_UP_TIME: 3}


def test_a_receiver_that_keeps_its_clock_is_believed_from_the_first_moment():
    track = read(*void("102500"), *void("102501"), *fixed("102502"))
    assert [point.fix is not None for point in track.points] == [False, False, True]


def test_a_jump_behind_the_first_fix_is_a_gap_and_no_cold_start():
    track = read(*fixed("102500"), *void("104500"), *fixed("104501"))
    assert len(track.points) == 3


def test_a_log_without_any_fix_is_believed_whole():
    assert first_honest([At(0, False), At(5 * JUMP_MS, False)]) == 0


@given(tods, tods)
def test_a_step_goes_the_shorter_way_round(before_ms, after_ms):
    step = step_ms(before_ms, after_ms)
    assert (before_ms + step) % DAY_MS == after_ms
    assert -DAY_MS // 2 <= step < DAY_MS // 2


@given(st.lists(st.integers(-DAY_MS // 2 + 1, DAY_MS // 2 - 1), max_size=40), tods)
def test_midnights_give_the_steps_back(steps_ms, start_ms):
    moments = [start_ms]
    for step in steps_ms:
        moments.append(moments[-1] + step)
    passed = list(midnights(moment % DAY_MS for moment in moments))
    assert [count * DAY_MS + m % DAY_MS for count, m in zip(passed, moments, strict=True)] == [
        moment - moments[0] // DAY_MS * DAY_MS for moment in moments
    ]
