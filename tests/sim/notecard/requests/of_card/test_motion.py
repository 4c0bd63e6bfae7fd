from __future__ import annotations


def test_zero_leaves_the_sensitivity_and_more_than_five_is_none(desk):
    desk.ask("card.motion.mode", start=True, sensitivity=2)
    desk.ask("card.motion.mode", sensitivity=0)
    assert desk.notecard.card.state.family("motion")["sensitivity"] == 2
    assert "err" in desk.ask("card.motion.mode", sensitivity=6)


def test_not_started_it_says_nothing(desk):
    assert desk.ask("card.motion") == {}
    assert desk.ask("card.motion.track", start=True, file="../x.qo")["err"]
