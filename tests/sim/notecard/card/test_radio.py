from __future__ import annotations

from sim.notecard.world.attached import Attachments
from sim.notecard.world.world import SetWorld


def transport(desk) -> str:
    return desk.notecard.hub.events[-1]["transport"]


def test_wifi_is_taken_where_it_is_and_left_where_it_is_not(make_desk):
    desk = make_desk(attached=Attachments(access_points={"site": "open sesame"}))
    desk.ask("card.wifi", text='["none","x"],["site","open sesame"]')
    desk.online()
    assert transport(desk) == "wifi:b/g/n"
    assert desk.ask("card.status")["wifi"]
    desk.notecard.attached.access_points = {}
    desk.wait(20)
    assert transport(desk) == "cell:lte:fdd"


def test_a_better_way_is_looked_for_when_its_time_has_come(make_desk):
    desk = make_desk()
    desk.ask("card.transport", method="wifi-cell", seconds=60)
    desk.ask("card.wifi", ssid="site", password="p")
    desk.online()
    desk.notecard.attached.access_points = {"site": "p"}
    desk.wait(30)
    assert transport(desk) == "cell:lte:fdd"
    desk.wait(60)
    assert transport(desk) == "wifi:b/g/n"


def test_a_method_without_a_network_never_connects(make_desk):
    desk = make_desk()
    desk.ask("card.transport", method="wifi")
    desk.ask("hub.set", product="p:q", mode="continuous")
    desk.wait(100)
    assert not desk.ask("hub.status").get("connected")


def test_the_external_sim_needs_its_apn(make_desk):
    desk = make_desk(attached=Attachments(external_sim=True, apn="iot"))
    desk.ask("card.wireless", method="secondary")
    desk.ask("hub.set", product="p:q", mode="continuous")
    desk.wait(20)
    assert not desk.ask("hub.status").get("connected")
    desk.ask("card.wireless", apn="iot")
    desk.wait(20)
    assert desk.ask("card.wireless")["net"]["iccid"].startswith("8988")


def test_by_satellite_only_compact_templates_travel(make_desk):
    desk = make_desk(attached=Attachments(starnote=True), world=SetWorld(bars=0))
    desk.ask("card.transport", method="ntn")
    desk.online()
    assert "NTN" in desk.ask("note.add", body={"n": 1})["err"]
    desk.ask("note.template", file="s.qo", body={"n": 14}, format="compact", port=7)
    assert desk.ask("note.add", file="s.qo", body={"n": 1})["template"]
    assert desk.ask("ntn.status")["status"] == "{ntn-connected}"
