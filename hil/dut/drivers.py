"""How a device gets power, a reset and a console: it is a program, or commands switch a board."""

from __future__ import annotations

import os
import shlex
import signal
import string
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from badge.errors import InputError
from hil.dut.console import Console, PtyConsole, SerialConsole

PLACEHOLDERS = ("notecard", "console", "state", "python")
_STOP_TIMEOUT_S = (
    5.0  # SIGKILL needs none; what is stuck in the kernel longer is no program of ours
)
_COMMAND_TIMEOUT_S = 60.0  # a hub or a labgrid place answers in seconds


@dataclass(frozen=True, slots=True)
class Setup:
    """How to reach a device: a program that is one, or commands that switch a real one.

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
            _words(f"dut_{field.name}", getattr(self, field.name), dict.fromkeys(PLACEHOLDERS, ""))


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

    def ended(self) -> int | None:
        """Return how a program has ended by itself; None while it runs, and for a board."""

    def close(self) -> None:
        """Switch it off and let go of everything."""


class ProgramDriver:
    """A program that is the device: power on starts it, power off is SIGKILL."""

    def __init__(
        self,
        setup: Setup,
        places: Mapping[str, str],
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._setup, self._places = setup, places
        self._arguments, self._environment = arguments, environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._console: PtyConsole | SerialConsole | None = None

    def power_on(self) -> None:
        """See `DeviceDriver`."""
        if self._process is not None:
            return
        words = [*self._filled("command"), *self._arguments]
        try:
            self._process = subprocess.Popen(words, env={**os.environ, **self._environment})  # noqa: S603
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise InputError(f"dut_command: {words[0]} cannot be started: {why}") from None

    def power_off(self) -> None:
        """See `DeviceDriver`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(_STOP_TIMEOUT_S)
            self._process = None
            self._let_go()

    def reset(self) -> None:
        """See `DeviceDriver`."""
        if self._setup.reset:
            _run("dut_reset", self._filled("reset"))
            return
        self.power_off()
        self.power_on()

    def console(self) -> Console:
        """See `DeviceDriver`.  Without a port of its own it is a pty."""
        return self._opened()

    def _opened(self) -> PtyConsole | SerialConsole:
        if self._console is None:
            self._console = _serial(self._setup) if self._setup.console else PtyConsole()
        return self._console

    def _filled(self, name: str) -> list[str]:
        places = {**self._places, "console": self._opened().path}
        return _words(f"dut_{name}", getattr(self._setup, name), places)

    def ended(self) -> int | None:
        """See `DeviceDriver`."""
        return self._process.poll() if self._process is not None else None

    def close(self) -> None:
        """See `DeviceDriver`."""
        self.power_off()
        self._let_go()

    def _let_go(self) -> None:
        console, self._console = self._console, None
        if console is not None:
            console.close()


class BoardDriver:
    """A board that commands switch; one without commands has power all the time."""

    def __init__(self, setup: Setup, places: Mapping[str, str]) -> None:
        self._setup = setup
        self._places = {**places, "console": setup.console}
        self._console: SerialConsole | None = None

    def power_on(self) -> None:
        """See `DeviceDriver`."""
        self._do("power_on")

    def power_off(self) -> None:
        """See `DeviceDriver`."""
        self._do("power_off")

    def reset(self) -> None:
        """See `DeviceDriver`."""
        if self._setup.reset:
            self._do("reset")
            return
        self.power_off()
        self.power_on()

    def _do(self, name: str) -> None:
        words = _words(f"dut_{name}", getattr(self._setup, name), self._places)
        if words:
            _run(f"dut_{name}", words)

    def console(self) -> Console:
        """See `DeviceDriver`."""
        if self._console is None:
            if not self._setup.console:
                raise InputError("the device's console is not known: set dut_console to its port")
            self._console = _serial(self._setup)
        return self._console

    def ended(self) -> int | None:
        """See `DeviceDriver`."""
        return None

    def close(self) -> None:
        """See `DeviceDriver`."""
        console, self._console = self._console, None
        if console is not None:
            console.close()
        self.power_off()


def driver_of(
    setup: Setup,
    *,
    notecard: str,
    state: str,
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> DeviceDriver:
    """Return how a device is had: as a program if there is a command for one, else as a board."""
    places = {"notecard": notecard, "state": state, "python": sys.executable}
    if setup.command:
        return ProgramDriver(setup, places, arguments, environment)
    return BoardDriver(setup, places)


def _serial(setup: Setup) -> SerialConsole:
    spec = setup.console.removeprefix("serial:")
    return SerialConsole(f"serial:{spec}", "dut_console")


def _words(name: str, command: str, places: Mapping[str, str]) -> list[str]:
    """Split a command as a shell does and fill in its places; InputError with its setting."""
    try:
        words = shlex.split(command)
        asked = {field for word in words for _, field, _, _ in string.Formatter().parse(word)}
    except ValueError as error:
        raise InputError(f"{name}: {command}: {error}") from None
    for field in sorted(asked - {None, *places}):  # type: ignore[type-var]
        known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
        raise InputError(f"{name}: {{{field}}} is unknown; there are {known}")
    return [word.format_map(places) for word in words]


def _run(name: str, words: Sequence[str]) -> None:
    try:
        done = subprocess.run(words, timeout=_COMMAND_TIMEOUT_S, check=False)  # noqa: S603
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise InputError(f"{name}: {shlex.join(words)}: {error}") from None
    if done.returncode:
        raise InputError(f"{name}: {shlex.join(words)}: it ended with {done.returncode}")
