"""One Bluetooth adapter: its power, who scans on it, and the devices that it remembers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Protocol

from badge.contract.macs import normal_mac
from sim.air.radio.advert import Advert
from sim.air.radio.conditions import Conditions
from sim.air.radio.controller import Controller
from sim.air.radio.device import RemoteDevice
from sim.air.radio.filters import DiscoveryFilter, OrPattern

REFUSALS = {
    "InProgress": "Operation already in progress",
    "NotReady": "Resource Not Ready",
    "Failed": "Operation failed",
    "NotSupported": "Operation is not supported",
    "InvalidArguments": "Invalid arguments in method call",
    "AlreadyExists": "Already Exists",
    "DoesNotExist": "Does Not Exist",
}
_EVERYTHING = DiscoveryFilter()


class AirRefusalError(Exception):
    """BlueZ said no: the short error name (`InProgress`) and its text."""

    def __init__(self, name: str, text: str | None = None) -> None:
        super().__init__(name, text or REFUSALS[name])
        self.name, self.text = name, text or REFUSALS[name]


class AdapterListener(Protocol):
    """Someone who is told what BlueZ would announce about an adapter and its devices."""

    def device_added(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Tell of a device heard for the first time."""

    def device_changed(
        self, adapter: Adapter, device: RemoteDevice, changed: dict[str, object], gone: list[str]
    ) -> None:
        """Tell of announced properties and of invalidated ones."""

    def device_removed(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Tell of a forgotten device."""

    def adapter_changed(self, adapter: Adapter, changed: dict[str, object]) -> None:
        """Tell of the adapter's own properties."""


class Adapter:
    """The Adapter1 rules without any bus: sessions per client, filters, discovery, monitors."""

    def __init__(
        self,
        name: str,
        address: str,
        conditions: Conditions,
        now_ms: Callable[[], int],
        listeners: list[AdapterListener],
    ) -> None:
        self.name, self.path, self.address = name, f"/org/bluez/{name}", address
        self.conditions = conditions
        self.powered = self.plugged = True
        self.devices: dict[str, RemoteDevice] = {}
        self.filters: dict[Hashable, DiscoveryFilter] = {}
        self.sessions: dict[Hashable, DiscoveryFilter] = {}
        self.monitors: dict[Hashable, tuple[OrPattern, ...]] = {}
        self.fault_counts: Counter[str] = Counter()
        self._refusals: dict[str, list[str]] = {}
        self._controller = Controller(conditions)
        self._now_ms, self._listeners = now_ms, listeners

    @property
    def properties(self) -> dict[str, object]:
        """Return the properties of org.bluez.Adapter1 as plain values."""
        return {
            "Address": self.address,
            "AddressType": "public",
            "Name": f"virtual-{self.name}",
            "Alias": f"virtual-{self.name}",
            "Class": 0,
            "Powered": self.powered,
            "Discoverable": False,
            "DiscoverableTimeout": 180,
            "Pairable": False,
            "PairableTimeout": 0,
            "Discovering": bool(self.sessions),
            "UUIDs": [],
            "Roles": ["central", "peripheral"] if self.conditions.central else ["peripheral"],
        }

    @property
    def listening(self) -> bool:
        """Whether a report in the air has anyone to go to."""
        return self.plugged and self.powered and bool(self.sessions or self.monitors)

    def refuse(self, call: str, name: str, times: int = 1) -> None:
        """Answer the next calls of that name (StartDiscovery, StopDiscovery…) with an error."""
        self._refusals.setdefault(call, []).extend([name] * times)

    def set_filter(self, client: Hashable, wanted: DiscoveryFilter | None) -> None:
        """Remember a client's discovery filter, also for its running session; None clears it."""
        self._let("SetDiscoveryFilter")
        if wanted is None:
            self.filters.pop(client, None)
        else:
            self.filters[client] = wanted
        if client in self.sessions:
            self.sessions[client] = wanted or _EVERYTHING

    def start(self, client: Hashable) -> None:
        """Begin a client's discovery session; AirRefusalError as BlueZ would."""
        self._let("StartDiscovery")
        if not self.powered:
            raise AirRefusalError("NotReady")
        if client in self.sessions:
            raise AirRefusalError("InProgress")
        first = not self.sessions
        self.sessions[client] = self.filters.get(client, _EVERYTHING)
        if first:
            self._controller.begin(self._now_ms())
            self._announce({"Discovering": True})

    def stop(self, client: Hashable) -> None:
        """End a client's discovery session; AirRefusalError as BlueZ would."""
        self._let("StopDiscovery")
        if not self.powered:
            raise AirRefusalError("NotReady")
        if client not in self.sessions:
            raise AirRefusalError("Failed", "No discovery started")
        self._end([client])

    def watch(self, key: Hashable, patterns: tuple[OrPattern, ...]) -> None:
        """Listen passively for advertisements with any of the patterns."""
        if not self.listening:
            self._controller.begin(self._now_ms())
        self.monitors[key] = patterns

    def unwatch(self, key: Hashable) -> None:
        """End a passive listening; nothing happens if there is none."""
        self.monitors.pop(key, None)

    def leave(self, client: Hashable) -> None:
        """Forget a client that went away."""
        self.filters.pop(client, None)
        if client in self.sessions:
            self._end([client])

    def power(self, on: bool) -> None:
        """Switch the radio; switching off ends every discovery without a word to its owner."""
        if self.powered == on:
            return
        self.powered = on
        if not on:
            self._end(list(self.sessions))
        self._announce({"Powered": on})

    def reset(self) -> None:
        """Forget clients and devices silently, as a daemon that ends does."""
        for known in (self.sessions, self.filters, self.monitors, self.devices):
            known.clear()

    def deliver(self, mac: str, rssi_dbm: int, advert: Advert) -> bool:
        """Bring one report to the antenna; tell whether BlueZ took it."""
        if not self.listening:
            return False
        now_ms = self._now_ms()
        if not self._received(mac, advert, now_ms) or not self._wanted(mac, rssi_dbm, advert):
            return False
        device = self.devices.get(mac)
        known = device is not None
        if device is None:
            device = self.devices[mac] = RemoteDevice(self.path, mac)
        device.seen_ms = now_ms
        changed = device.absorb(
            rssi_dbm,
            advert,
            threshold_db=self._threshold_db(),
            repeat=any(wanted.duplicates for wanted in self.sessions.values()),
        )
        for listener in self._listeners:
            if not known:
                listener.device_added(self, device)
            elif changed:
                listener.device_changed(self, device, changed, [])
        return True

    def touch(self, mac: str, **properties: object) -> None:
        """Change properties of a known device that no advertisement changed (Connected=True)."""
        device = self.devices[normal_mac(mac)]
        device.properties.update(properties)
        for listener in self._listeners:
            listener.device_changed(self, device, dict(properties), [])

    def forget(self, device: RemoteDevice) -> None:
        """Remove one device."""
        del self.devices[device.mac]
        for listener in self._listeners:
            listener.device_removed(self, device)

    def sweep(self) -> None:
        """Forget the devices that were not heard for as long as BlueZ keeps temporary ones."""
        oldest_ms = self._now_ms() - self.conditions.temporary_ms
        for device in [d for d in self.devices.values() if d.seen_ms < oldest_ms]:
            self.forget(device)

    def _let(self, call: str) -> None:
        queue = self._refusals.get(call)
        if queue:
            name = queue.pop(0)
            self.fault_counts[f"{call} {name}"] += 1
            raise AirRefusalError(name)

    def _received(self, mac: str, advert: Advert, now_ms: int) -> bool:
        le_only = self.conditions.le_only
        filtered = not self.sessions or any(
            wanted.counts_as_filter(le_only) for wanted in self.sessions.values()
        )
        every = bool(self.sessions and self.monitors)
        content = advert.sections() if self.conditions.duplicates == "content" else ()
        heard = self._controller.hears(mac, content, now_ms, filtered=filtered, every=every)
        self.fault_counts["controller"] += not heard
        return heard

    def _wanted(self, mac: str, rssi_dbm: int, advert: Advert) -> bool:
        if any(wanted.admits(mac, rssi_dbm, advert) for wanted in self.sessions.values()):
            return True
        if not self.monitors:
            return False
        sections = advert.sections()
        return any(p.matches(sections) for found in self.monitors.values() for p in found)

    def _threshold_db(self) -> int:
        told = any(wanted.by_strength for wanted in self.sessions.values())
        return 0 if told else self.conditions.threshold_db

    def _end(self, clients: list[Hashable]) -> None:
        ended = [client for client in clients if self.sessions.pop(client, None) is not None]
        if not ended or self.sessions:
            return
        for device in self.devices.values():
            gone = device.invalidate()
            for listener in self._listeners if gone else ():
                listener.device_changed(self, device, {}, gone)
        self._announce({"Discovering": False})

    def _announce(self, changed: dict[str, object]) -> None:
        for listener in self._listeners:
            listener.adapter_changed(self, changed)
