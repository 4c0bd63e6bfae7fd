"""Every command explains itself within 80 columns."""

from __future__ import annotations

import click
import pytest

from badge.cli import main as command_line
from badge.cli.commands import COMMANDS
from tests.command import call

COLUMNS = 80


def commands() -> list[tuple[str, ...]]:
    """All commands, and the commands inside of these."""
    found: list[tuple[str, ...]] = []
    for entry in COMMANDS:
        found.append((entry.name,))
        command = command_line.badge.get_command(click.Context(command_line.badge), entry.name)
        if isinstance(command, click.Group):
            inner = command.list_commands(click.Context(command))
            found += [(entry.name, name) for name in inner]
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_the_help_fits(words):
    said = call(*words, "--help")
    assert said.code == 0
    assert [line for line in said.out.splitlines() if len(line) > COLUMNS] == []
