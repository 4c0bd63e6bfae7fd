"""What only hands can do for a gate: place a tag, switch a device, unplug its network."""

from __future__ import annotations

import asyncio
import shlex
import subprocess
import sys
from collections.abc import Callable

import click

from badge.errors import InputError

Hands = Callable[[str], None]
_TIMEOUT_S = 600.0  # a rig may drive a tag across a field
_NOBODY = (
    "somebody has to place a tag or to cut the power: run it on a terminal, or give --hands "
    "COMMAND, which gets what is to be done as arguments"
)


def hands_of(command: str) -> Hands:
    """Return hands: a command that gets the words as arguments, or a person at this terminal."""
    if command:
        return lambda words: _run(command, words)
    return _ask_person


def check_hands(command: str) -> None:
    """Refuse before anything is begun if nobody could be asked."""
    if not command and not sys.stdin.isatty():
        raise InputError(_NOBODY)


async def lend(hands: Hands, words: str) -> None:
    """Have it done without holding up the badge."""
    await asyncio.to_thread(hands, words)


def _run(command: str, words: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603  # the user's own command
            [*shlex.split(command), *words.split()], timeout=_TIMEOUT_S, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise InputError(f"--hands {command} {words}: {error}") from None
    if done.returncode:
        raise InputError(f"--hands {command} {words}: it ended with {done.returncode}")


def _ask_person(words: str) -> None:
    check_hands("")
    click.echo(f"\a\n{words}, then press Enter", err=True, nl=False)
    sys.stdin.readline()
