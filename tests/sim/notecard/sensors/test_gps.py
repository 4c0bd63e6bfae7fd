from __future__ import annotations

from dataclasses import dataclass

import pytest

from sim.notecard.world.track import TrackWorld
from sim.notecard.world.world import SetWorld


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
    walker.notecard.card.gps._last_sample_ms -= 10_000
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
