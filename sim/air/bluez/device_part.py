"""org.bluez.Device1: a remote device as programs call it."""

from __future__ import annotations

from dbus_fast import Message

from sim.air.bluez.connections import Connections
from sim.air.bluez.interfaces import DEVICE, INTERFACES
from sim.air.bluez.objects import Answer, ObjectPart
from sim.air.radio.adapter import Adapter
from sim.air.radio.device import RemoteDevice
from sim.air.radio.refusals import AirRefusalError


def device_part(adapter: Adapter, device: RemoteDevice, connections: Connections) -> ObjectPart:
    """Return the interface to put on a device's object."""

    def write(name: str, value: object, _: Message) -> Answer | None:
        changed = device.rename(str(value)) if name == "Alias" else device.update(**{name: value})
        adapter.change(device, changed)
        return "", []

    calls = {
        "Connect": lambda message: connections.connect(adapter, device, message),
        "Disconnect": lambda message: connections.disconnect(adapter, device, message),
        "Pair": lambda message: connections.pair(adapter, device, message),
        "CancelPairing": lambda message: connections.cancel_pairing(device, message),
        "ConnectProfile": _connect_profile,
        "DisconnectProfile": _disconnect_profile,
    }
    return ObjectPart(INTERFACES[DEVICE], lambda: device.properties, calls, write)


def _connect_profile(_: Message) -> Answer | None:
    # A profile is a thing of BR/EDR: BlueZ looks for it there, and finds nobody.
    raise AirRefusalError("Failed", "br-connection-sdp-search")


def _disconnect_profile(_: Message) -> Answer | None:
    raise AirRefusalError("InvalidArguments")
