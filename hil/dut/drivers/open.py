"""From a setup to the way of having the device."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from hil.dut.drivers.board import BoardDriver
from hil.dut.drivers.emulated import is_qemu
from hil.dut.drivers.ports import DeviceDriver, Setup
from hil.dut.drivers.program import ProgramDriver
from hil.dut.drivers.qemu import QemuDriver


def driver_of(
    setup: Setup,
    *,
    notecard: str,
    state: str,
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> DeviceDriver:
    """Return how a device is had: by its command as a program or under QEMU, else as a board."""
    places = {"notecard": notecard, "state": state, "python": sys.executable}
    if is_qemu(setup.command):
        return QemuDriver(setup, places, arguments, environment)
    if setup.command:
        return ProgramDriver(setup, places, arguments, environment)
    return BoardDriver(setup, places)
