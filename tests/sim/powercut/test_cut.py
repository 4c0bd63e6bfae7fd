"""Every promise of docs/reliability.md, at every byte."""

from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.engine.flash import Torn, steps_of
from sim.powercut.cut import (
    Cut,
    CutPoint,
    boot,
    cut_again,
    cut_image,
    cuts_of,
    forget,
    judge,
    live_on,
    parse_point,
)
from sim.powercut.workload import record


def test_a_point_is_read_as_it_is_printed():
    point = CutPoint("small", 3, (Cut(12, 7, Torn.WEAK), Cut(0, 1, Torn.CLEAN)))
    assert str(point) == "small/3/12:7:weak/0:1:clean"
    assert parse_point(str(point)) == point


@pytest.mark.parametrize("text", ["", "small", "small/1", "big/1/1:1:weak", "small/1/1:1:soft"])
def test_what_is_no_point_is_refused_with_the_form(text):
    with pytest.raises(InputError, match="expected WORKLOAD/SEED/EFFECT:BYTE:TORN"):
        parse_point(text)


def test_a_boot_judges_itself_the_same_with_nothing_remembered():
    trace = record("small", 1)
    for at in range(0, len(trace.steps), 9):
        step = trace.steps[at]
        cut = Cut(at, steps_of(step.effect, trace.geometry) // 2, Torn.ODD)
        remembered = boot(cut_image(trace.geometry, step.before, step.effect, cut))
        forget()
        fresh = boot(cut_image(trace.geometry, step.before, step.effect, cut))
        assert fresh.effects == remembered.effects
        assert fresh.recovered == remembered.recovered


def test_a_recovery_can_be_cut_again_anywhere_and_stays_as_it_was():
    trace = record("small", 1)
    step = trace.steps[40]
    found = boot(cut_image(trace.geometry, step.before, step.effect, Cut(40, 20, Torn.LOW)))
    image, effects = found.chip.image(), found.effects
    for effect, byte in cuts_of(found):
        again = boot(cut_again(found, image, Cut(effect, byte, Torn.EVEN)))
        judge(again, step.bound, 2)
        live_on(again)
    assert (found.chip.image(), found.effects) == (image, effects)
