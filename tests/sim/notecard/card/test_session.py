from __future__ import annotations

from sim.notecard.model.exchange import HubGoneError
from sim.notecard.notehub.hub import Hub
from sim.notecard.world.world import SetWorld


def test_one_way_is_one_way(desk):
    desk.ask("hub.set", product="p:q", mode="minimum")
    desk.ask("note.add", body={"n": 1})
    desk.notecard.hub.add_note("data.qi", {"go": 1})
    desk.ask("hub.sync", **{"in": True})
    desk.wait(10)
    assert desk.ask("note.get", delete=True)["body"] == {"go": 1}
    assert desk.ask("file.changes.pending")["pending"]
    desk.notecard.hub.add_note("data.qi", {"go": 2})
    desk.ask("hub.sync", out=True)
    desk.wait(10)
    assert desk.ask("file.changes.pending") == {}
    assert "err" in desk.ask("note.get")


def test_a_session_lasts_its_duration_and_is_opened_anew(desk):
    desk.ask("hub.set", product="p:q", mode="continuous", duration=15)
    desk.wait(1000)
    assert desk.notecard.card.state.sessions == 2
    assert desk.ask("hub.status")["connected"]


def test_aligned_syncs_come_on_the_hour_whenever_the_card_was_switched_on(make_desk):
    desk = make_desk(epoch_ms=1_767_225_600_000 + 1_234_000)
    desk.ask("card.time", time=1_767_226_834)
    desk.ask("hub.set", product="p:q", mode="periodic", outbound=60, align=True)
    desk.ask("note.add", body={"n": 1})
    desk.wait(3600)
    (event,) = [e for e in desk.notecard.hub.events if e["file"] == "data.qo"]
    assert event["received"] % 3600 < 10


def test_by_a_low_voltage_syncs_are_rarer(make_desk):
    desk = make_desk(world=SetWorld(volts=3.3))
    desk.ask("card.voltage", mode="lipo")
    desk.ask("hub.set", product="p:q", mode="periodic", voutbound="usb:5;normal:10;low:60;0")
    desk.ask("note.add", body={"n": 1})
    desk.wait(3500)
    assert not desk.notecard.hub.events
    desk.wait(200)
    assert desk.notecard.hub.events


def test_penalties_grow_with_each_failure_in_a_row(make_desk):
    desk = make_desk(world=SetWorld(bars=0))
    desk.ask("hub.set", product="p:q", mode="continuous")
    desk.wait(310)
    assert desk.ask("card.wireless.penalty")["seconds"] == 890
    desk.wait(1200)
    assert desk.ask("card.wireless.penalty")["count"] == 2
    assert desk.ask("card.wireless.penalty")["seconds"] > 1900


def test_a_notehub_that_is_gone_costs_no_note(make_desk):
    class Gone(Hub):
        away = True

        def exchange(self, upload):
            if self.away:
                raise HubGoneError
            return super().exchange(upload)

    hub = Gone()
    desk = make_desk(hub=hub)
    desk.ask("note.add", body={"n": 1})
    desk.ask("hub.set", product="p:q", mode="continuous")
    desk.wait(10)
    assert "{notehub-open-failure}" in desk.ask("hub.status")["err"]
    hub.away = False
    desk.ask("hub.sync", allow=True)
    desk.wait(10)
    assert {"n": 1} in [e.get("body") for e in hub.events]
