"""A virtual air for a bench: on a message bus of its own, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from badge.errors import InputError
from sim.air.bluez.system_bus import SystemBus
from sim.air.radio.air import Air
from sim.air.radio.conditions import profile

START_TIMEOUT_S = 10.0


class ThreadedAir:
    """An air that any thread may use.

    `environment` is what a program needs to take it for the system's Bluetooth.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, air: Air, address: str) -> None:
        self._loop, self._air = loop, air
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": address}

    def advertise(self, mac: str, rssi_dbm: int, adapter: str = "hci0", **content: Any) -> None:
        """Send one advertisement."""
        self.act(lambda air: air.advertise(mac, rssi_dbm, adapter=adapter, **content))

    def act(self, action: Callable[[Air], Any]) -> Any:
        """Do something to the air, such as `lambda air: air.power(False)`."""

        async def run() -> Any:
            return action(self._air)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(START_TIMEOUT_S)


@contextmanager
def launch_air(adapters: int = 1, bluez: str = "ideal") -> Iterator[ThreadedAir]:
    """Offer a virtual air while the block lasts; `bluez` is a profile as of `badge air`."""
    ended = threading.Event()
    started: Future[ThreadedAir] = Future()

    async def offer() -> None:
        air = Air(adapters, profile(bluez))
        async with SystemBus(air) as bus:
            loop = asyncio.get_running_loop()
            started.set_result(ThreadedAir(loop, air, bus.address))
            await loop.run_in_executor(None, ended.wait)

    def run() -> None:
        try:
            asyncio.run(offer())
        except InputError as error:
            started.set_exception(error)

    thread = threading.Thread(target=run, name="virtual-air", daemon=True)
    thread.start()
    try:
        yield started.result(START_TIMEOUT_S)
    finally:
        ended.set()
        thread.join(START_TIMEOUT_S)
