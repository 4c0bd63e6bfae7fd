"""The one table of commands: what it names is there, and old names go on unseen."""

from __future__ import annotations

import pytest

from badge.cli import commands
from badge.cli.commands import COMMANDS, load
from tests.command import call


def test_each_name_stands_once():
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)


@pytest.mark.parametrize(
    "target", [commands.PLATFORM_JUDGE, commands.PLATFORM_SCHEMA, commands.TRAFFIC_REPLAY]
)
def test_what_the_table_names_beside_commands_is_there(target):
    assert callable(load(target))


@pytest.mark.parametrize(("old", "new"), [("sweep", "chaos"), ("fire", "crashtest")])
def test_an_old_name_is_the_same_command_and_not_shown(old, new):
    targets = {command.name: command.target for command in COMMANDS}
    assert targets[old] == targets[new]
    assert f"  {old} " not in call("--help").out
    assert call(old, "--help").out == call(new, "--help").out.replace(
        f"badge {new}", f"badge {old}"
    )
