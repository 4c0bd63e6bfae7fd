"""Watches BlueZ on a bus connection of its own: bleak says nothing when bluetoothd restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

_BUS, _BLUEZ, _ADAPTER = "org.freedesktop.DBus", "org.bluez", "org.bluez.Adapter1"
_OBJECTS = _BUS + ".ObjectManager"
Lose = Callable[[str], None]


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
            call = Message(_BLUEZ, "/", _OBJECTS, "GetManagedObjects")
            answer = await self._bus.call(call)
            self._adapter = _first(answer.body[0]) if _is_tree(answer) else None
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
            await cast(Any, self._bus).wait_for_disconnect()  # dbus-fast does not annotate it
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


def _is_tree(answer: Message | None) -> bool:
    return answer is not None and answer.signature == "a{oa{sa{sv}}}"


def _first(tree: Mapping[str, Mapping[str, Mapping[str, Variant]]]) -> str | None:
    ready = [path for path, interfaces in tree.items() if _is_ready(interfaces.get(_ADAPTER, {}))]
    names = [path.rpartition("/")[2] for path in ready]
    return min(names, key=lambda name: (len(name), name), default=None)


def _is_ready(adapter: Mapping[str, Variant]) -> bool:
    powered, roles = adapter.get("Powered"), adapter.get("Roles")
    return bool(powered and powered.value and roles and "central" in roles.value)


def _add_match(rule: str) -> Message:
    path = "/org/freedesktop/DBus"
    return Message(_BUS, path, _BUS, "AddMatch", signature="s", body=[rule])


def _ignore(reason: str) -> None:
    """Hear of a loss that no longer matters."""
