from __future__ import annotations

import pytest


@pytest.fixture
def desk(desk):
    desk.ask("card.time", time=1_700_000_000)
    usage = ["count-pulldown", "low", "high", "input-pullup"]
    desk.ask("card.aux", mode="gpio", usage=usage, sync=True, file="pins.qo", connected=True)
    return desk


def pulse(desk, seconds=1.0):
    desk.notecard.card.pins.drive("AUX1", True)
    desk.wait(seconds)
    desk.notecard.card.pins.drive("AUX1", False)
    desk.wait(1)


def test_outputs_are_lines_and_inputs_are_read(desk):
    levels = desk.notecard.card.pins.levels
    assert (levels["AUX2"], levels["AUX3"], levels["AUX4"]) == (False, True, True)
    desk.notecard.card.pins.drive("AUX4", False)
    assert desk.ask("card.aux")["state"][3] == {"input": True, "low": True}


def test_an_input_that_changes_is_a_note_and_wakes_the_host(desk):
    desk.ask("card.attn", mode="arm,auxgpio")
    desk.notecard.card.pins.drive("AUX4", False)
    assert len(desk.notecard.card.state.files["pins.qo"].notes) == 1
    assert desk.ask("card.attn")["files"] == ["auxgpio"]


def test_pulses_fall_into_their_samples_the_last_takes_the_rest(desk):
    desk.ask("card.aux", seconds=10, max=2, start=True)
    for _ in range(12):
        pulse(desk)
    assert desk.ask("card.aux")["state"][0]["count"] == [5, 7]


def test_a_bounce_is_no_pulse(desk):
    desk.ask("card.aux", ms=500, start=True)
    pulse(desk, 0.1)
    pulse(desk, 0.6)
    assert desk.ask("card.aux")["state"][0]["count"] == [1]
