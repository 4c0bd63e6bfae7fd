"""Each event that this card can have lets the armed pin go high."""

from __future__ import annotations

import pytest

from sim.notecard.codec.arguments import RequestError
from sim.notecard.model.attn import Attn
from sim.notecard.model.outputs import Pin
from sim.notecard.world.world import SetWorld


def levels(desk) -> list[bool]:
    return [pin.high for pin in desk.outputs(Pin) if pin.name == "ATTN"]


def test_a_note_from_outside(desk):
    desk.online()
    desk.ask("hub.set", sync=True)
    desk.ask("card.attn", mode="arm,files", files=["data.qi"])
    desk.notecard.hub.add_note("other.qi", {})
    desk.wait(5)
    assert levels(desk) == [False]
    desk.notecard.hub.add_note("data.qi", {})
    desk.wait(5)
    assert levels(desk) == [False, True]
    assert desk.ask("card.attn") == {"files": ["data.qi", "modified"], "set": True}


def test_environment_signal_and_connection(desk):
    desk.ask("card.attn", mode="arm,connected")
    desk.online()
    assert desk.ask("card.attn")["files"] == ["connected"]
    desk.ask("hub.set", sync=True)
    desk.ask("card.attn", mode="arm,env,-connected")
    desk.notecard.hub.set_env({"rate": "5"})
    desk.wait(5)
    assert desk.ask("card.attn")["files"] == ["env"]
    assert desk.ask("env.get", name="rate")["text"] == "5"
    desk.ask("card.attn", mode="arm,signal")
    desk.notecard.hub.send_signal({"beep": 1})
    desk.wait(2)
    assert desk.ask("card.attn")["files"] == ["signal"]
    assert desk.ask("hub.signal") == {"connected": True, "body": {"beep": 1}}


def test_a_waiting_signal_request_is_answered_when_it_comes(desk):
    desk.online()
    assert desk.send(b'{"req":"hub.signal","seconds":20}\n') == b""
    desk.notecard.hub.send_signal({"n": 1})
    assert b'"n":1' in desk.wait(1)
    assert desk.send(b'{"req":"hub.signal","seconds":5}\n') == b""
    assert desk.wait(5) == b'{"connected":true}\r\n'


def test_movement(make_desk):
    world = SetWorld()
    desk = make_desk(world=world)
    desk.ask("card.attn", mode="arm,motion")
    desk.wait(10)
    assert levels(desk) == [False]
    world.moving = True
    desk.wait(2)
    assert levels(desk) == [False, True]


def test_a_place(desk):
    desk.ask("card.attn", mode="arm,location")
    desk.ask("card.location.mode", mode="periodic", seconds=60)
    desk.wait(10)
    assert desk.ask("card.attn")["files"] == ["location"]


def test_the_watchdog_wants_requests(desk):
    assert "60" in desk.ask("card.attn", mode="arm,watchdog", seconds=5)["err"]
    pin = Attn()
    pin.configure(["watchdog"])
    pin.arm(0, 0)
    pin.watch_host(0, 90)
    pin.advance(80_000)
    pin.feed(80_000)
    pin.advance(169_000)
    assert pin.armed
    pin.advance(170_000)
    assert pin.fired == ["watchdog"]
    assert pin.pulses == 1


def test_switched_off_nothing_fires_and_unknown_words_are_refused():
    pin = Attn()
    pin.configure(["env"])
    pin.arm(0, 0)
    pin.switch(off=True)
    pin.fire("env")
    assert not pin.fired
    assert not pin.high
    with pytest.raises(RequestError, match="telepathy"):
        pin.configure(["telepathy"])
