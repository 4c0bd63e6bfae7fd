from __future__ import annotations

from dataclasses import dataclass

import pytest

from sim.notecard.world.world import Position, SetWorld, TrackWorld, metres_between
from tests.paths import RECORDINGS


@dataclass
class Fix:
    lat: float
    lon: float
    hdop: float | None = None


class Walk:
    """Ten minutes of rest, then due north at 1 m/s, with a tunnel in the third quarter hour."""

    start_utc_ms = 1_700_000_000_000

    def fix_at(self, utc_ms: int) -> Fix | None:
        s = (utc_ms - self.start_utc_ms) / 1000
        if 1800 <= s < 2700:
            return None
        return Fix(50 + max(0.0, s - 600) / 111_195, 8.0, 0.9)


@pytest.fixture
def walker(make_desk):
    walk = Walk()
    return make_desk(world=TrackWorld(walk), epoch_ms=walk.start_utc_ms)


def test_continuous_follows_the_track(walker):
    walker.ask("card.location.mode", mode="continuous")
    walker.wait(60)
    rest = walker.ask("card.location")
    walker.wait(1200)
    moved = walker.ask("card.location")
    assert rest["lat"] == 50
    assert (moved["lat"] - 50) * 111_195 == pytest.approx(660, abs=2)
    assert moved["dop"] == 0.9
    assert "{gps}" in moved["status"]


def test_periodic_samples_only_after_movement(walker):
    walker.ask("card.location.mode", mode="periodic", seconds=120)
    walker.wait(590)
    first = walker.ask("card.location")["time"]
    assert first == Walk.start_utc_ms // 1000 + 3
    walker.wait(300)
    assert walker.ask("card.location")["time"] > first + 600


def test_a_tunnel_is_counted_not_an_error(walker):
    walker.ask("card.location.mode", mode="periodic", seconds=120)
    walker.wait(1790)
    before = walker.ask("card.location")
    walker.station.board.gps._last_sample_ms -= 10_000
    walker.wait(400)
    inside = walker.ask("card.location")
    assert inside["lat"] == before["lat"]
    assert inside["time"] == before["time"]
    assert inside["count"] >= 1


def test_tracking_makes_notes_with_place(walker):
    walker.ask("card.location.mode", mode="periodic", seconds=60)
    walker.ask("card.location.track", start=True)
    walker.wait(1200)
    notes = walker.ask("note.changes", file="_track.qo")["notes"]
    assert len(notes) >= 5
    assert all(note["body"]["lat"] >= 50 for note in notes.values())


def test_a_fix_sets_the_clock(walker):
    walker.ask("card.location.mode", mode="continuous")
    walker.wait(10)
    assert walker.ask("card.time")["time"] == Walk.start_utc_ms // 1000 + 10


def test_no_sky_no_place(make_desk):
    desk = make_desk(world=SetWorld(position=None))
    desk.ask("card.location.mode", mode="continuous")
    desk.wait(110)
    reply = desk.ask("card.location")
    assert set(reply) == {"status", "mode"}
    assert reply["status"].startswith("GPS search (110 sec")


def test_fence():
    assert metres_between(Position(50, 8), Position(50, 8)) == 0
    assert metres_between(Position(50, 8), Position(51, 8)) == pytest.approx(111_195, abs=1)


def test_the_track_of_the_real_recording_moves_the_card(make_desk):

    path = RECORDINGS / "walk-korita.gpx"
    if not path.exists():
        pytest.skip("the recording of the walk is not here")
    from sim.sources.open import read_track

    track = read_track(path)
    desk = make_desk(world=TrackWorld(track), epoch_ms=track.start_utc_ms)
    desk.ask("card.location.mode", mode="continuous")
    desk.wait(900)  # its recorder paused for twelve minutes after the first point
    here = desk.ask("card.location")
    desk.wait(600)
    there = desk.ask("card.location")
    moved_m = metres_between(
        Position(here["lat"], here["lon"]), Position(there["lat"], there["lon"])
    )
    assert 10 < moved_m < 5000
