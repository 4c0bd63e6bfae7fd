from __future__ import annotations

from sim.notecard.world.world import SetWorld


class Falling(SetWorld):
    """Loses a millivolt a second."""

    __slots__ = ()

    def volts_at(self, utc_ms):
        return 4.2 - (utc_ms - 1_767_225_600_000) / 1e6


def test_a_reading_is_the_average_of_a_quarter_hour_unless_now(make_desk):
    desk = make_desk(world=Falling())
    desk.wait(1200)
    now, average = desk.ask("card.voltage", now=True)["value"], desk.ask("card.voltage")["value"]
    assert now < 3.001
    assert 3.44 < average < 3.46


def test_history_has_its_extremes_and_trend(make_desk):
    class Slow(SetWorld):
        __slots__ = ()

        def volts_at(self, utc_ms):
            return 4.2 - (utc_ms - 1_767_225_600_000) / 3.6e6 / 100

    desk = make_desk(world=Slow())
    desk.wait(30 * 3600)
    found = desk.ask("card.voltage", on=True, hours=28)
    assert found["hours"] == 28
    assert found["vmax"] > found["vavg"] > found["vmin"]
    assert found["daily"] < 0


def test_usb_that_goes_is_noticed_by_whoever_watches(make_desk):
    desk = make_desk(world=SetWorld(volts=5.0))
    desk.ask("card.attn", mode="arm,usb")
    desk.wait(5)
    assert not desk.ask("card.attn").get("set")
    desk.notecard.world.volts = 3.9
    desk.wait(120)
    assert desk.ask("card.attn")["files"] == ["usb"]


def test_a_card_follows_its_power(make_desk):
    desk = make_desk(world=SetWorld(volts=5.0))
    desk.ask("hub.set", product="p:q", umin=True)
    desk.wait(10)
    assert desk.ask("hub.status")["connected"]
    desk.notecard.world.volts = 3.9
    desk.wait(10)
    assert desk.ask("hub.status") == {"status": "disconnected"}
