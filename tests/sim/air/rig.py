"""Stand-ins of the air's tests: who hears, who asks, and who writes down what is announced."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from bleak import BleakScanner
from bleak.args.bluez import OrPattern
from bleak.assigned_numbers import AdvertisementDataType
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from dbus_fast import BusType, Message
from dbus_fast.aio import MessageBus

from sim.air.dbus.stream import encode
from sim.air.radio.adapter import Adapter
from sim.air.radio.air import Air
from sim.air.radio.conditions import Conditions
from sim.air.radio.device import RemoteDevice
from sim.air.radio.filters import DiscoveryFilter

TAG = "AA:BB:CC:DD:EE:01"
SERIES = (-60, -61, -63, -60, -67, -68, -69, -60)
IBEACON = OrPattern(0, AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA, b"\x4c\x00\x02\x15")
EDDYSTONE_UUID = "0000feaa-0000-1000-8000-00805f9b34fb"
EDDYSTONE = OrPattern(0, AdvertisementDataType.SERVICE_DATA_UUID16, b"\xaa\xfe")
BUS = "org.freedesktop.DBus"
PROPERTIES = BUS + ".Properties"
DRIVER = ("/org/freedesktop/DBus", BUS)


class Diary:
    """Writes down what BlueZ would announce."""

    def __init__(self, air: Air) -> None:
        self.changes: list[dict[str, object]] = []
        self.gone: list[str] = []
        self.removed: list[str] = []
        air.subscribe(self)

    def device_added(self, adapter: Adapter, device: RemoteDevice) -> None:
        self.changes.append({"RSSI": device.properties.get("RSSI")})

    def device_changed(self, adapter: Adapter, device: RemoteDevice, names: Sequence[str]) -> None:
        values = device.properties
        self.changes.append({name: values[name] for name in names if name in values})
        self.gone += [name for name in names if name not in values]

    def device_removed(self, adapter: Adapter, device: RemoteDevice) -> None:
        self.removed.append(device.mac)

    def adapter_changed(self, adapter: Adapter, names: Sequence[str]) -> None:
        values = adapter.properties
        self.changes.append({name: values[name] for name in names})

    def told(self) -> list[object]:
        return [change["RSSI"] for change in self.changes if "RSSI" in change]


def scanning(
    conditions: Conditions | None = None, wanted: DiscoveryFilter | None = None
) -> tuple[Air, Adapter, Diary, list[int]]:
    clock = [0]
    air = Air(1, conditions, lambda: clock[0])
    adapter = air.adapters["hci0"]
    adapter.set_filter("me", wanted)
    adapter.start("me")
    return air, adapter, Diary(air), clock


class Ear:
    """A real BleakScanner that writes down (MAC, RSSI)."""

    def __init__(self, adapter: str = "hci0", **options: Any) -> None:
        self.heard: list[tuple[str, int]] = []
        self.adverts: list[tuple[BLEDevice, AdvertisementData]] = []
        bluez: Any = {"adapter": adapter, **options.pop("bluez", {})}
        self.scanner = BleakScanner(self.note, bluez=bluez, **options)

    def note(self, device: BLEDevice, advert: AdvertisementData) -> None:
        self.heard.append((device.address, advert.rssi))
        self.adverts.append((device, advert))

    @property
    def strengths(self) -> list[int]:
        return [rssi for _, rssi in self.heard]


def ask(
    path: str,
    interface: str,
    member: str,
    signature: str = "",
    body: Sequence[Any] = (),
    to: str = "org.bluez",
) -> Message:
    return Message(to, path, interface, member, signature=signature, body=list(body))


def answers(
    offer: Callable[[Air], AbstractAsyncContextManager[Any]],
    *calls: Message,
    air: Air | None = None,
) -> list[tuple[str, list[Any]]]:
    """Return (error or signature, body) of each call, made with dbus-fast's own client."""

    async def story() -> list[tuple[str, list[Any]]]:
        async with offer(air or Air(1)):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            found = [answer for call in calls if (answer := await bus.call(call))]
            bus.disconnect()
            await asyncio.sleep(0)
        return [(m.error_name or m.signature, m.body) for m in found]

    return asyncio.run(story())


def spoken(*calls: Message) -> bytes:
    """Return the octets of a login and of these calls, as a program would send them."""
    me = str(os.getuid()).encode().hex().encode()
    octets = b"\0AUTH EXTERNAL " + me + b"\r\nBEGIN\r\n"
    for serial, call in enumerate(calls, 1):
        call.serial = serial
        octets += encode(call)
    return octets
