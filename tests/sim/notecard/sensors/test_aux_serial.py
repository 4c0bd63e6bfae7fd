from __future__ import annotations

import json

from sim.notecard.model.outputs import AuxText


def said(desk) -> list[str]:
    return [one.text for one in desk.outputs(AuxText)]


def test_only_what_is_asked_for_is_notified(desk):
    desk.online()
    desk.ask("card.aux.serial", mode="notify,signals")
    desk.notecard.hub.set_env({"a": "1"})
    desk.ask("hub.sync")
    desk.wait(5)
    assert said(desk) == []
    desk.notecard.hub.send_signal({"n": 1})
    desk.wait(2)
    assert [json.loads(text) for text in said(desk)] == [{"event": "signals", "body": {"n": 1}}]


def test_the_accelerometer_streams(desk):
    desk.ask("card.aux.serial", mode="notify,accel", duration=1000)
    desk.wait(5)
    assert 4 <= len(said(desk)) <= 6


def test_a_trace_is_off_until_it_is_asked_for(desk):
    desk.ask("card.trace", mode="on")
    desk.online()
    assert any("{connected}" in text for text in said(desk))
