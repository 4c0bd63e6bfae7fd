"""Sensors out of recordings: a second for a fix, silence where nobody listened."""

from __future__ import annotations

import pytest

from badge.inputs import Boot, GpsFix
from sim.engine.clock import Clock
from sim.record.sensors import FIX_DELAY_MS, RecordedSensors
from sim.sources.adverts import AdvertLog, Sighting
from tests.sim.engine.rig import START_UNIX_MS as START_MS
from tests.sim.engine.rig import TAG, device, walk


def adverts(*seconds):
    return AdvertLog(tuple(Sighting(START_MS + round(s * 1000), TAG, -60) for s in seconds))


def test_a_fix_is_where_the_track_is_when_the_answer_comes():
    sensors = RecordedSensors(walk((0, 45.0), (10, 46.0)), None)
    delay_ms, fix = sensors.fix(4000)
    assert delay_ms == FIX_DELAY_MS
    assert isinstance(fix, GpsFix)
    assert fix.lat == pytest.approx(45.5)


def test_a_hole_in_the_track_has_no_fix():
    sensors = RecordedSensors(walk((0, 45.0), (300, 46.0)), None)
    assert sensors.fix(100_000) is None


def test_what_was_heard_in_a_cycle():
    sensors = RecordedSensors(walk((0, 45.0)), adverts(1, 4.999, 5, 20))
    assert sensors.heard(0, 5000) == ((TAG, -60), (TAG, -60))
    assert sensors.heard(5000, 10_000) == ((TAG, -60),)
    assert sensors.heard(10_000, 15_000) == ()


@pytest.mark.parametrize("log", [None, AdvertLog(())])
def test_without_adverts_the_scanner_is_down(log):
    assert RecordedSensors(walk((0, 45.0)), log).heard(0, 5000) is None


def test_before_the_first_and_after_the_last_advert_nobody_listened():
    sensors = RecordedSensors(walk((0, 45.0)), adverts(7, 12))
    assert sensors.heard(0, 5000) is None
    assert sensors.heard(5000, 10_000) == ((TAG, -60),)
    assert sensors.heard(10_000, 15_000) == ((TAG, -60),)
    assert sensors.heard(15_000, 20_000) is None


def test_every_change_of_movement_is_told_at_its_moment():
    points = [(s, 45.0 + (0 if s < 60 else (s - 60) * 1e-5)) for s in range(0, 121, 5)]
    track = walk(*points)
    clock = Clock()
    made, diary = device(clock=clock)
    sensors = RecordedSensors(track, None)
    made.receive(Boot())
    sensors.schedule_movements(clock, made)
    clock.run_until(120_000)
    told = [ms for ms, name in diary.lines if name == "Movement"]
    assert told == [utc_ms - START_MS for utc_ms, _ in track.movements()]
    assert told
