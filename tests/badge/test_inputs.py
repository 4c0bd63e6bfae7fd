"""What can happen to a badge: frozen values that the badge and the recording both know all of."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import get_args

import pytest

from badge.badge import Badge
from badge.config import read_config
from badge.inputs import Boot, Input, Tick, UploadAnswer
from badge.recording.format import NAMES

KINDS = get_args(Input)


@pytest.mark.parametrize("kind", KINDS)
def test_every_input_is_a_frozen_slotted_value(kind):
    assert is_dataclass(kind)
    assert "__slots__" in vars(kind)
    assert not hasattr(kind, "__dict__") or "__dict__" not in kind.__slots__


def test_an_input_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Boot().reason = "watchdog"


def test_every_input_is_handled_and_can_be_recorded():
    badge = Badge(read_config({"device_id": "ACT-3F8A21B4"}))
    badge.receive(Boot(), 0)
    assert {*badge._handlers, Tick} == set(KINDS)
    assert set(NAMES) == set(KINDS)
    assert len(set(NAMES.values())) == len(KINDS)


def test_no_answer_is_status_none_and_nothing_else_is_needed():
    assert [f.name for f in fields(UploadAnswer) if UploadAnswer(1, None) == UploadAnswer(1, None)]
    answer = UploadAnswer(1, None)
    assert (answer.rejected, answer.code, answer.retry_after_s) == ((), "", 0)
