from __future__ import annotations

from sim.notecard.model.identity import Identity


def test_idle_it_sleeps_and_a_request_or_movement_wakes_it(make_desk):
    desk = make_desk(identity=Identity(sku="NOTE-ESP"))
    desk.ask("card.sleep", on=True, mode="accel")
    desk.wait(40)
    assert desk.told("link")[-1] == "asleep"
    assert desk.ask("card.sleep")["on"]
    assert desk.told("link")[-1] == "awake: request"
    desk.wait(40)
    desk.notecard.world.moving = True
    desk.wait(3)
    assert desk.told("link")[-1] == "awake: movement"


def test_a_cellular_card_knows_no_such_sleep(desk):
    assert "{not-supported}" in desk.ask("card.sleep", on=True)["err"]
