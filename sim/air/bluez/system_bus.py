"""The virtual air offered as a system bus: what `DBUS_SYSTEM_BUS_ADDRESS` points at."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from types import TracebackType

from badge.errors import InputError
from sim.air.bluez.link import NAME
from sim.air.bluez.service import Bluez
from sim.air.bluez.timer_pump import TimerPump
from sim.air.dbus.bus import Bus
from sim.air.dbus.machine import machine_id
from sim.air.radio.air import Air


class SystemBus:
    """`async with SystemBus(air) as bus:` offers BlueZ at `bus.address` until the block ends.

    Without a path the socket lies in a new folder that only this user can enter.
    """

    def __init__(self, air: Air, socket: Path | None = None) -> None:
        if sys.platform != "linux":
            raise InputError(
                "the virtual BlueZ needs Linux; elsewhere use BleakScanner(backend=scanner_of(air))"
            )
        self._air = air
        self._folder = None if socket else tempfile.TemporaryDirectory(prefix="air-")
        place = socket or Path(self._folder.name if self._folder else "", "bus")
        self.bus = Bus(place, machine_id())
        self._bluez = Bluez(air, self.bus)

    @property
    def address(self) -> str:
        """The value for DBUS_SYSTEM_BUS_ADDRESS."""
        return self.bus.address

    async def __aenter__(self) -> SystemBus:
        await self.revive()
        self._leave = self._air.serve(self._bluez)
        self._pump = TimerPump(self._air.timers)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pump.close()
        self._leave()
        await self.die()
        if self._folder:
            self._folder.cleanup()

    async def die(self) -> None:
        """Let the bus die: the socket vanishes and every program is cut off."""
        await self.bus.close()

    async def revive(self) -> None:
        """Let the bus come back at the same address, with BlueZ on it if that runs."""
        await self.bus.open()
        if self._air.bluez_runs and NAME not in self.bus.owners:
            self.bus.own(NAME, self._bluez)

    async def drain(self) -> None:
        """Wait until every program has read enough of what was sent."""
        await self.bus.drain()
