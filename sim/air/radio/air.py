"""The virtual air: what tags send reaches adapters here, by hand, from a capture or a world."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypedDict, Unpack

from badge.contract.macs import normal_mac
from badge.errors import InputError
from sim.air.radio.adapter import Adapter, AdapterListener
from sim.air.radio.advert import SILENT, AddressType, Advert, Pdu, advert_of
from sim.air.radio.conditions import Conditions
from sim.air.radio.peripheral import Peripheral
from sim.air.radio.timers import Timers

ADAPTERS_MAX = 20
POWER_UP_MS = 300  # after a start; 1,130 ms on the slow machine of the recordings
_INT16 = range(-(2**15), 2**15)


class AdvertOptions(TypedDict, total=False):
    """What an advertisement may say; UUIDs may be short (`FEAA`), a name may be octets."""

    name: str | bytes | None
    manufacturer_data: dict[int, bytes] | None
    service_data: dict[str, bytes] | None
    service_uuids: tuple[str, ...]
    tx_power_dbm: int | None
    flags: int | None
    appearance: int | None
    address_type: AddressType | None
    pdu: Pdu


class DaemonListener(AdapterListener, Protocol):
    """A listener that is BlueZ itself: it can go away and come back, and lose a radio."""

    def adapter_added(self, adapter: Adapter) -> None:
        """Tell of a radio that was plugged in."""

    def adapter_removed(self, adapter: Adapter) -> None:
        """Tell of a radio that was pulled out, before its devices are forgotten."""

    def daemon_stopped(self, *, crashed: bool) -> None:
        """Tell that BlueZ ends, before anything is forgotten; crashed means without a word."""

    def daemon_started(self) -> None:
        """Tell that BlueZ is there again, with its adapters and no devices."""


class Air:
    """Adapters `hci0`… and the ways to reach them; one object per virtual machine room.

    `now_ms` is the monotonic clock of scan windows and of forgetting devices.
    """

    def __init__(
        self,
        adapters: int = 1,
        conditions: Conditions | None = None,
        now_ms: Callable[[], int] | None = None,
    ) -> None:
        if not 0 <= adapters <= ADAPTERS_MAX:
            raise InputError(f"{adapters} adapters: the air has room for 0 to {ADAPTERS_MAX}")
        self.timers = Timers(now_ms or (lambda: time.monotonic_ns() // 1_000_000))
        self.conditions = conditions or Conditions()
        self.peripherals: dict[str, Peripheral] = {}  # tags that can be connected to, by MAC
        self.bluez_runs = True
        self.sent = self.heard = 0
        self._daemons: list[DaemonListener] = []
        self._listeners: list[AdapterListener] = []
        self.adapters = {
            f"hci{i}": Adapter(
                i, f"02:00:00:00:00:{i:02X}", self.conditions, self.timers, self._listeners
            )
            for i in range(adapters)
        }

    def subscribe(self, listener: AdapterListener) -> Callable[[], None]:
        """Tell someone what BlueZ announces; call the result to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def serve(self, daemon: DaemonListener) -> Callable[[], None]:
        """Let a daemon speak for this air's adapters on a bus; call the result to end it."""
        self._daemons.append(daemon)
        forget = self.subscribe(daemon)

        def leave() -> None:
            forget()
            self._daemons.remove(daemon)

        return leave

    def adapter(self, name: str) -> Adapter:
        """Return an adapter; InputError if there is none of that name."""
        if name not in self.adapters:
            there = ", ".join(self.adapters) or "none"
            raise InputError(f"there is no adapter {name!r} in the air; there is: {there}")
        return self.adapters[name]

    def advertise(
        self, mac: str, rssi_dbm: int, *, adapter: str = "hci0", **content: Unpack[AdvertOptions]
    ) -> bool:
        """Send one advertisement by hand; tell whether BlueZ took it."""
        return self.deliver(adapter, normal_mac(mac), rssi_dbm, advert_of(**content))

    def deliver(self, adapter: str, mac: str, rssi_dbm: int, advert: Advert = SILENT) -> bool:
        """Bring one report to an adapter's antenna; tell whether BlueZ took it."""
        if rssi_dbm not in _INT16:
            raise InputError(f"RSSI {rssi_dbm} dBm of {mac} does not fit 16 bits")
        peripheral = self.peripherals.get(mac)
        if peripheral is not None and peripheral.connected:
            return False  # a tag with one connection does not advertise while it has it
        self.sent += 1
        taken = self.bluez_runs and self.adapter(adapter).deliver(mac, rssi_dbm, advert)
        self.heard += taken
        return taken

    def power(self, on: bool, adapter: str = "hci0") -> None:
        """Switch an adapter on or off."""
        self.adapter(adapter).power(on)

    def unplug(self, adapter: str = "hci0") -> None:
        """Pull an adapter out: its devices, sessions and object disappear."""
        radio = self.adapter(adapter)
        for daemon in self._daemons if radio.plugged else ():
            daemon.adapter_removed(radio)
        radio.plugged = False
        radio.reset()

    def plug(self, adapter: str = "hci0") -> None:
        """Plug an adapter in again, powered."""
        radio = self.adapter(adapter)
        if radio.plugged:
            return
        radio.plugged = radio.powered = True
        for daemon in self._daemons:
            daemon.adapter_added(radio)

    def stop_bluetoothd(self, *, crashed: bool = False) -> None:
        """End BlueZ: orderly (it takes its objects back) or crashed (only its name vanishes)."""
        if not self.bluez_runs:
            return
        for daemon in self._daemons:
            daemon.daemon_stopped(crashed=crashed)
        self.bluez_runs = False
        for radio in self.adapters.values():
            radio.reset(crashed=crashed)

    def start_bluetoothd(self) -> None:
        """Start BlueZ again: nobody scans, no device is known, adapters switch on in a moment."""
        if self.bluez_runs:
            return
        self.bluez_runs = True
        for radio in self.adapters.values():
            if not radio.powered:
                self._power_up(radio)
        for daemon in self._daemons:
            daemon.daemon_started()

    def _power_up(self, radio: Adapter) -> None:
        if not self.conditions.strict:
            radio.powered = True
            return

        def up() -> None:
            if self.bluez_runs and not radio.powered:
                radio.end_power(True, "UUIDs")

        radio.await_power()
        self.timers.after(POWER_UP_MS, up)

    def restart_bluetoothd(self, *, crashed: bool = False) -> None:
        """Stop BlueZ and start it at once."""
        self.stop_bluetoothd(crashed=crashed)
        self.start_bluetoothd()
