"""One Bluetooth adapter: its power, who listens on it, and the devices that it remembers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Protocol

from badge.contract.macs import normal_mac
from sim.air.radio.advert import Advert
from sim.air.radio.conditions import Conditions
from sim.air.radio.content import AdvertContent, content_of
from sim.air.radio.device import RemoteDevice
from sim.air.radio.discovery import Discovery
from sim.air.radio.filters import DiscoveryFilter, shown
from sim.air.radio.kernel import Kernel
from sim.air.radio.monitor import Monitor
from sim.air.radio.refusals import AirRefusalError, Done, ignore
from sim.air.radio.timers import Timers

# What bluetoothd registers of its own on a machine with its usual plugins.
SERVICES = tuple(
    f"0000{short}-0000-1000-8000-00805f9b34fb"
    for short in ("1801", "1800", "1844", "1200", "110c", "110e", "180a")
)


class AdapterListener(Protocol):
    """Someone who is told what BlueZ would announce about an adapter and its devices."""

    def device_added(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Tell of a device heard for the first time."""

    def device_changed(self, adapter: Adapter, device: RemoteDevice, names: Sequence[str]) -> None:
        """Tell of properties that changed, or went, in the order of their changes."""

    def device_removed(self, adapter: Adapter, device: RemoteDevice) -> None:
        """Tell of a forgotten device."""

    def adapter_changed(self, adapter: Adapter, names: Sequence[str]) -> None:
        """Tell of the adapter's own properties."""


