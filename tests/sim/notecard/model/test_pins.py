from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.notecard.model.pins import Pins, Pixel


@pytest.fixture
def moves():
    return []


@pytest.fixture
def pins(moves):
    return Pins(lambda name, high: moves.append((name, high)))


def test_the_card_drives_and_each_change_is_heard_once(pins, moves):
    pins.show("AUX1", True)
    pins.show("AUX1", True)
    pins.show("AUX1", None)
    assert moves == [("AUX1", True), ("AUX1", None)]


def test_the_world_drives_what_the_card_does_not(pins):
    heard = []
    pins.on_input = lambda name, high: heard.append((name, high))
    pins.pull("AUX2", False)
    pins.drive("AUX2", True)
    pins.drive("AUX2", True)
    assert heard == [("AUX2", True)]
    pins.show("AUX1", True)
    for name in ("AUX1", "ATTN", "AUX9"):
        with pytest.raises(InputError, match=name):
            pins.drive(name, False)


def test_pixels_change_or_do_not(pins):
    assert pins.shine([Pixel("red", 10)])
    assert not pins.shine([Pixel("red", 10)])
