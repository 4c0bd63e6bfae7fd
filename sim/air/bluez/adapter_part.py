"""org.bluez.Adapter1: an adapter of the air as programs call it."""

from __future__ import annotations

from collections.abc import Mapping

from dbus_fast import Message, Variant

from badge.errors import InputError
from sim.air.bluez.interfaces import ADAPTER, INTERFACES
from sim.air.bluez.link import Answers
from sim.air.bluez.objects import Answer, ObjectPart
from sim.air.radio.adapter import Adapter
from sim.air.radio.advert import full_uuid
from sim.air.radio.filters import DiscoveryFilter
from sim.air.radio.refusals import AirRefusalError

_FILTER = {
    "UUIDs": ("as", "uuids"),
    "RSSI": ("n", "rssi_dbm"),
    "Pathloss": ("q", "pathloss_db"),
    "Transport": ("s", "transport"),
    "DuplicateData": ("b", "duplicates"),
    "Discoverable": ("b", ""),
    "Pattern": ("s", "pattern"),
}
_TRANSPORTS = ("auto", "le", "bredr")
RSSI_RANGE, PATHLOSS_MAX = range(-127, 21), 137  # Core Specification Vol 2 Part E 7.7.65.2


class AdapterPart:
    """The methods and settable properties of one adapter."""

    def __init__(self, adapter: Adapter, answers: Answers) -> None:
        self._adapter, self._answers = adapter, answers

    def part(self) -> ObjectPart:
        """Return the interface to put on the adapter's object."""
        calls = {
            "StartDiscovery": self._start,
            "StopDiscovery": self._stop,
            "SetDiscoveryFilter": self._set_filter,
            "GetDiscoveryFilters": self._filters,
            "RemoveDevice": self._remove_device,
            "ConnectDevice": self._connect_device,
        }
        adapter = self._adapter
        return ObjectPart(INTERFACES[ADAPTER], lambda: adapter.properties, calls, self._write)

    def _start(self, message: Message) -> Answer | None:
        self._adapter.start(message.sender, self._answers.done(message))
        return None

    def _stop(self, message: Message) -> Answer | None:
        self._adapter.stop(message.sender, self._answers.done(message))
        return None

    def _set_filter(self, message: Message) -> Answer | None:
        if not self._adapter.powered:
            raise AirRefusalError("NotReady")
        try:
            wanted = discovery_filter(message.body[0], modern=self._adapter.conditions.modern)
        except (TypeError, ValueError, InputError):
            raise AirRefusalError("InvalidArguments") from None
        self._adapter.set_filter(message.sender, wanted)
        return "", []

    def _filters(self, _: Message) -> Answer | None:
        extra = ["AutoConnect"] if self._adapter.conditions.modern else []
        return "as", [[*_FILTER, *extra]]

    def _remove_device(self, message: Message) -> Answer | None:
        path = message.body[0]
        device = next((d for d in self._adapter.devices.values() if d.path == path), None)
        if device is None:
            raise AirRefusalError("DoesNotExist")
        self._adapter.forget(device)
        return "", []

    def _connect_device(self, _: Message) -> Answer | None:
        raise AirRefusalError("NotSupported")

    def _write(self, name: str, value: object, message: Message) -> Answer | None:
        if name == "Powered":
            return self._power(bool(value), message)
        if name == "Discoverable" and not self._adapter.powered:
            raise AirRefusalError("Failed", "Not Powered")
        # The kernel confirms a setting after BlueZ has answered.
        self._answers.answer(message)
        self._adapter.setting(name, value)
        return None

    def _power(self, on: bool, message: Message) -> Answer | None:
        if self._adapter.powered == on:
            return "", []
        self._adapter.begin_power(on)
        self._answers.answer(message)
        self._adapter.end_power(on)
        return None


def discovery_filter(
    told: Mapping[str, Variant], *, modern: bool = False
) -> DiscoveryFilter | None:
    """Read the argument of SetDiscoveryFilter, None if it is empty; ValueError as BlueZ refuses."""
    if not told:
        return None
    found: dict[str, object] = {}
    for key, variant in told.items():
        if modern and (key, variant.signature) == ("AutoConnect", "b"):
            continue
        signature, name = _FILTER.get(key, ("", ""))
        if variant.signature != signature:
            raise ValueError(key)
        value = variant.value
        if key == "UUIDs":
            value = tuple(full_uuid(uuid) for uuid in value)
        if key == "Transport" and value not in _TRANSPORTS:
            raise ValueError(key)
        if name:
            found[name] = value
    wanted = DiscoveryFilter(**found)  # type: ignore[arg-type]  # the table gives each its type
    if wanted.rssi_dbm is not None and wanted.rssi_dbm not in RSSI_RANGE:
        raise ValueError("RSSI")
    if wanted.pathloss_db is not None and wanted.pathloss_db > PATHLOSS_MAX:
        raise ValueError("Pathloss")
    if wanted.pathloss_db is not None and wanted.rssi_dbm is not None:
        raise ValueError("RSSI with Pathloss")
    return wanted