class Adapter:
    """The Adapter1 rules without any bus: sessions per client, filters, discovery, monitors."""

    def __init__(
        self,
        index: int,
        address: str,
        conditions: Conditions,
        timers: Timers,
        listeners: list[AdapterListener],
    ) -> None:
        self.name, self.path, self.address = f"hci{index}", f"/org/bluez/hci{index}", address
        self.conditions, self.timers = conditions, timers
        self.powered = self.plugged = True
        self.devices: dict[str, RemoteDevice] = {}
        self.monitors: dict[Hashable, Monitor] = {}
        self.awaited: dict[str, Callable[[], None]] = {}  # who is connected to when it is heard
        self.fault_counts: Counter[str] = Counter()
        self._refusals: dict[str, list[str]] = {}
        self.kernel = Kernel(conditions, timers, self._window_ended)
        self.discovery = Discovery(conditions, timers, self, self.kernel)
        self._listeners = listeners
        self._found: dict[str, RemoteDevice] = {}  # in the order found by the running discovery
        number = f" #{index + 1}" if index else ""
        self._name = f"BlueZ {conditions.version}{number}"
        self._settings: dict[str, object] = {
            "Alias": self._name,
            "PowerState": "on",
            "Discoverable": False,
            "DiscoverableTimeout": 180,
            "Pairable": False,
            "PairableTimeout": 0,
        }

    @property
    def sessions(self) -> Mapping[Hashable, DiscoveryFilter | None]:
        """The clients that scan, each with its filter."""
        return self.discovery.clients

    @property
    def properties(self) -> dict[str, object]:
        """Return the properties of org.bluez.Adapter1 as plain values, in BlueZ's order."""
        minor = int(self.conditions.version.partition(".")[2])
        return {
            "Address": self.address,
            "AddressType": "public",
            "Name": self._name,
            "Alias": self._settings["Alias"],
            "Class": 0,
            "Powered": self.powered,
            "PowerState": self._settings["PowerState"],
            "Discoverable": self._settings["Discoverable"],
            "DiscoverableTimeout": self._settings["DiscoverableTimeout"],
            "Pairable": self._settings["Pairable"],
            "PairableTimeout": self._settings["PairableTimeout"],
            "Discovering": self.discovery.discovering,
            "UUIDs": list(SERVICES),
            "Modalias": f"usb:v1D6Bp0246d05{minor:02X}",
            "Roles": ["central", "peripheral"] if self.conditions.central else ["peripheral"],
        }

    @property
    def listening(self) -> bool:
        """Whether a report in the air has anyone to go to."""
        return self.plugged and self.powered and bool(self.sessions or self.monitors)

    # --- what programs ask ---------------------------------------------------------------------

    def refuse(self, call: str, name: str, times: int = 1) -> None:
        """Answer the next calls of that name (StartDiscovery, StopDiscovery…) with an error."""
        self._refusals.setdefault(call, []).extend([name] * times)

    def set_filter(self, client: Hashable, wanted: DiscoveryFilter | None) -> None:
        """Remember a client's discovery filter, also for its running session; None clears it."""
        self._let("SetDiscoveryFilter")
        self._must_be_ready()
        self.discovery.set_filter(client, wanted)

    def start(self, client: Hashable, done: Done = ignore) -> None:
        """Begin a client's discovery session; refusals are raised, or told to `done` later."""
        self._let("StartDiscovery")
        self._must_be_ready()
        self.discovery.start(client, done)

    def stop(self, client: Hashable, done: Done = ignore) -> None:
        """End a client's discovery session; refusals are raised, or told to `done`."""
        self._let("StopDiscovery")
        self._must_be_ready()
        self.discovery.stop(client, done)

    def watch(self, key: Hashable, monitor: Monitor) -> None:
        """Listen passively for advertisements that match a monitor."""
        self.monitors[key] = monitor
        self.kernel.add_monitor(frozenset(monitor.patterns))

    def unwatch(self, key: Hashable) -> None:
        """End a passive listening; nothing happens if there is none."""
        monitor = self.monitors.pop(key, None)
        if monitor is not None:
            monitor.end()
            self.kernel.remove_monitor(frozenset(monitor.patterns))

    def leave(self, client: Hashable) -> None:
        """Forget a client that went away."""
        self.discovery.leave(client)

    def setting(self, name: str, value: object) -> None:
        """Change Alias (empty: the name again), Discoverable, Pairable, or their timeouts."""
        if name == "Alias" and not value:
            value = self._name
        if self._settings[name] != value:
            self._settings[name] = value
            self.announce([name])

    def _must_be_ready(self) -> None:
        if not self.powered:
            raise AirRefusalError("NotReady")

    def _let(self, call: str) -> None:
        queue = self._refusals.get(call)
        if queue:
            name = queue.pop(0)
            self.fault_counts[f"{call} {name}"] += 1
            raise AirRefusalError(name)

    # --- power ---------------------------------------------------------------------------------

    def power(self, on: bool) -> None:
        """Switch the radio; switching off ends every discovery without a word to its owner."""
        if self.powered != on:
            self.begin_power(on)
            self.end_power(on)

    def begin_power(self, on: bool) -> None:
        """Announce that the radio is being switched; off forgets temporary devices first."""
        if not on:
            for device in [d for d in self.devices.values() if d.temporary]:
                self.forget(device)
        self._settings["PowerState"] = "off-enabling" if on else "on-disabling"
        self.announce(["PowerState"])

    def await_power(self) -> None:
        """Be there, but not switched on yet, as after a start of BlueZ."""
        self._settings["PowerState"] = "off-enabling"

    def end_power(self, on: bool, *also: str) -> None:
        """Announce that the radio has been switched, and what else changed with it."""
        self.powered = on
        self._settings["PowerState"] = "on" if on else "off"
        if on:
            for monitor in self.monitors.values():
                self.kernel.add_monitor(frozenset(monitor.patterns))
            self.announce(["PowerState", "Powered", *also])
            return
        for monitor in self.monitors.values():
            monitor.end(told=True)
        self.awaited.clear()
        self.discovery.clear()
        self.kernel.reset()
        self.discovery_ended()
        self.announce(["PowerState", "Powered", "Discovering"])

    def reset(self, *, crashed: bool = False) -> None:
        """Forget clients and devices silently, as a daemon that ends does.

        After a crash the kernel scans on until its window ends, and refuses a new start so long.
        """
        self.discovery.clear()
        for monitor in self.monitors.values():
            monitor.end()
        self.monitors.clear()
        self.awaited.clear()
        for device in self.devices.values():
            if device.timer is not None:
                device.timer.cancel()
        self.devices.clear()
        self._found.clear()
        if not (crashed and self.kernel.discovering and self.conditions.strict):
            self.kernel.reset()

    # --- what the radio hears ------------------------------------------------------------------

    def deliver(self, mac: str, rssi_dbm: int, advert: Advert) -> bool:
        """Bring one report to the antenna; tell whether BlueZ took it."""
        self.timers.run_due()
        if advert.connectable and mac in self.awaited and self.powered:
            self.awaited.pop(mac)()
            return False
        if not self.listening:
            return False
        octets = self.kernel.hears(mac, rssi_dbm, advert)
        if octets is None:
            self.fault_counts["controller"] += 1
            return False
        content = content_of(octets)
        matched = [m for m in self.monitors.values() if m.matches(content.sections)]
        if not matched and not self.discovery.discovering:
            return False
        visible = self._visible(mac, rssi_dbm, content)
        device = self.devices.get(mac)
        if device is None:
            if not visible and not matched:
                return False
            device = self._remember(mac, advert)
        device.seen_ms, device.connectable = self.timers.now_ms(), advert.connectable
        if not matched and not (visible and self._wanted(content)):
            return False
        self._absorb(device, rssi_dbm, content)
        for monitor in matched:
            monitor.hear(device.path, rssi_dbm)
        return True

    def _visible(self, mac: str, rssi_dbm: int, content: AdvertContent) -> bool:
        filters = self.sessions.values()
        if not self.conditions.strict:
            return any(f is None or f.admits(mac, rssi_dbm, content) for f in filters)
        filtered, modern = self.discovery.filtered, self.conditions.modern
        return shown(filters, mac, content, filtered=filtered, modern=modern)

    def _wanted(self, content: AdvertContent) -> bool:
        if not self.conditions.strict or not self.discovery.filtered:
            return True
        return any(
            f is None or not f.uuids or not set(f.uuids).isdisjoint(content.uuids)
            for f in self.sessions.values()
        )

    def _remember(self, mac: str, advert: Advert) -> RemoteDevice:
        modern = self.conditions.modern
        device = RemoteDevice(self.path, mac, advert.address_type, modern=modern)
        self.devices[mac] = device
        self._expire_later(device, self.conditions.temporary_ms)
        return device

    def _absorb(self, device: RemoteDevice, rssi_dbm: int, content: AdvertContent) -> None:
        names = device.absorb(
            rssi_dbm,
            content,
            threshold_db=self._threshold_db(),
            repeat=any(f is not None and f.duplicates for f in self.sessions.values()),
            zero_is_none=self.conditions.strict,
        )
        new = not device.announced
        device.announced = True
        for listener in self._listeners:
            if new:
                listener.device_added(self, device)
            elif names:
                listener.device_changed(self, device, names)
        if self.sessions:
            self._found.setdefault(device.mac, device)

    def _threshold_db(self) -> int:
        if self.conditions.threshold_exempt == "filtered":
            exempt = self.discovery.filtered
        else:
            exempt = any(f is not None and f.by_strength for f in self.sessions.values())
        return 0 if exempt else self.conditions.threshold_db

    def touch(self, mac: str, **properties: object) -> None:
        """Change properties of a known device that no advertisement changed (Connected=True)."""
        device = self.devices[normal_mac(mac)]
        self.change(device, device.update(**properties))

    def change(self, device: RemoteDevice, names: Sequence[str]) -> None:
        """Tell of properties of a device that changed."""
        for listener in self._listeners if names else ():
            listener.device_changed(self, device, names)

    def forget(self, device: RemoteDevice) -> None:
        """Remove one device."""
        del self.devices[device.mac]
        if device.timer is not None:
            device.timer.cancel()
        self._found.pop(device.mac, None)
        for monitor in self.monitors.values():
            monitor.forget(device.path)
        for listener in self._listeners if device.announced else ():
            listener.device_removed(self, device)

    def keep_for_a_while(self, device: RemoteDevice) -> None:
        """Let a device be forgotten again when it is not heard: nobody is connected any more."""
        device.temporary, device.seen_ms = True, self.timers.now_ms()
        if device.timer is not None:
            device.timer.cancel()
        self._expire_later(device, self.conditions.temporary_ms)

    def _expire_later(self, device: RemoteDevice, delay_ms: int) -> None:
        # One timer a device that looks again when it fires: a timer for each of 6,000 reports a
        # second would be 180,000 in the queue.
        device.timer = self.timers.after(delay_ms, lambda: self._expire(device))

    def _expire(self, device: RemoteDevice) -> None:
        left_ms = device.seen_ms + self.conditions.temporary_ms - self.timers.now_ms()
        if left_ms > 0:
            self._expire_later(device, left_ms)
        elif device.temporary:
            self.forget(device)

    # --- what a discovery tells ----------------------------------------------------------------

    def _window_ended(self) -> None:
        self.discovery.window_ended()

    def discovery_changed(self) -> None:
        """Announce Discovering."""
        self.announce(["Discovering"])

    def discovery_ended(self) -> None:
        """Forget what only a running discovery knows, the device found last first, as BlueZ."""
        found = list(self._found.values())[::-1]
        self._found.clear()
        for device in found:
            self.change(device, device.invalidate())
        for device in list(self.devices.values()) if self.conditions.strict else ():
            if device.temporary and not device.connectable:
                self.forget(device)

    def announce(self, names: Sequence[str]) -> None:
        """Tell of changed properties of the adapter."""
        for listener in self._listeners:
            listener.adapter_changed(self, names)
