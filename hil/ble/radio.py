"""The radio of this computer through bleak: one BleakScanner for one adapter."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Hashable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypedDict

from badge.extras import lacking
from hil.ble.errors import ScannerError, explain
from hil.ble.supervisor import Sink
from hil.clock import Clock

if TYPE_CHECKING:
    from bleak import BleakScanner
    from bleak.args.bluez import BlueZDiscoveryFilters, BlueZScannerArgs
    from bleak.args.corebluetooth import CBScannerArgs
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from hil.ble.bluez import BluezWatch

# Any RSSI filter makes BlueZ tell every RSSI and leave no gap between scans; -127 is the weakest.
_LINUX_FILTERS: BlueZDiscoveryFilters = {"RSSI": -127, "DuplicateData": False}
# What the host itself knows of a device: a report in which only this changed is no advert.
_HOST_STATE = ("Connected", "Paired", "Bonded", "Trusted", "Blocked", "ServicesResolved")


class BleakOptions(TypedDict, total=False):
    """bleak's arguments for one system."""

    bluez: BlueZScannerArgs
    cb: CBScannerArgs


def options_for(platform: str, adapter: str | None) -> BleakOptions:
    """Return bleak's arguments for `sys.platform`; ScannerError for what cannot work there."""
    if find_spec("bleak") is None:
        raise ScannerError(lacking("bleak", "the scanner"), hopeless=True)
    if platform == "linux":
        bluez: BlueZScannerArgs = {"filters": _LINUX_FILTERS}
        if adapter is not None:
            bluez["adapter"] = adapter
        return {"bluez": bluez}
    if platform not in ("darwin", "win32"):
        raise ScannerError(f"scanner: bleak has no radio on {platform}", hopeless=True)
    if adapter is not None:
        system = "macOS" if platform == "darwin" else "Windows"
        raise ScannerError(
            f"scanner: {system} gives programs one radio and no choice; write bleak without "
            f":{adapter}",
            hopeless=True,
        )
    # Undocumented in CoreBluetooth, and the only way to a MAC there; devices without are skipped.
    return {"cb": {"use_bdaddr": True}} if platform == "darwin" else {}


class BleakRadio:
    """A `Radio`; `adapter` None takes the first powered one by name (Linux) or the only one."""

    def __init__(self, adapter: str | None, clock: Clock, platform: str = sys.platform) -> None:
        self.place = adapter or "bleak"
        self.swallowed = 0
        options_for(platform, adapter)  # refuses now, before anything is switched on
        self._adapter, self._clock, self._platform = adapter, clock, platform
        self._scanner: BleakScanner | None = None
        self._watch: BluezWatch | None = None
        self._sink: Sink | None = None

    async def start(self, sink: Sink) -> None:
        """Begin to scan; ScannerError with the cause in a user's words."""
        from bleak import BleakScanner
        from bleak.exc import BleakError

        self._sink = sink
        try:
            adapter = self._adapter
            if self._platform == "linux":
                adapter = await self._open_watch(sink)
            scanner = BleakScanner(self._detected, **options_for(self._platform, adapter))
            self._scanner = scanner
            await scanner.start()
        except (BleakError, OSError, EOFError, asyncio.InvalidStateError) as error:
            raise explain(error, self.place) from error
        except Exception as error:
            if not type(error).__module__.startswith("dbus_fast"):
                raise
            raise explain(error, self.place) from error

    async def _open_watch(self, sink: Sink) -> str | None:
        from hil.ble.bluez import BluezWatch

        watch = BluezWatch(self._adapter, sink.lose)
        await watch.open()
        self._watch = watch
        return await watch.settle()

    async def stop(self) -> None:
        """End scanning; whatever the host answers, it is over for us."""
        watch, self._watch = self._watch, None
        scanner, self._scanner = self._scanner, None
        self._sink = None
        if watch is not None:
            await watch.close()
        if scanner is not None:
            try:
                await scanner.stop()
            except Exception:  # after a restart of bluetoothd the stop itself is the error
                self.swallowed += 1

    def _detected(self, device: BLEDevice, advert: AdvertisementData) -> None:
        """Pass a report on at once; bleak would swallow an error, so it is counted here."""
        at_ns = self._clock.monotonic_ns()
        if self._sink is None:
            return
        try:
            state = _host_state(advert.platform_data)
            self._sink.hear(at_ns, device.address, advert.rssi, _payload(advert), state)
        except (TypeError, ValueError, LookupError):
            self.swallowed += 1


def _payload(advert: AdvertisementData) -> Hashable:
    return (
        advert.local_name,
        tuple(advert.manufacturer_data.items()),
        tuple(advert.service_data.items()),
        tuple(advert.service_uuids),
        advert.tx_power,
    )


def _host_state(platform_data: tuple[object, ...]) -> Hashable:
    known = platform_data[1] if len(platform_data) > 1 else None
    return tuple(map(known.get, _HOST_STATE)) if isinstance(known, Mapping) else None
