"""Advertisement monitors: passive scanning for programs that export their patterns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from dbus_fast import Message, Variant, is_object_path_valid

from sim.air.bluez.signatures import AD_MONITOR
from sim.air.radio.adapter import Adapter, AirRefusalError
from sim.air.radio.device import RemoteDevice
from sim.air.radio.filters import OrPattern

_OBJECTS = "org.freedesktop.DBus.ObjectManager"
_ADDED = (_OBJECTS, "InterfacesAdded", "oa{sa{sv}}")
_REMOVED = (_OBJECTS, "InterfacesRemoved", "oas")
Root = tuple[str, str]  # a program's unique name and the path that it registered


class Asker(Protocol):
    """The part of a bus that lets the service call a program."""

    def ask(self, call: Message, then: Callable[[Message], None]) -> None:
        """Call a program; `then` gets the answer, if one comes."""


class Monitors:
    """Finds the monitor objects below every registered path, reads and activates them.

    Programs may export before or after they register: both GetManagedObjects and the signal
    InterfacesAdded lead to the same monitor, as in BlueZ.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._roots: dict[Root, Adapter] = {}
        self._active: dict[Root, Adapter] = {}

    def register(self, adapter: Adapter, sender: str, path: str) -> None:
        """Take a program's root path; AirRefusalError if it has it already, or is none."""
        if not is_object_path_valid(path):
            raise AirRefusalError("InvalidArguments")
        if (sender, path) in self._roots:
            raise AirRefusalError("AlreadyExists")
        self._roots[sender, path] = adapter
        call = Message(sender, path, _OBJECTS, "GetManagedObjects")
        self._asker.ask(call, lambda answer: self._listed(sender, answer))

    def unregister(self, adapter: Adapter, sender: str, path: str) -> None:
        """Drop a root path with its monitors; AirRefusalError if it is unknown."""
        if self._roots.pop((sender, path), None) is None:
            raise AirRefusalError("DoesNotExist")
        self._drop(lambda root: root[0] == sender and _below(root[1], path))

    def leave(self, sender: str) -> None:
        """Drop everything of a program that has gone."""
        self._roots = {root: at for root, at in self._roots.items() if root[0] != sender}
        self._drop(lambda root: root[0] == sender)

    def clear(self) -> None:
        """Forget every monitor, as a daemon that ends does."""
        self._roots.clear()
        self._active.clear()

    def hear(self, message: Message) -> None:
        """Take a program's InterfacesAdded or InterfacesRemoved."""
        kind = (message.interface, message.member, message.signature)
        if kind not in (_ADDED, _REMOVED) or AD_MONITOR not in message.body[1]:
            return
        path, interfaces = message.body
        if kind == _ADDED:
            self._add(message.sender or "", path, interfaces[AD_MONITOR])
        else:
            self._drop(lambda root: root == (message.sender, path))

    def found(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Tell the adapter's monitors of a device."""
        self._tell(adapter, "DeviceFound", device)

    def lost(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Tell the adapter's monitors that a device is forgotten."""
        self._tell(adapter, "DeviceLost", device)

    def _tell(self, adapter: Adapter, member: str, device: RemoteDevice) -> None:
        for (sender, path), at in self._active.items():
            if at is adapter:
                self._call(sender, path, member, "o", [device.path])

    def _listed(self, sender: str, answer: Message) -> None:
        if answer.signature == "a{oa{sa{sv}}}":
            for path, interfaces in answer.body[0].items():
                if AD_MONITOR in interfaces:
                    self._add(sender, path, interfaces[AD_MONITOR])

    def _add(self, sender: str, path: str, properties: dict[str, Variant]) -> None:
        roots = (
            at for (who, root), at in self._roots.items() if who == sender and _below(path, root)
        )
        adapter = next(roots, None)
        if adapter is None or (sender, path) in self._active or not is_object_path_valid(path):
            return
        patterns = _patterns(properties)
        if not patterns:
            self._call(sender, path, "Release", "", [])
            return
        self._active[sender, path] = adapter
        adapter.watch((sender, path), patterns)
        self._call(sender, path, "Activate", "", [])

    def _drop(self, which: Callable[[Root], bool]) -> None:
        for root in [root for root in self._active if which(root)]:
            self._active.pop(root).unwatch(root)

    def _call(
        self, sender: str, path: str, member: str, signature: str, body: list[object]
    ) -> None:
        call = Message(sender, path, AD_MONITOR, member, signature=signature, body=body)
        self._asker.ask(call, lambda _answer: None)


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _patterns(properties: dict[str, Variant]) -> tuple[OrPattern, ...]:
    kind, told = properties.get("Type"), properties.get("Patterns")
    if kind is None or kind.value != "or_patterns" or told is None:
        return ()
    if told.signature != "a(yyay)":
        return ()
    return tuple(OrPattern(start, kind, bytes(content)) for start, kind, content in told.value)
