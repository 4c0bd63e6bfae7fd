"""The one table through which this room meets the virtual world."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hil import twins

ROOM = Path(twins.__file__).parent


@pytest.mark.parametrize("name", twins.TWINS)
def test_every_twin_is_there(name):
    assert twins.twin(name).__name__ == twins.TWINS[name]


def test_nothing_else_here_names_a_module_of_the_virtual_world():
    named = {
        path.name: found
        for path in ROOM.glob("*.py")
        if (found := re.findall(r"""["']sim[."']""", path.read_text(encoding="utf-8")))
    }
    assert list(named) == ["twins.py"]
    assert len(named["twins.py"]) == len(twins.TWINS)
