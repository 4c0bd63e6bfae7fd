"""GATT of a connected tag as BlueZ shows it: services, characteristics, descriptors."""

from __future__ import annotations

from collections.abc import Callable

from dbus_fast import Message

from sim.air.bluez.interfaces import (
    BATTERY,
    GATT_CHARACTERISTIC,
    GATT_DESCRIPTOR,
    GATT_SERVICE,
    INTERFACES,
)
from sim.air.bluez.link import Answers
from sim.air.bluez.objects import Answer, ObjectPart, Objects
from sim.air.radio.advert import full_uuid
from sim.air.radio.peripheral import (
    NOTIFY,
    READ,
    Characteristic,
    GattService,
    Peripheral,
    handles_of,
)
from sim.air.radio.refusals import AirRefusalError

MTU = 247
_CONFIGURES = full_uuid("2902")  # Client Characteristic Configuration


class GattObjects:
    """The objects below one connected device, from the connection's begin to its end."""

    def __init__(
        self, path: str, peripheral: Peripheral, objects: Objects, answers: Answers
    ) -> None:
        self._path, self._peripheral, self._objects = path, peripheral, objects
        self._answers = answers
        self._paths: list[str] = []
        self._parts: list[_CharacteristicPart] = []
        for handle, service, places in handles_of(peripheral.services):
            self._put_service(handle, service, places)
        battery = {"Percentage": peripheral.battery_pct, "Source": "GATT Battery GattService"}
        self._objects.add(path, ObjectPart(INTERFACES[BATTERY], lambda: battery))

    def leave(self, sender: str) -> None:
        """Stop notifying a program that has gone."""
        for part in self._parts:
            part.leave(sender)

    def remove(self) -> None:
        """Take everything away: the connection has ended."""
        for part in self._parts:
            part.end()
        for path in reversed(self._paths):
            self._objects.remove(path)
        if self._path in self._objects:
            self._objects.remove(self._path, BATTERY)

    def _put_service(self, handle: int, service: GattService, places: list[int]) -> None:
        path = f"{self._path}/service{handle:04x}"
        values: dict[str, object] = {
            "UUID": service.uuid,
            "Device": self._path,
            "Primary": True,
            "Includes": [],
        }
        self._add(path, ObjectPart(INTERFACES[GATT_SERVICE], lambda: values))
        for place, one in zip(places, service.characteristics, strict=True):
            below = f"{path}/char{place:04x}"
            part = _CharacteristicPart(one, path, below, self._objects, self._answers)
            self._parts.append(part)
            self._add(below, part.part())
            if NOTIFY in one.flags:
                self._add(f"{below}/desc{place + 2:04x}", _descriptor(part, below))

    def _add(self, path: str, part: ObjectPart) -> None:
        self._paths.append(path)
        self._objects.add(path, part)


class _CharacteristicPart:
    def __init__(
        self, one: Characteristic, service: str, path: str, objects: Objects, answers: Answers
    ) -> None:
        self._one, self._service, self._path = one, service, path
        self._objects, self._answers = objects, answers
        self._seen = b""
        self._clients: set[str] = set()
        one.listeners.append(self._notify)

    def part(self) -> ObjectPart:
        calls: dict[str, Callable[[Message], Answer | None]] = {
            "ReadValue": self._read,
            "WriteValue": self._write,
            "StartNotify": self._start,
            "StopNotify": self._stop,
        }
        return ObjectPart(INTERFACES[GATT_CHARACTERISTIC], self._values, calls)

    @property
    def notifying(self) -> bool:
        return bool(self._clients)

    def end(self) -> None:
        self._one.listeners.remove(self._notify)
        self._clients.clear()

    def leave(self, sender: str) -> None:
        if sender in self._clients:
            self._drop(sender)

    def _values(self) -> dict[str, object]:
        values: dict[str, object] = {
            "UUID": self._one.uuid,
            "Service": self._service,
            "Value": self._seen,
        }
        if NOTIFY in self._one.flags:
            values["Notifying"] = self.notifying
        return {**values, "Flags": list(self._one.flags), "MTU": MTU}

    def _read(self, message: Message) -> Answer | None:
        if READ not in self._one.flags:
            raise AirRefusalError("NotPermitted", "Read not permitted")
        offset = _offset(message.body[0])
        if offset > len(self._one.value):
            raise AirRefusalError("InvalidOffset", "Invalid offset")
        self._show(self._one.value)
        return "ay", [self._one.value[offset:]]

    def _write(self, message: Message) -> Answer | None:
        if _offset(message.body[1]):
            raise AirRefusalError("InvalidOffset", "Invalid offset")
        value = bytes(message.body[0])
        self._one.must_take(value)
        self._answers.answer(message)  # the write is confirmed before what it changes is notified
        self._one.put(value)
        return None

    def _start(self, message: Message) -> Answer | None:
        if NOTIFY not in self._one.flags:
            raise AirRefusalError("NotSupported")
        if message.sender in self._clients:
            raise AirRefusalError("InProgress")
        self._clients.add(message.sender or "")
        if len(self._clients) == 1:
            self._objects.changed(self._path, GATT_CHARACTERISTIC, ["Notifying"])
        return "", []

    def _stop(self, message: Message) -> Answer | None:
        if message.sender not in self._clients:
            raise AirRefusalError("Failed", "No notify session started")
        self._drop(message.sender or "")
        return "", []

    def _drop(self, sender: str) -> None:
        self._clients.discard(sender)
        if not self._clients:
            self._objects.changed(self._path, GATT_CHARACTERISTIC, ["Notifying"])

    def _notify(self, value: bytes) -> None:
        if self.notifying:
            self._show(value)

    def _show(self, value: bytes) -> None:
        self._seen = value
        self._objects.changed(self._path, GATT_CHARACTERISTIC, ["Value"])


def _descriptor(part: _CharacteristicPart, characteristic: str) -> ObjectPart:
    def values() -> dict[str, object]:
        return {"UUID": _CONFIGURES, "Characteristic": characteristic, "Value": state()}

    def state() -> bytes:
        return b"\1\0" if part.notifying else b"\0\0"

    def write(_: Message) -> Answer | None:
        # BlueZ keeps this one to itself: programs say StartNotify.
        raise AirRefusalError("NotPermitted", "Write not permitted")

    calls: dict[str, Callable[[Message], Answer | None]] = {
        "ReadValue": lambda _: ("ay", [state()]),
        "WriteValue": write,
    }
    return ObjectPart(INTERFACES[GATT_DESCRIPTOR], values, calls)


def _offset(options: dict[str, object]) -> int:
    told = getattr(options.get("offset"), "value", 0)
    return told if isinstance(told, int) else 0
