from __future__ import annotations

import pytest

from sim.notecard.world.world import Position, SetWorld

HOME, FAR = Position(50.0, 8.0), Position(50.01, 8.0)


@pytest.fixture
def desk(make_desk):
    desk = make_desk(world=SetWorld(position=HOME, moving=True))
    desk.ask("card.location.mode", mode="periodic", seconds=60)
    desk.ask("card.location.track", start=True, file="t.qo")
    return desk


def notes(desk) -> list[dict]:
    file = desk.notecard.card.state.files.get("t.qo")
    return [note.body for note in file.notes.values()] if file else []


def test_inside_the_fence_nothing_is_tracked_and_outside_after_its_minutes(desk):
    desk.ask("card.location.mode", lat=50.0, lon=8.0, max=100, minutes=3)
    desk.wait(600)
    assert notes(desk) == []
    desk.notecard.world.position = FAR
    desk.wait(120)
    assert notes(desk) == []
    desk.wait(200)
    assert notes(desk)
    assert desk.ask("card.location")["max"] == 1112


def test_a_heartbeat_comes_without_movement_and_a_payload_once(desk):
    desk.notecard.world.moving = False
    desk.ask("card.location.track", heartbeat=True, hours=-10, payload="YQ==")
    desk.wait(1300)
    held = list(desk.notecard.card.state.files["t.qo"].notes.values())
    assert [note.payload for note in held].count("YQ==") == 1
    assert len(held) >= 2


def test_a_journey_is_movement_with_samples_close_together(desk):
    assert desk.ask("card.location.mode")["journey"]
    desk.ask("card.location.mode", seconds=600)
    assert "journey" not in desk.ask("card.location.mode")
