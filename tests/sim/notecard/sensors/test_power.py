from __future__ import annotations

import pytest

from sim.notecard.world.attached import Attachments


def test_charge_adds_up_by_what_is_on_and_is_reset(make_desk):
    desk = make_desk(attached=Attachments(mojo=True))
    desk.wait(3600)
    idle = desk.ask("card.power")["milliamp_hours"]
    desk.online()
    desk.wait(3600)
    assert desk.ask("card.power")["milliamp_hours"] == pytest.approx(idle + 250, abs=2)
    assert desk.ask("card.power", reset=True)["milliamp_hours"] < 0.01


def test_without_a_mojo_nothing_is_measured_or_noted(desk):
    assert "{no-mojo}" in desk.ask("card.power")["err"]
    desk.wait(50_000)
    assert "_log.qo" not in desk.notecard.card.state.files


def test_readings_become_notes_twice_a_day(make_desk):
    desk = make_desk(attached=Attachments(mojo=True))
    desk.wait(86_500)
    assert len(desk.notecard.card.state.files["_log.qo"].notes) == 2
