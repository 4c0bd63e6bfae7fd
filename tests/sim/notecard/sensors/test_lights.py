from __future__ import annotations

import pytest


def levels(desk) -> list:
    return [desk.notecard.card.pins.levels[name] for name in ("AUX2", "AUX3", "AUX4")]


def test_a_monitor_tells_of_the_link(desk):
    desk.ask("card.aux", mode="monitor")
    assert levels(desk) == [False, False, False]
    desk.ask("hub.set", product="p:q", mode="continuous")
    desk.wait(1.5)
    assert levels(desk) == [False, True, False]
    desk.wait(5)
    assert levels(desk) == [True, False, False]


@pytest.mark.parametrize(
    ("mode", "colour", "lit"),
    [("led", "red", [False, False, True]), ("rgb", "cyan", [False, True, True])],
)
def test_the_host_lights_a_lamp(desk, mode, colour, lit):
    desk.ask("card.aux", mode=mode)
    assert desk.ask("card.led", mode=colour, on=True) == {}
    assert levels(desk) == lit
    desk.ask("card.led", mode=colour, off=True)
    assert levels(desk) == [False, False, False]


def test_one_pixel_of_a_strip_is_the_hosts(desk):
    desk.ask("card.aux", mode="neo-monitor", count=2, offset=2, sensitivity=30)
    desk.ask("card.led", mode="orange", on=True)
    assert [(p.colour, p.percent) for p in desk.notecard.card.pins.pixels] == [
        ("", 30),
        ("orange", 30),
    ]


def test_a_lamp_that_is_not_there(desk):
    assert "{incompatible}" in desk.ask("card.led", mode="red", on=True)["err"]
    desk.ask("card.aux", mode="led")
    assert "no orange" in desk.ask("card.led", mode="orange", on=True)["err"]
