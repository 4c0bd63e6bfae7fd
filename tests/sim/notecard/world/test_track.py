from __future__ import annotations

import pytest

from sim.notecard.world.track import DOP, TrackWorld
from sim.notecard.world.world import Position, SetWorld
from sim.sources.open import read_track
from sim.sources.track import Track, TrackFix, TrackPoint, distance_m
from tests.paths import RECORDINGS

START_MS = 1_700_000_000_000
# Ten seconds of rest, ten of a brisk walk north, then nothing for an hour.
NORTH = [50.0] * 10 + [50.0 + n * 1.5e-5 for n in range(10)]
WALK = Track(
    tuple(TrackPoint(START_MS + s * 1000, TrackFix(lat, 8)) for s, lat in enumerate(NORTH))
)


def test_a_fix_and_its_movement_are_those_of_the_track():
    world = TrackWorld(WALK)
    assert world.fix_at(START_MS) == Position(50.0, 8, DOP)
    assert not world.moving_at(START_MS + 5000)
    assert world.moving_at(START_MS + 15_000)


def test_where_the_track_says_nothing_the_card_neither_knows_nor_moves():
    world = TrackWorld(WALK)
    assert world.fix_at(START_MS + 3_600_000) is None
    assert not world.moving_at(START_MS)  # a second before, there was no track


def test_the_rest_is_as_set_by_hand():
    world = TrackWorld(WALK, SetWorld(volts=3.3, celsius=-5.0, bars=1))
    assert (world.volts_at(0), world.celsius_at(0), world.bars_at(0)) == (3.3, -5.0, 1)


def test_the_real_recording_moves_the_card(make_desk):
    path = RECORDINGS / "walk-korita.gpx"
    if not path.exists():
        pytest.skip("the recording of the walk is not here")
    track = read_track(path)
    desk = make_desk(world=TrackWorld(track), epoch_ms=track.start_utc_ms)
    desk.ask("card.location.mode", mode="continuous")
    desk.wait(900)  # its recorder paused for twelve minutes after the first point
    here = desk.ask("card.location")
    desk.wait(600)
    there = desk.ask("card.location")
    assert 10 < distance_m(here["lat"], here["lon"], there["lat"], there["lon"]) < 5000
