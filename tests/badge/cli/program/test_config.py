"""`badge config` as people and machines read it."""

from __future__ import annotations

import json

from badge.cli.settings import SETTINGS
from tests.command import call


def test_the_table_and_the_json_say_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BADGE_SETTINGS", "")
    monkeypatch.setenv("BADGE_SEED", "7")
    told = json.loads(call("config", "--json").out)
    assert list(told) == [one.name for one in SETTINGS]
    rows = [line.split() for line in call("config").out.splitlines()]
    assert ["seed", "7", "BADGE_SEED"] in rows
    assert told["seed"] == {"value": "7", "from": "BADGE_SEED"}
