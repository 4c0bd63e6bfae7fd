"""A device that is a board: commands switch its power, a port is its console."""

from __future__ import annotations

from collections.abc import Mapping

from badge.errors import InputError, MisuseError
from hil.dut.drivers.console import Console, SerialConsole
from hil.dut.drivers.ports import NO_CUTS, Setup, filled_words, run_command, serial_console


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
        words = filled_words(f"dut_{name}", getattr(self._setup, name), self._places)
        if words:
            run_command(f"dut_{name}", words)

    def console(self) -> Console:
        """See `DeviceDriver`."""
        if self._console is None:
            if not self._setup.console:
                raise InputError("the device's console is not known: set dut_console to its port")
            self._console = serial_console(self._setup)
        return self._console

    def cut_power_at_write(self, count: int) -> None:
        """See `DeviceDriver`."""
        raise MisuseError(NO_CUTS)

    def was_cut(self) -> bool:
        """See `DeviceDriver`."""
        return False

    def ended(self) -> int | None:
        """See `DeviceDriver`."""
        return None

    def close(self) -> None:
        """See `DeviceDriver`."""
        console, self._console = self._console, None
        if console is not None:
            console.close()
        self.power_off()
