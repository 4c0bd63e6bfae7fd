from __future__ import annotations

import pytest

from sim.notecard.world.attached import Attachments
from sim.notecard.world.world import SetWorld


@pytest.fixture
def desk(make_desk):
    desk = make_desk(world=SetWorld(), attached=Attachments())
    desk.ask("card.motion.mode", start=True, seconds=10, motion=3)
    return desk


def test_movements_are_counted_in_buckets_and_judged(desk):
    desk.notecard.world.moving = True
    desk.wait(25)
    found = desk.ask("card.motion", minutes=1)
    assert found["mode"] == "moving"
    assert found["count"] == 25
    assert found["movements"][1:] == "AA"
    desk.notecard.world.moving = False
    desk.wait(25)
    assert desk.ask("card.motion")["mode"] == "stopped"


def test_turns_and_a_fall_are_told_once(desk):
    desk.notecard.attached.orientation = "face-down"
    desk.notecard.attached.falling = True
    desk.wait(1)
    found = desk.ask("card.motion")
    assert (found["status"], found["alert"]) == ("face-up,face-down", True)
    desk.notecard.attached.falling = False
    desk.ask("card.motion")
    assert "alert" not in desk.ask("card.motion")


def test_a_jolt_is_too_short_for_the_slow_rate(desk):
    desk.notecard.attached.jolting = True
    desk.wait(5)
    assert "count" not in desk.ask("card.motion")
    desk.ask("card.motion.mode", sensitivity=2)
    desk.wait(5)
    assert desk.ask("card.motion")["count"] == 5
