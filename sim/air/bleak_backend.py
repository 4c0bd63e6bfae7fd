"""A bleak backend fed by the virtual air, for systems without D-Bus (and for those with it)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from bleak.backends.scanner import (
    AdvertisementData,
    AdvertisementDataCallback,
    BaseBleakScanner,
)
from bleak.exc import BleakDBusError, BleakError

from sim.air.radio.adapter import Adapter
from sim.air.radio.advert import full_uuid
from sim.air.radio.air import Air
from sim.air.radio.device import RemoteDevice
from sim.air.radio.filters import DiscoveryFilter
from sim.air.radio.monitor import Monitor, OrPattern
from sim.air.radio.refusals import AirRefusalError

UNKNOWN_RSSI_DBM = -127


class AirScanner(BaseBleakScanner):
    """`BleakScanner(callback, backend=AirScanner, air=air)`: the air without any bus.

    Takes `service_uuids`, `bluez={"adapter", "filters", "or_patterns"}` and both scanning modes;
    refuses as bleak does on Linux.  Only the classes of bleak are used, no operating system.
    """

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: Literal["active", "passive"],
        *,
        air: Air,
        bluez: dict[str, Any] | None = None,
        **_others: object,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        options = bluez or {}
        self._air = air
        self._mode = scanning_mode
        self._adapter_name: str = options.get("adapter") or next(iter(air.adapters), "hci0")
        self._filter = _discovery_filter(self._service_uuids or [], options.get("filters") or {})
        self._patterns = tuple(
            OrPattern(start, int(kind), bytes(content))
            for start, kind, content in options.get("or_patterns") or ()
        )
        if scanning_mode == "passive" and not self._patterns:
            raise BleakError("passive scanning mode requires bluez or_patterns")

    async def start(self) -> None:
        """Begin to listen; BleakError as on Linux."""
        adapter = self._air.adapters.get(self._adapter_name)
        if adapter is None or not adapter.plugged:
            raise BleakError(f"adapter '{self._adapter_name}' not found")
        self.seen_devices = {}
        self._forget = self._air.subscribe(self)
        try:
            self._listen(adapter)
        except AirRefusalError as refusal:
            self._forget()
            raise BleakDBusError(f"org.bluez.Error.{refusal.name}", [refusal.text]) from refusal

    def _listen(self, adapter: Adapter) -> None:
        if self._mode == "passive":
            ignore = (lambda _: None, lambda _: None)  # bleak hears of every change anyhow
            adapter.watch(self, Monitor(self._patterns, self._air.timers, *ignore))
            return
        adapter.set_filter(self, self._filter)
        adapter.start(self)

    async def stop(self) -> None:
        """End listening; BleakError if BlueZ has forgotten this scan, as on Linux."""
        self._forget()
        adapter = self._air.adapter(self._adapter_name)
        if self._mode == "passive":
            adapter.unwatch(self)
            return
        try:
            adapter.stop(self)
        except AirRefusalError as refusal:
            if refusal.name != "NotReady":
                error = f"org.bluez.Error.{refusal.name}"
                raise BleakDBusError(error, [refusal.text]) from refusal

    def device_added(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Pass a device on that was heard for the first time."""
        self._pass_on(adapter, device)

    def device_changed(self, adapter: Adapter, device: RemoteDevice, names: Sequence[str]) -> None:
        """Pass every announced change on, as bleak does with any property."""
        self._pass_on(adapter, device)

    def device_removed(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Drop a forgotten device."""
        self.seen_devices.pop(device.path, None)

    def adapter_changed(self, adapter: Adapter, names: Sequence[str]) -> None:
        """Do nothing: bleak tells nobody of the adapter's own properties."""

    def _pass_on(self, adapter: Adapter, device: RemoteDevice) -> None:
        seen: dict[str, Any] = device.properties
        if adapter.name != self._adapter_name or not self.is_allowed_uuid(seen["UUIDs"]):
            return
        advert = AdvertisementData(
            local_name=seen.get("Name"),
            manufacturer_data=dict(seen.get("ManufacturerData", {})),
            service_data=dict(seen.get("ServiceData", {})),
            service_uuids=list(seen["UUIDs"]),
            tx_power=seen.get("TxPower"),
            rssi=seen.get("RSSI", UNKNOWN_RSSI_DBM),
            platform_data=(device.path, seen),
        )
        known = self.create_or_update_device(
            device.path, device.mac, seen.get("Name"), {"path": device.path, "props": seen}, advert
        )
        self.call_detection_callbacks(known, advert)


def _discovery_filter(uuids: list[str], filters: dict[str, Any]) -> DiscoveryFilter:
    wanted = [*uuids, *filters.get("UUIDs", ())]
    return DiscoveryFilter(
        transport=filters.get("Transport", "le"),
        uuids=tuple(full_uuid(uuid) for uuid in wanted),
        rssi_dbm=filters.get("RSSI"),
        pathloss_db=filters.get("Pathloss"),
        pattern=filters.get("Pattern"),
        duplicates=bool(filters.get("DuplicateData", False)),
    )
