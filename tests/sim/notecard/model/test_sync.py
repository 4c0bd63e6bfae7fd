"""When notes leave the card, seen from the Notehub's side."""

from __future__ import annotations

from sim.notecard.model.link import Timing


def test_periodic_waits_for_its_minutes_and_goes_off_again(desk):
    desk.ask("hub.set", product="p:q", mode="periodic", outbound=10)
    desk.ask("note.add", body={"n": 1})
    desk.wait(595)
    assert not desk.notecard.hub.events
    desk.wait(15)
    assert [event["file"] for event in desk.notecard.hub.events] == ["_session.qo", "data.qo"]
    assert desk.ask("hub.status") == {"status": "disconnected"}
    desk.wait(3600)
    assert len(desk.notecard.hub.events) == 2  # nothing pending: no session


def test_periodic_inbound_asks_without_anything_to_send(desk):
    desk.ask("hub.set", product="p:q", mode="periodic", inbound=30)
    desk.notecard.hub.add_note("data.qi", {"go": 1})
    desk.wait(1790)
    assert "{note-noexist}" in desk.ask("note.get")["err"]
    desk.wait(20)
    reply = desk.ask("note.get", delete=True)
    assert reply["body"] == {"go": 1}
    assert "{note-noexist}" in desk.ask("note.get")["err"]


def test_sync_true_does_not_wait(desk):
    desk.ask("hub.set", product="p:q", mode="minimum")
    desk.ask("note.add", body={"n": 1}, sync=True)
    desk.wait(10)
    assert desk.notecard.hub.events[-1]["body"] == {"n": 1}


def test_without_a_product_nothing_is_sent(desk):
    desk.ask("note.add", body={"n": 1}, sync=True)
    desk.wait(100)
    assert not desk.notecard.hub.events
    assert "{product-noexist}" in desk.ask("hub.sync.status")["status"]


def test_continuous_with_sync_hears_at_once_else_at_its_minutes(desk):
    desk.online()
    desk.notecard.hub.add_note("data.qi", {"go": 1})
    desk.wait(60)
    assert "err" in desk.ask("note.get")
    desk.ask("hub.set", sync=True)
    desk.wait(2)
    assert desk.ask("note.get")["body"] == {"go": 1}


def test_a_link_lost_in_the_middle_loses_no_note(make_desk):
    desk = make_desk(timing=Timing(sync_s=10))
    desk.online()
    desk.ask("note.add", body={"n": 1}, sync=True)
    desk.wait(3)
    desk.notecard.world.bars = 0
    desk.wait(60)
    assert desk.ask("hub.sync.status")["alert"]
    desk.notecard.world.bars = 3
    desk.wait(60)
    assert [e["body"] for e in desk.notecard.hub.events if e["file"] == "data.qo"] == [{"n": 1}]
    assert desk.ask("file.stats") == {}


def test_a_hundred_plain_notes_are_the_limit_and_templates_have_none(desk):
    for _ in range(100):
        desk.ask("note.add", file="plain.qo", body={"n": 1})
    assert "{note-max}" in desk.ask("note.add", file="plain.qo", body={"n": 1})["err"]
    desk.ask("note.template", file="small.qo", body={"n": 14})
    for n in range(300):
        assert desk.ask("note.add", file="small.qo", body={"n": n}) == {
            "template": True,
            "total": n + 1,
        }


def test_on_true_holds_a_periodic_card_online(desk):
    desk.ask("hub.set", product="p:q", mode="periodic", on=True, seconds=60)
    desk.wait(30)
    assert desk.ask("hub.status")["connected"]
    desk.wait(60)
    assert desk.ask("hub.status") == {"status": "disconnected"}
