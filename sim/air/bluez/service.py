"""org.bluez over the virtual air: its objects, put together, and its life and death."""

from __future__ import annotations

from collections.abc import Sequence

from dbus_fast import Message

from sim.air.bluez.adapter_part import AdapterPart
from sim.air.bluez.connections import Connections
from sim.air.bluez.device_part import device_part
from sim.air.bluez.interfaces import (
    AD_MONITORS,
    ADAPTER,
    ADVERTISING,
    BATTERY_PROVIDERS,
    DEVICE,
    GATT_MANAGER,
    HEALTH,
    INTROSPECTABLE,
    MEDIA,
    PROPERTIES,
)
from sim.air.bluez.link import NAME, Answers, BusLink, answered
from sim.air.bluez.managers import (
    Advertisements,
    Agents,
    gatt_manager,
    root_managers,
    unmodelled,
)
from sim.air.bluez.monitors import Monitors
from sim.air.bluez.objects import ObjectPart, Objects
from sim.air.dbus.machine import machine_id
from sim.air.radio.adapter import Adapter
from sim.air.radio.air import Air
from sim.air.radio.device import RemoteDevice

ROOT = "/org/bluez"
# After the name is taken: when /org/bluez is there, then the adapters, then their power.  A real
# one took 160, 750 and 1,130 ms on a slow machine; the order is what programs stumble over.
ROOT_MS, ADAPTERS_MS = 50, 150


