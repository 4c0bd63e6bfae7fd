"""What a person may do to a running badge, in words."""

from __future__ import annotations

import pytest

from badge import Badge, BadgeConfig
from badge.errors import InputError
from badge.inputs import Boot
from badge.storage.memory import MemoryStore
from hil.app.wearer import BadgeButtons


class Pump:
    def __init__(self, **settings):
        self.badge = Badge(BadgeConfig(device_id="ACT-3F8A21B4", **settings), MemoryStore())
        self.receive(Boot())

    def receive(self, what):
        self.badge.receive(what, 0)


def test_a_shift_begins_and_ends_by_key_and_over_the_socket():
    buttons = BadgeButtons(Pump(), "W-007")
    assert buttons.assign() == "the shift of W-007 has begun"
    with pytest.raises(InputError, match=r"open already \(W-007\)"):
        buttons.assign()
    assert buttons.press({"do": "unassign"}) == "the shift of W-007 has ended"
    with pytest.raises(InputError, match="no shift is open"):
        buttons.unassign()
    pressed = {"do": "assign", "worker_id": "W-008", "assigned_by": "F-1"}
    assert buttons.press(pressed) == "the shift of W-008 has begun"
    assert BadgeButtons(Pump(), "").press({"do": "assign", "worker_id": "W-9"})


def test_who_is_not_known_is_refused():
    buttons = BadgeButtons(Pump(worker_ids=["W-007"]), "W-007")
    with pytest.raises(InputError, match="not in the configuration's worker_ids"):
        buttons.assign("W-008")


@pytest.mark.parametrize(
    "request_", [{}, {"do": "dance"}, {"do": "assign"}, {"do": "assign", "worker_id": 7}]
)
def test_anything_else_is_said(request_):
    with pytest.raises(InputError, match="is expected"):
        BadgeButtons(Pump(), "W-007").press(request_)
