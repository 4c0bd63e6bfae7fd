from __future__ import annotations

import pytest


def test_as_note_arduinos_fourth_example_does(desk):
    """Disarm, watch a list of files, arm with a timeout by the mode reset."""
    assert desk.ask("card.attn", mode="disarm,-files") == {"set": True}
    desk.ask("card.attn", mode="files", files=["data.qi"])
    assert desk.ask("card.attn", mode="reset", seconds=120) == {}
    desk.wait(119)
    assert "set" not in desk.ask("card.attn")
    desk.wait(2)
    assert desk.ask("card.attn") == {"files": ["timeout"], "set": True}


def test_all_monitors_are_cleared_at_once(desk):
    desk.ask("card.attn", mode="arm,motion,env")
    assert desk.ask("card.attn", mode="disarm,-all") == {"set": True}
    assert desk.ask("card.attn", verify=True) == {"set": True}


def test_in_continuous_mode_a_timeout_is_served_every_quarter_minute(desk):
    desk.ask("hub.set", product="p:q", mode="continuous")
    desk.ask("card.attn", mode="arm", seconds=16)
    desk.wait(29)
    assert "set" not in desk.ask("card.attn")
    desk.wait(2)
    assert desk.ask("card.attn")["set"]


@pytest.mark.parametrize(
    "members",
    [
        {"seconds": 5},
        {"mode": "sleep"},
        {"mode": "watchdog"},
        {"mode": "files"},
        {"mode": "arm", "files": ["data.qi"]},
        {"mode": "telepathy"},
    ],
)
def test_what_does_not_fit_together_is_refused(desk, members):
    assert "err" in desk.ask("card.attn", **members)


def test_switched_off_the_pin_stays_low_over_a_restart(desk):
    assert desk.ask("card.attn", off=True) == {"off": True}
    desk.ask("card.restart")
    desk.wait(5)
    assert desk.ask("card.attn", mode="arm,env") == {"off": True}
    assert desk.ask("card.attn", on=True) == {"set": True}
