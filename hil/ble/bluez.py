"""BlueZ on a bus connection of our own: its adapters, and when it goes.

bleak says nothing when bluetoothd restarts, and takes any of several adapters.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, cast

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from hil.ble.errors import ScannerError, explain

_BUS, _BLUEZ, _ADAPTER = "org.freedesktop.DBus", "org.bluez", "org.bluez.Adapter1"
_OBJECTS = _BUS + ".ObjectManager"
Lose = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AdapterState:
    """One Bluetooth adapter as BlueZ shows it; `central` if it can scan for low energy."""

    name: str
    address: str
    powered: bool
    central: bool


async def list_adapters() -> list[AdapterState]:
    """Return all adapters of this computer by name; ScannerError if BlueZ cannot be asked."""
    try:
        bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    except (OSError, EOFError, ValueError) as error:
        raise explain(error, "bleak") from None
    try:
        found = await _adapters(bus)
    finally:
        bus.disconnect()
    if found is None:
        raise ScannerError("bluetoothd does not run; start it: sudo systemctl start bluetooth")
    return found


async def _adapters(bus: MessageBus) -> list[AdapterState] | None:
    """Ask for every adapter; None if nobody answers for BlueZ."""
    answer = await bus.call(Message(_BLUEZ, "/", _OBJECTS, "GetManagedObjects"))
    if answer is None or answer.signature != "a{oa{sa{sv}}}":
        return None
    found: list[AdapterState] = []
    for path, interfaces in answer.body[0].items():
        if (adapter := interfaces.get(_ADAPTER)) is not None:
            values = {name: variant.value for name, variant in adapter.items()}
            found.append(
                AdapterState(
                    path.rpartition("/")[2],
                    str(values.get("Address", "")),
                    bool(values.get("Powered")),
                    "central" in values.get("Roles", ()),
                )
            )
    # hci10 comes after hci2.
    return sorted(found, key=lambda one: (len(one.name), one.name))


class _Disconnecting(Protocol):
    """The part of dbus-fast's bus that it does not annotate."""

    def wait_for_disconnect(self) -> Awaitable[object]:
        """Wait."""


class BluezWatch:
    """Tells `lose` when bluetoothd, the bus, the adapter or its power goes."""

    def __init__(self, adapter: str | None, lose: Lose) -> None:
        self._adapter, self._lose = adapter, lose
        self._bus = MessageBus(bus_type=BusType.SYSTEM)
        self._ending: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect and subscribe; OSError or an error of dbus-fast if there is no bus."""
        try:
            await self._bus.connect()
            self._bus.add_message_handler(self._take)
            for rule in self._rules():
                await self._bus.call(_add_match(rule))
        except BaseException:
            self._bus.disconnect()
            raise
        self._ending = asyncio.create_task(self._until_the_end())

    async def settle(self) -> str | None:
        """Return the adapter to use: the named one, or the first powered one by name.

        From then on only that one is watched.  None if BlueZ shows no such adapter.
        """
        if self._adapter is None:
            known = await _adapters(self._bus) or []
            self._adapter = next((one.name for one in known if one.powered and one.central), None)
        return self._adapter

    async def close(self) -> None:
        """Disconnect; nothing is told any more."""
        self._lose = _ignore
        if self._ending is not None:
            self._ending.cancel()
            with suppress(asyncio.CancelledError):
                await self._ending
        self._bus.disconnect()

    def _rules(self) -> list[str]:
        one = f"path='/org/bluez/{self._adapter}'"
        place = one if self._adapter else "path_namespace='/org/bluez'"
        return [
            f"type='signal',sender='{_BUS}',member='NameOwnerChanged',arg0='{_BLUEZ}'",
            f"type='signal',sender='{_BLUEZ}',interface='{_OBJECTS}',member='InterfacesRemoved'",
            f"type='signal',sender='{_BLUEZ}',member='PropertiesChanged',{place},arg0='{_ADAPTER}'",
        ]

    async def _until_the_end(self) -> None:
        with suppress(Exception):  # how the connection ended makes no difference
            await cast(_Disconnecting, self._bus).wait_for_disconnect()
        self._lose("the message bus ended")

    def _take(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        if message.member == "NameOwnerChanged" and message.body[:1] == [_BLUEZ]:
            self._lose("bluetoothd restarted")
        elif message.member == "InterfacesRemoved" and _ADAPTER in message.body[1]:
            if self._is_ours(message.body[0]):
                self._lose("the adapter was removed")
        elif message.member == "PropertiesChanged" and message.body[0] == _ADAPTER:
            powered = message.body[1].get("Powered")
            if powered is not None and not powered.value and self._is_ours(message.path or ""):
                self._lose("the adapter was switched off")

    def _is_ours(self, path: str) -> bool:
        return self._adapter is None or path == f"/org/bluez/{self._adapter}"


def _add_match(rule: str) -> Message:
    path = "/org/freedesktop/DBus"
    return Message(_BUS, path, _BUS, "AddMatch", signature="s", body=[rule])


def _ignore(reason: str) -> None:
    """Hear of a loss that no longer matters."""
