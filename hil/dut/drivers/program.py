"""A device that is a program: power on starts it, power off is SIGKILL."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

from badge.errors import InputError, MisuseError
from hil.dut.drivers.console import Console, PtyConsole, SerialConsole
from hil.dut.drivers.ports import NO_CUTS, Setup, filled_words, run_command, serial_console

_STOP_TIMEOUT_S = (
    5.0  # SIGKILL needs none; what is stuck in the kernel longer is no program of ours
)


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
        if self._process is None:
            self._process = self._started([*self._filled("command"), *self._arguments])

    def _started(
        self, words: Sequence[str], descriptors: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self._environment}
        try:
            # The user's own command.
            return subprocess.Popen(words, env=environment, pass_fds=descriptors)  # noqa: S603
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise InputError(f"dut_command: {words[0]} cannot be started: {why}") from None

    def power_off(self) -> None:
        """See `DeviceDriver`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_STOP_TIMEOUT_S)
            self._process = None
            self._let_go()

    def reset(self) -> None:
        """See `DeviceDriver`."""
        if self._setup.reset:
            run_command("dut_reset", self._filled("reset"))
            return
        self.power_off()
        self.power_on()

    def console(self) -> Console:
        """See `DeviceDriver`.  Without a port of its own it is a pty."""
        return self._opened()

    def _opened(self) -> PtyConsole | SerialConsole:
        if self._console is None:
            self._console = serial_console(self._setup) if self._setup.console else PtyConsole()
        return self._console

    def _filled(self, name: str) -> list[str]:
        places = {**self._places, "console": self._opened().path}
        return filled_words(f"dut_{name}", getattr(self._setup, name), places)

    def cut_power_at_write(self, count: int) -> None:
        """See `DeviceDriver`."""
        raise MisuseError(NO_CUTS)

    def was_cut(self) -> bool:
        """See `DeviceDriver`."""
        return False

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
