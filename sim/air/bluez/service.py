"""org.bluez over the virtual air: the object tree, its methods and its signals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from dbus_fast import Message, Variant

from badge.errors import InputError
from sim.air.bluez.monitors import Monitors
from sim.air.bluez.signatures import (
    AD_MONITORS,
    ADAPTER,
    AGENTS,
    DEVICE,
    discovery_filter,
    variants,
)
from sim.air.radio.adapter import Adapter, AirRefusalError
from sim.air.radio.air import Air
from sim.air.radio.device import RemoteDevice

NAME = "org.bluez"
_DBUS = "org.freedesktop.DBus."
_OBJECTS, _PROPERTIES = _DBUS + "ObjectManager", _DBUS + "Properties"
Interfaces = dict[str, dict[str, Variant]]
Answer = tuple[str, list[object]]


class BusRefusalError(Exception):
    """An error of D-Bus itself: the last part of its name, and its text."""


class Link(Protocol):
    """A bus that carries the service: our own one, or a real dbus-daemon."""

    def emit(self, signal: Message) -> None:
        """Send a signal."""

    def ask(self, call: Message, then: Callable[[Message], None]) -> None:
        """Call a program; `then` gets the answer, if one comes."""

    def own(self, name: str, service: Bluez) -> None:
        """Take the well-known name."""

    def disown(self, name: str) -> None:
        """Give the well-known name back."""


class Bluez:
    """BlueZ as programs see it: a service on a bus, and a listener of the air."""

    def __init__(self, air: Air, link: Link) -> None:
        self._air, self._link = air, link
        self._monitors = Monitors(link)
        self._methods: dict[tuple[str, str, str], Callable[[Adapter, Message], Answer]] = {
            (ADAPTER, "SetDiscoveryFilter", "a{sv}"): self._set_filter,
            (ADAPTER, "StartDiscovery", ""): self._start,
            (ADAPTER, "StopDiscovery", ""): self._stop,
            (ADAPTER, "RemoveDevice", "o"): self._remove_device,
            (AD_MONITORS, "RegisterMonitor", "o"): self._register,
            (AD_MONITORS, "UnregisterMonitor", "o"): self._unregister,
        }

    # --- the object tree -------------------------------------------------------------------

    def _tree(self) -> dict[str, Interfaces]:
        tree: dict[str, Interfaces] = {"/org/bluez": {AGENTS: {}}}
        for adapter in self._plugged():
            tree[adapter.path] = self._adapter_interfaces(adapter)
            for device in adapter.devices.values():
                tree[device.path] = {DEVICE: variants(device.properties)}
        return tree

    def _interfaces_at(self, path: str | None) -> Interfaces | None:
        if path == "/org/bluez":
            return {AGENTS: {}}
        for adapter in self._plugged():
            if path == adapter.path:
                return self._adapter_interfaces(adapter)
            for device in adapter.devices.values() if _below(path, adapter.path) else ():
                if path == device.path:
                    return {DEVICE: variants(device.properties)}
        return None

    def _plugged(self) -> list[Adapter]:
        return [adapter for adapter in self._air.adapters.values() if adapter.plugged]

    def _adapter_interfaces(self, adapter: Adapter) -> Interfaces:
        found = {ADAPTER: variants(adapter.properties)}
        if adapter.conditions.monitors:
            kinds: dict[str, object] = {"SupportedMonitorTypes": ["or_patterns"]}
            found[AD_MONITORS] = variants({**kinds, "SupportedFeatures": []})
        return found

    # --- what programs call ----------------------------------------------------------------

    def call(self, message: Message) -> Message:
        """Answer a method call, with BlueZ's own errors."""
        try:
            signature, body = self._answer(message)
        except AirRefusalError as refusal:
            return Message.new_error(message, f"{NAME}.Error.{refusal.name}", refusal.text)
        except BusRefusalError as refusal:
            return Message.new_error(message, f"{_DBUS}Error.{refusal.args[0]}", refusal.args[1])
        return Message.new_method_return(message, signature, body)

    def _answer(self, message: Message) -> Answer:
        if message.interface == _OBJECTS and message.path == "/":
            return "a{oa{sa{sv}}}", [self._tree()]
        if message.interface == _DBUS + "Peer":
            return "", []
        interfaces = self._interfaces_at(message.path)
        if interfaces is None:
            raise BusRefusalError("UnknownObject", _doesnt_exist(message))
        if message.interface == _PROPERTIES:
            return self._property(message, interfaces)
        if message.interface in interfaces:
            return self._method(message)
        raise BusRefusalError("UnknownMethod", _doesnt_exist(message))

    def _method(self, message: Message) -> Answer:
        if message.interface == AGENTS:
            return "", []  # nothing is ever paired here: an agent has nothing to do
        if message.interface == DEVICE:
            raise AirRefusalError("NotSupported")
        key = (message.interface or "", message.member or "", message.signature)
        if key not in self._methods:
            raise BusRefusalError("UnknownMethod", _doesnt_exist(message))
        return self._methods[key](self._adapter_at(message.path), message)

    def _adapter_at(self, path: str | None) -> Adapter:
        return next(adapter for adapter in self._plugged() if adapter.path == path)

    def _property(self, message: Message, interfaces: Interfaces) -> Answer:
        call = (message.member, message.signature)
        if call not in (("GetAll", "s"), ("Get", "ss"), ("Set", "ssv")):
            raise BusRefusalError("UnknownMethod", _doesnt_exist(message))
        wanted = interfaces.get(message.body[0])
        if wanted is None:
            raise BusRefusalError("InvalidArgs", f"No such interface '{message.body[0]}'")
        if message.member == "GetAll":
            return "a{sv}", [wanted]
        if message.body[1] not in wanted:
            raise BusRefusalError("InvalidArgs", f"No such property '{message.body[1]}'")
        if message.member == "Get":
            return "v", [wanted[message.body[1]]]
        return self._set_property(message)

    def _set_property(self, message: Message) -> Answer:
        interface, name, value = message.body
        if (interface, name) != (ADAPTER, "Powered"):
            raise AirRefusalError("NotSupported")
        self._adapter_at(message.path).power(bool(value.value))
        return "", []

    def _set_filter(self, adapter: Adapter, message: Message) -> Answer:
        wanted: dict[str, Variant] = message.body[0]
        try:
            told = discovery_filter(wanted) if wanted else None
        except (TypeError, ValueError, InputError):
            raise AirRefusalError("InvalidArguments") from None
        adapter.set_filter(message.sender, told)
        return "", []

    def _start(self, adapter: Adapter, message: Message) -> Answer:
        adapter.start(message.sender)
        return "", []

    def _stop(self, adapter: Adapter, message: Message) -> Answer:
        adapter.stop(message.sender)
        return "", []

    def _remove_device(self, adapter: Adapter, message: Message) -> Answer:
        path = message.body[0]
        device = next((d for d in adapter.devices.values() if d.path == path), None)
        if device is None:
            raise AirRefusalError("DoesNotExist")
        adapter.forget(device)
        return "", []

    def _register(self, adapter: Adapter, message: Message) -> Answer:
        self._monitors.register(adapter, message.sender or "", message.body[0])
        return "", []

    def _unregister(self, adapter: Adapter, message: Message) -> Answer:
        self._monitors.unregister(adapter, message.sender or "", message.body[0])
        return "", []

    def hear(self, message: Message) -> None:
        """Take note of a program's signal: a monitor object that appeared or went."""
        self._monitors.hear(message)

    def leave(self, sender: str) -> None:
        """Forget a program that has gone."""
        self._monitors.leave(sender)
        for adapter in self._air.adapters.values():
            adapter.leave(sender)

    # --- what the air tells ----------------------------------------------------------------

    def device_added(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Announce a new device."""
        self._added(device.path, {DEVICE: variants(device.properties)})
        self._monitors.found(adapter, device)

    def device_changed(
        self, adapter: Adapter, device: RemoteDevice, changed: dict[str, object], gone: list[str]
    ) -> None:
        """Announce changed and invalidated properties of a device."""
        self._changed(device.path, DEVICE, changed, gone)

    def device_removed(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Announce that a device is forgotten."""
        self._removed(device.path, [DEVICE])
        self._monitors.lost(adapter, device)

    def adapter_changed(self, adapter: Adapter, changed: dict[str, object]) -> None:
        """Announce changed properties of an adapter."""
        self._changed(adapter.path, ADAPTER, changed, [])

    def adapter_added(self, adapter: Adapter) -> None:
        """Announce a radio that was plugged in."""
        self._added(adapter.path, self._adapter_interfaces(adapter))

    def adapter_removed(self, adapter: Adapter) -> None:
        """Announce that a radio and all its devices are gone."""
        for device in adapter.devices.values():
            self._removed(device.path, [DEVICE])
        self._removed(adapter.path, list(self._adapter_interfaces(adapter)))

    def daemon_stopped(self, *, crashed: bool) -> None:
        """Give the name back; an orderly end takes all objects back first."""
        for adapter in [] if crashed else self._plugged():
            self.adapter_removed(adapter)
        self._monitors.clear()
        self._link.disown(NAME)

    def daemon_started(self) -> None:
        """Take the name and announce the adapters."""
        self._link.own(NAME, self)
        for adapter in self._plugged():
            self.adapter_added(adapter)

    def _added(self, path: str, interfaces: Interfaces) -> None:
        body: list[object] = [path, interfaces]
        self._link.emit(Message.new_signal("/", _OBJECTS, "InterfacesAdded", "oa{sa{sv}}", body))

    def _removed(self, path: str, interfaces: list[str]) -> None:
        body: list[object] = [path, interfaces]
        self._link.emit(Message.new_signal("/", _OBJECTS, "InterfacesRemoved", "oas", body))

    def _changed(self, path: str, interface: str, new: dict[str, object], gone: list[str]) -> None:
        body: list[object] = [interface, variants(new), gone]
        signal = Message.new_signal(path, _PROPERTIES, "PropertiesChanged", "sa{sv}as", body)
        self._link.emit(signal)


def _below(path: str | None, parent: str) -> bool:
    return path is not None and path.startswith(parent + "/")


def _doesnt_exist(message: Message) -> str:
    return (
        f'Method "{message.member}" with signature "{message.signature}" on interface '
        f'"{message.interface}" doesn\'t exist'
    )
