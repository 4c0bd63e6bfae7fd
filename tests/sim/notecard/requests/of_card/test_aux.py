from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "members",
    [
        {"mode": "motion"},
        {"mode": "sideways"},
        {"count": 3},
        {"rate": 1234},
        {"usage": ["high"] * 5},
        {"usage": ["up"]},
        {"sensitivity": 101},
        {"file": "x"},
    ],
)
def test_what_the_pins_cannot_do_is_refused(desk, members):
    assert "err" in desk.ask("card.aux", **members)


def test_an_empty_use_leaves_a_pin_as_it_is(desk):
    desk.ask("card.aux", mode="gpio", usage=["high", "low"])
    assert desk.ask("card.aux", usage=["", "high"])["state"][:2] == [{"high": True}] * 2


def test_a_download_shows_on_its_pin(desk):
    desk.ask("card.aux", mode="dfu")
    assert desk.notecard.card.pins.levels["AUX1"] is True


def test_charging_is_told_only_where_it_is_connected(desk):
    desk.notecard.attached.charging = True
    assert desk.ask("card.carrier") == {"mode": "off"}
    assert desk.ask("card.carrier", mode="charging") == {"mode": "charging", "charging": True}
