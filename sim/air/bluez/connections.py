"""Connecting to a device: it takes until its next advertisement, or 41 s for nothing."""

from __future__ import annotations

from collections.abc import Mapping

from dbus_fast import Message

from sim.air.bluez.gatt import GattObjects
from sim.air.bluez.link import Answers
from sim.air.bluez.objects import Answer, Objects
from sim.air.radio.adapter import Adapter
from sim.air.radio.device import RemoteDevice
from sim.air.radio.peripheral import Peripheral
from sim.air.radio.refusals import AirRefusalError
from sim.air.radio.timers import Timer

CONNECT_MS = 41_000  # until a real 5.66 gave up a device that was silent
_ABORTED = "le-connection-abort-by-local"


class _Connection:
    def __init__(self, adapter: Adapter, peripheral: Peripheral, gatt: GattObjects) -> None:
        self.adapter, self.peripheral, self.gatt = adapter, peripheral, gatt


class Connections:
    """Who waits for which device, and what is connected; `peripherals` are tags by their MAC."""

    def __init__(
        self, answers: Answers, objects: Objects, peripherals: Mapping[str, Peripheral]
    ) -> None:
        self._answers, self._objects, self._peripherals = answers, objects, peripherals
        self._connecting: dict[str, tuple[Message, Timer]] = {}
        self._pairing: dict[str, tuple[Message, Adapter]] = {}
        self._connected: dict[str, tuple[RemoteDevice, _Connection]] = {}

    def connect(self, adapter: Adapter, device: RemoteDevice, message: Message) -> Answer | None:
        """Connect as soon as the device is heard; Failed after `CONNECT_MS`."""
        if not adapter.powered:
            raise AirRefusalError("NotReady")
        if device.path in self._connected:
            return "", []
        if device.path in self._connecting:
            raise AirRefusalError("InProgress")
        device.temporary = False  # BlueZ keeps what somebody wants to connect to
        adapter.kernel.await_connection(1)
        timer = adapter.timers.after(CONNECT_MS, lambda: self._give_up(adapter, device))
        self._connecting[device.path] = (message, timer)
        peripheral = self._peripherals.get(device.mac)
        if peripheral is not None:
            adapter.awaited[device.mac] = lambda: self._connect(adapter, device, peripheral)
        return None

    def disconnect(self, adapter: Adapter, device: RemoteDevice, message: Message) -> Answer | None:
        """End a connection, or the wait for one; nothing to do is no error."""
        if device.path in self._connecting:
            self._give_up(adapter, device)
        if device.path in self._connected:
            self._end(device)
            adapter.keep_for_a_while(device)
        return "", []

    def pair(self, adapter: Adapter, device: RemoteDevice, message: Message) -> Answer | None:
        """Wait for a device that pairs; none does, so only CancelPairing ends it."""
        if not adapter.powered:
            raise AirRefusalError("NotReady")
        if device.path in self._pairing:
            raise AirRefusalError("InProgress")
        device.temporary = False
        self._pairing[device.path] = (message, adapter)
        adapter.kernel.await_pairing(1)
        return None

    def cancel_pairing(self, device: RemoteDevice, message: Message) -> Answer | None:
        """End the wait for a pairing; DoesNotExist if there is none."""
        waiting = self._pairing.pop(device.path, None)
        if waiting is None:
            raise AirRefusalError("DoesNotExist")
        call, adapter = waiting
        adapter.kernel.await_pairing(-1)
        refusal = AirRefusalError("AuthenticationCanceled", "Authentication Canceled")
        self._answers.refuse(call, refusal)
        return "", []

    def leave(self, sender: str) -> None:
        """Forget a program that has gone; what it connected stays connected, as in BlueZ."""
        for path, (call, adapter) in list(self._pairing.items()):
            if call.sender == sender:
                del self._pairing[path]
                adapter.kernel.await_pairing(-1)
        for _, connection in self._connected.values():
            connection.gatt.leave(sender)

    def forget(self, device: RemoteDevice) -> None:
        """Drop all that concerns a device that is removed."""
        waiting = self._connecting.pop(device.path, None)
        if waiting is not None:
            waiting[1].cancel()
        pairing = self._pairing.pop(device.path, None)
        if pairing is not None:
            pairing[1].kernel.await_pairing(-1)
        if device.path in self._connected:
            self._end(device)

    def drop(self, adapter: Adapter) -> None:
        """End every connection of an adapter that was switched off."""
        for device, connection in list(self._connected.values()):
            if connection.adapter is adapter:
                self._end(device)
                adapter.keep_for_a_while(device)

    def clear(self) -> None:
        """Let go of every tag, without a word: BlueZ has ended."""
        for _, connection in self._connected.values():
            connection.peripheral.connected = False
        for _, timer in self._connecting.values():
            timer.cancel()
        for known in (self._connected, self._connecting, self._pairing):
            known.clear()

    def _give_up(self, adapter: Adapter, device: RemoteDevice) -> None:
        message, timer = self._connecting.pop(device.path)
        timer.cancel()
        adapter.awaited.pop(device.mac, None)
        adapter.kernel.await_connection(-1)
        self._answers.refuse(message, AirRefusalError("Failed", _ABORTED))

    def _connect(self, adapter: Adapter, device: RemoteDevice, peripheral: Peripheral) -> None:
        message, timer = self._connecting.pop(device.path)
        timer.cancel()
        adapter.kernel.await_connection(-1)
        peripheral.connected = True
        adapter.change(device, device.update(Connected=True))
        self._objects.flush()
        gatt = GattObjects(device.path, peripheral, self._objects, self._answers)
        self._connected[device.path] = (device, _Connection(adapter, peripheral, gatt))
        uuids = [service.uuid for service in peripheral.services]
        known = device.value("UUIDs")
        told = list(dict.fromkeys([*(known if isinstance(known, list) else []), *uuids]))
        adapter.change(device, device.update(UUIDs=told, ServicesResolved=True))
        self._answers.answer(message)

    def _end(self, device: RemoteDevice) -> None:
        _, connection = self._connected.pop(device.path)
        connection.peripheral.connected = False
        connection.adapter.change(device, device.update(ServicesResolved=False))
        self._objects.flush()
        connection.gatt.remove()
        connection.adapter.change(device, device.update(Connected=False))
