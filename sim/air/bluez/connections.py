"""Connecting to a device: it takes until the next advertisement, or 41 s for nothing."""

from __future__ import annotations

from dbus_fast import Message

from sim.air.bluez.link import Answers
from sim.air.bluez.objects import Answer
from sim.air.radio.adapter import Adapter
from sim.air.radio.device import RemoteDevice
from sim.air.radio.refusals import AirRefusalError
from sim.air.radio.timers import Timer

CONNECT_MS = 41_000  # until a real 5.66 gave up a device that was silent


class Connections:
    """Who waits for which device, and what is connected."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._connecting: dict[str, tuple[Message, Timer]] = {}
        self._pairing: dict[str, tuple[Message, Adapter]] = {}

    def connect(self, adapter: Adapter, device: RemoteDevice, message: Message) -> Answer | None:
        """Connect as soon as the device is heard; Failed after `CONNECT_MS`."""
        if not adapter.powered:
            raise AirRefusalError("NotReady")
        if device.path in self._connecting:
            raise AirRefusalError("InProgress")
        device.temporary = False  # BlueZ keeps what somebody wants to connect to
        adapter.kernel.await_connection(1)

        def give_up() -> None:
            del self._connecting[device.path]
            adapter.kernel.await_connection(-1)
            text = "le-connection-abort-by-local"
            self._answers.refuse(message, AirRefusalError("Failed", text))

        self._connecting[device.path] = (message, adapter.timers.after(CONNECT_MS, give_up))
        return None

    def disconnect(self, adapter: Adapter, device: RemoteDevice, message: Message) -> Answer | None:
        """End a connection, or the wait for one; nothing to do is no error."""
        waiting = self._connecting.pop(device.path, None)
        if waiting is not None:
            waiting[1].cancel()
            adapter.kernel.await_connection(-1)
            text = "le-connection-abort-by-local"
            self._answers.refuse(waiting[0], AirRefusalError("Failed", text))
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

    def forget(self, device: RemoteDevice) -> None:
        """Drop what waits for a device that is removed."""
        waiting = self._connecting.pop(device.path, None)
        if waiting is not None:
            waiting[1].cancel()
        self._pairing.pop(device.path, None)
