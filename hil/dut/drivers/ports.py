"""How a device is reached: what a user sets, and what every way of having a device offers."""

from __future__ import annotations

import shlex
import string
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from badge.errors import InputError
from hil.dut.drivers.console import Console, SerialConsole

NO_CUTS = "only a device under QEMU (dut_command = qemu:fw.elf) can be cut at a write to its flash"
PLACEHOLDERS = ("notecard", "console", "state", "python")
_COMMAND_TIMEOUT_S = 60.0  # a hub or a labgrid place answers in seconds


@dataclass(frozen=True, slots=True)
class Setup:
    """How to reach a device: a program, an ELF under QEMU, or commands that switch a real one.

    In each, `{notecard}`, `{console}`, `{state}` (a folder that lasts for the test) and
    `{python}` (the one that runs the tests) are filled in.  A labgrid place is two commands:
    `labgrid-client -p PLACE power on` and `off`.  InputError for a command that cannot be read.
    """

    command: str = ""
    power_on: str = ""
    power_off: str = ""
    reset: str = ""
    console: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            filled_words(
                f"dut_{field.name}", getattr(self, field.name), dict.fromkeys(PLACEHOLDERS, "")
            )


class DeviceDriver(Protocol):
    """One way of having a device."""

    def power_on(self) -> None:
        """Give it power; nothing if it has it."""

    def power_off(self) -> None:
        """Take its power away, without a word to it."""

    def reset(self) -> None:
        """Reset it: by its own command, or by its power."""

    def console(self) -> Console:
        """Return its console, opened when first asked for; InputError if it has none."""

    def cut_power_at_write(self, count: int) -> None:
        """Let the power go behind the `count`-th write to flash from now on; MisuseError if that
        cannot be done to such a device.
        """

    def was_cut(self) -> bool:
        """Tell whether the power has gone at such a write."""

    def ended(self) -> int | None:
        """Return how a program has ended by itself; None while it runs, and for a board."""

    def close(self) -> None:
        """Switch it off and let go of everything."""


def serial_console(setup: Setup) -> SerialConsole:
    """Open the port that dut_console names."""
    spec = setup.console.removeprefix("serial:")
    return SerialConsole(f"serial:{spec}", "dut_console")


def filled_words(name: str, command: str, places: Mapping[str, str]) -> list[str]:
    """Split a command as a shell does and fill in its places; InputError with its setting."""
    try:
        words = shlex.split(command)
        parts = [part for word in words for part in string.Formatter().parse(word)]
    except ValueError as error:
        raise InputError(f"{name}: {command}: {error}") from None
    for field in sorted({field for _, field, _, _ in parts if field is not None} - {*places}):
        known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
        raise InputError(f"{name}: {{{field}}} is unknown; there are {known}")
    return [word.format_map(places) for word in words]


def run_command(name: str, words: Sequence[str]) -> None:
    """Run the command of a setting; InputError with its name if it fails."""
    try:
        # The user's own command.
        done = subprocess.run(words, timeout=_COMMAND_TIMEOUT_S, check=False)  # noqa: S603
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise InputError(f"{name}: {shlex.join(words)}: {error}") from None
    if done.returncode:
        raise InputError(f"{name}: {shlex.join(words)}: it ended with {done.returncode}")
