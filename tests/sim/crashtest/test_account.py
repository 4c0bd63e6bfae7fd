"""What was sent and promised: in order, and with the content that was sent first."""

from __future__ import annotations

import pytest
from pydantic_core import to_json

from sim.engine.promises import ORDERED, BrokenPromiseError
from tests.sim.crashtest.site import account, events


def test_a_batch_sent_again_changes_nothing_but_a_longer_one_adds():
    once = account((1, 2, 3))
    again = account((1, 2, 3), (1, 2, 3), (2, 3, 4))
    assert again.prints[:3] == once.prints
    assert len(again.prints) == 4
    assert again.ends == {0, 3, 4}


def test_content_makes_the_print():
    other = account()
    other.sent(to_json(events(1, firmware_version="0.3.2")), 1)
    assert other.prints != account((1,)).prints


def test_a_gap_in_what_is_sent_is_no_badge_of_ours():
    with pytest.raises(BrokenPromiseError, match="2 came too early") as broken:
        account((2,))
    assert broken.value.promise == ORDERED


def test_acknowledgements_may_overlap_but_leave_no_gap():
    made = account((1, 2, 3, 4))
    made.acknowledge(1, 2)
    made.acknowledge(1, 3)
    made.acknowledge(1, 2)
    assert made.acknowledged == 3
    with pytest.raises(BrokenPromiseError, match="5 came before 4"):
        made.acknowledge(5, 5)
