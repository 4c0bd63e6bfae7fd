"""What a badge wants done: values that a pump can dispatch on."""

from __future__ import annotations

import re
from dataclasses import is_dataclass
from pathlib import Path
from typing import get_args

import pytest

import badge
from badge.effects import Effect, Screen

KINDS = get_args(Effect)
ROOM = Path(badge.__file__).parent


@pytest.mark.parametrize("kind", [*KINDS, Screen])
def test_every_effect_is_a_frozen_slotted_value(kind):
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_effect_is_made_somewhere(kind):
    sources = [p.read_text() for p in ROOM.rglob("*.py") if p.name != "effects.py"]
    assert any(re.search(rf"\b{kind.__name__}\(", source) for source in sources)