class Bluez:
    """BlueZ as programs see it: a service on a bus, and a listener of the air."""

    def __init__(self, air: Air, link: BusLink) -> None:
        self._air, self._link = air, link
        strict = air.conditions.strict
        self._objects = Objects(link.emit, link.soon, machine_id(), merge=strict)
        self._answers = Answers(link, self._objects)
        self._connections = Connections(self._answers, self._objects, air.peripherals)
        self._agents = Agents(self._answers, self._pairable)
        self._monitors: dict[str, Monitors] = {}
        self._advertisements: dict[str, Advertisements] = {}
        self._generation = 0
        if air.bluez_runs:
            self._put_all()

    # --- what a bus calls ----------------------------------------------------------------------

    def call(self, message: Message) -> Message | None:
        """Answer a method call, with BlueZ's own errors; None if the answer comes later."""
        self._air.timers.run_due()
        answer = answered(message, self._objects.call)
        if answer is not None:
            self._objects.flush()
        return answer

    def hear(self, message: Message) -> None:
        """Take note of a program's signal: a monitor object that appeared or went."""
        for monitors in self._monitors.values():
            monitors.hear(message)

    def leave(self, sender: str) -> None:
        """Forget a program that has gone."""
        self._agents.leave(sender)
        self._connections.leave(sender)
        for path, monitors in self._monitors.items():
            monitors.leave(sender)
            self._advertisements[path].leave(sender)
        for adapter in self._air.adapters.values():
            adapter.leave(sender)

    # --- the object tree -----------------------------------------------------------------------

    def _put_all(self) -> None:
        self._put_root(quiet=True)
        for adapter in self._plugged():
            self._put_adapter(adapter, quiet=True)

    def _put_root(self, *, quiet: bool = False) -> None:
        self._objects.add(ROOT, self._agents.part(), *root_managers(), quiet=quiet)

    def _put_adapter(self, adapter: Adapter, *, quiet: bool = False) -> None:
        self._objects.add(adapter.path, *self._parts_of(adapter), quiet=quiet)

    def _parts_of(self, adapter: Adapter) -> list[ObjectPart]:
        path = adapter.path
        advertisements = Advertisements(
            self._answers, lambda names: self._objects.changed(path, ADVERTISING, names)
        )
        monitors = Monitors(adapter, self._answers)
        self._monitors[path], self._advertisements[path] = monitors, advertisements
        batteries, media = unmodelled()
        return [
            AdapterPart(adapter, self._answers).part(),
            batteries,
            gatt_manager(self._answers),
            *([monitors.part()] if adapter.conditions.monitors else []),
            media,
            advertisements.part(),
        ]

    def _plugged(self) -> list[Adapter]:
        return [adapter for adapter in self._air.adapters.values() if adapter.plugged]

    def _pairable(self) -> None:
        for adapter in self._plugged():
            adapter.setting("Pairable", True)

    # --- what the air tells --------------------------------------------------------------------

    def device_added(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Announce a new device."""
        self._objects.add(device.path, device_part(adapter, device, self._connections))

    def device_changed(self, adapter: Adapter, device: RemoteDevice, names: Sequence[str]) -> None:
        """Announce changed and invalidated properties of a device."""
        self._objects.changed(device.path, DEVICE, names)

    def device_removed(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Announce that a device is forgotten."""
        self._connections.forget(device)
        self._objects.remove(device.path)

    def adapter_changed(self, adapter: Adapter, names: Sequence[str]) -> None:
        """Announce changed properties of an adapter."""
        if "Powered" in names and not adapter.powered:
            self._connections.drop(adapter)
        if adapter.path in self._objects:
            self._objects.changed(adapter.path, ADAPTER, names)

    def adapter_added(self, adapter: Adapter) -> None:
        """Announce a radio that was plugged in."""
        self._put_adapter(adapter)

    def adapter_removed(self, adapter: Adapter) -> None:
        """Announce that a radio and all its devices are gone."""
        for device in [d for d in adapter.devices.values() if d.path in self._objects]:
            self.device_removed(adapter, device)
        self._forget_parts(adapter)
        if adapter.path in self._objects:
            self._objects.remove(adapter.path)

    def _forget_parts(self, adapter: Adapter) -> None:
        monitors = self._monitors.pop(adapter.path, None)
        if monitors is not None:
            monitors.clear()
        self._advertisements.pop(adapter.path, None)

    # --- its own life --------------------------------------------------------------------------

    def daemon_stopped(self, *, crashed: bool) -> None:
        """Give the name back; an orderly end switches off and takes all objects back first."""
        self._generation += 1
        if not crashed:
            self._take_back()
        for adapter in self._plugged():
            self._forget_parts(adapter)
        self._connections.clear()
        self._objects.clear()
        self._link.disown(NAME)

    def _take_back(self) -> None:
        there = [adapter for adapter in self._plugged() if adapter.path in self._objects]
        for adapter in there if self._air.conditions.strict else ():
            if adapter.powered:
                adapter.begin_power(False)
                self._objects.flush()
                adapter.end_power(False)
                self._objects.flush()
        for adapter in there:
            for device in list(adapter.devices.values()):
                self._objects.remove(device.path)
            self._objects.remove(adapter.path, MEDIA)
        if ROOT in self._objects:
            self._objects.remove(ROOT, HEALTH)
            self._objects.remove(ROOT)
        for adapter in there:
            monitors = [AD_MONITORS] if adapter.conditions.monitors else []
            order = [PROPERTIES, INTROSPECTABLE, ADAPTER, BATTERY_PROVIDERS, *monitors]
            self._objects.remove(adapter.path, *order, ADVERTISING, GATT_MANAGER)

    def daemon_started(self) -> None:
        """Take the name, and announce what there is, piece by piece."""
        self._link.own(NAME, self)
        generation = self._generation

        def root() -> None:
            if generation == self._generation and ROOT not in self._objects:
                self._put_root()
                self._objects.flush()

        def adapters() -> None:
            for adapter in self._plugged() if generation == self._generation else ():
                if adapter.path not in self._objects:
                    self._put_adapter(adapter)
                    self._objects.flush()

        if self._air.conditions.strict:
            self._air.timers.after(ROOT_MS, root)
            self._air.timers.after(ADAPTERS_MS, adapters)
        else:
            root()
            adapters()
