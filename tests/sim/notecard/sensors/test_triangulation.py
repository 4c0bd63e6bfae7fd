from __future__ import annotations


def sync(desk) -> dict:
    desk.ask("hub.sync")
    desk.wait(10)
    return desk.ask("hub.sync.status")


def test_a_session_carries_a_scan_when_the_card_has_moved(desk):
    desk.ask("hub.set", product="p:q", mode="minimum")
    desk.ask("card.triangulate", mode="cell")
    assert sync(desk)["scan"]
    assert desk.notecard.hub.events[-1]["tri_points"] == 1
    assert "scan" not in sync(desk), "it rests"
    desk.notecard.world.moving = True
    assert sync(desk)["scan"]


def test_without_what_the_host_hears_wifi_finds_nothing(desk):
    desk.ask("hub.set", product="p:q", mode="minimum")
    desk.ask("card.triangulate", mode="wifi")
    assert "scan" not in sync(desk)
    desk.ask("card.triangulate", text="a\nb\n")
    assert sync(desk)["scan"]
    assert desk.notecard.hub.events[-1]["tri_points"] == 3
