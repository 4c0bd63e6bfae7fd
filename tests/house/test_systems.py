"""Tests that need what a system lacks are skipped there with a reason, and nowhere else."""

from __future__ import annotations

import re

import pytest

from tests import systems
from tests.paths import ROOT


def test_every_row_names_a_place_that_there_is_and_a_need_that_is_known():
    for place, need in systems.NEEDS.items():
        assert (ROOT / place).exists(), place
        assert need in systems.HERE


@pytest.mark.parametrize("place", ["tests/sim/air/test_cli.py", "tests/hil/ble/x/test_radio.py"])
def test_what_is_lacking_is_said_of_every_file_below(place, monkeypatch):
    monkeypatch.setitem(systems.HERE, "D-Bus", True)
    assert systems.lacking(ROOT / place) is None
    monkeypatch.setitem(systems.HERE, "D-Bus", False)
    assert systems.lacking(ROOT / place) == "D-Bus"
    assert systems.lacking(ROOT / "tests/sim/load/test_cli.py") is None


def test_what_is_imported_at_once_and_not_everywhere_stands_in_the_table():
    lacking_somewhere = "(import|from) (pty|tty|fcntl|termios|resource|uvloop|dbus_fast|grp|pwd)"
    alone = re.compile(rf"^{lacking_somewhere}\b", re.M)
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if alone.search(path.read_text())]
    named = {ROOT / place for place in systems.NEEDS}
    assert [path for path in files if not named & {path, *path.parents}] == []
