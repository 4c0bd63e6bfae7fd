from __future__ import annotations

import inspect
from pathlib import Path

from click.testing import CliRunner

from badge import BadgeConfig
from hil.app.cli import run
from hil.app.options import RunOptions


def test_the_defaults_are_those_of_the_command(monkeypatch, tmp_path):
    asked = []

    async def drive(options):
        asked.append(options)

    monkeypatch.setattr("hil.app.run.drive", drive)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(run, ["--notecard", "serial:x"])
    assert result.exit_code == 0, result.exception
    (options,) = asked
    bare = RunOptions(
        "serial:x", "none", BadgeConfig(device_id="ACT-00000001"), Path("badge.flash")
    )
    assert options == bare
    assert set(inspect.signature(run.callback).parameters) == {
        one.name for one in run.params if one.expose_value
    }
