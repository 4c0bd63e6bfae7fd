from __future__ import annotations

from sim.notecard.world.attached import Attachments
from sim.notecard.world.world import SetWorld


def test_notes_come_at_the_interval_that_the_voltage_says(make_desk):
    desk = make_desk(world=SetWorld(volts=3.9))
    desk.ask("card.temp", status="usb:1;normal:10;60")
    desk.wait(1900)
    notes = desk.notecard.card.state.files["_temp.qo"].notes.values()
    assert [note.body["value"] for note in notes] == [22.5] * 3


def test_a_bme280_speaks_unless_the_card_may_not_be_master(make_desk):
    desk = make_desk(attached=Attachments(humidity_pct=41.0))
    assert desk.ask("card.temp")["humidity"] == 41.0
    desk.ask("card.io", mode="i2c-master-disable")
    assert "humidity" not in desk.ask("card.temp")
