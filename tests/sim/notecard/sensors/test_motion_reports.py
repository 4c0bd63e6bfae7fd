from __future__ import annotations

import pytest

from sim.notecard.world.world import SetWorld


@pytest.fixture
def desk(make_desk):
    desk = make_desk(world=SetWorld())
    desk.ask("hub.set", product="p:q", mode="minimum")
    desk.ask("card.motion.mode", start=True, seconds=5)
    return desk


def test_movement_wants_a_sync_but_not_more_often_than_asked(desk):
    desk.ask("card.motion.sync", start=True, minutes=10, count=2, threshold=2)
    desk.notecard.world.moving = True
    desk.wait(300)
    assert desk.notecard.card.state.sessions == 1
    desk.wait(400)
    assert desk.notecard.card.state.sessions == 2


def test_with_a_threshold_of_zero_only_a_turn_counts(desk):
    desk.ask("card.motion.track", start=True, threshold=0, file="m.qo")
    desk.notecard.world.moving = True
    desk.wait(20)
    assert "m.qo" not in desk.notecard.card.state.files
    desk.notecard.attached.orientation = "angled"
    desk.wait(2)
    (note,) = desk.notecard.card.state.files["m.qo"].notes.values()
    assert note.body["orientation"] == "angled"
