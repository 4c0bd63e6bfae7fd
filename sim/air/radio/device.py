"""One remote device as BlueZ remembers it: its Device1 properties, merged over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.air.radio.advert import AddressType
from sim.air.radio.content import AdvertContent, shown_name
from sim.air.radio.timers import Timer

# The order in which BlueZ lists them (device_properties of its device.c).
_ORDER = (
    "Address", "AddressType", "Name", "Alias", "Appearance", "Icon", "Paired", "Bonded", "Trusted",
    "Blocked", "LegacyPairing", "CablePairing", "RSSI", "Connected", "UUIDs", "Adapter",
    "ManufacturerData", "ServiceData", "TxPower", "ServicesResolved", "AdvertisingFlags",
    "AdvertisingData",
)  # fmt: skip
_ICONS = {0: "unknown", 1: "phone", 2: "computer", 5: "video-display", 10: "multimedia-player",
          11: "scanner"}  # fmt: skip
_HID = 15
_HID_ICONS = {1: "input-keyboard", 2: "input-mouse", 3: "input-gaming", 4: "input-gaming",
              5: "input-tablet", 8: "scanner"}  # fmt: skip


class RemoteDevice:
    """Properties of org.bluez.Device1 as plain values; `seen_ms` is when it was last heard.

    `temporary` devices are forgotten after a while; `alias` is one that a program gave.
    """

    def __init__(
        self,
        adapter_path: str,
        mac: str,
        address_type: AddressType | None = None,
        *,
        modern: bool = False,
    ) -> None:
        self.mac = mac
        self.path = f"{adapter_path}/dev_{mac.replace(':', '_')}"
        self.seen_ms = 0
        self.connectable = self.temporary = True
        self.announced = False
        self.timer: Timer | None = None
        self._modern = modern
        self._alias = False
        # The two highest bits of a static random address are ones (Vol 6 Part B 1.3.2.1).
        guessed = "random" if int(mac[0], 16) >= 0xC else "public"
        self._values: dict[str, object] = {
            "Address": mac,
            "AddressType": address_type or guessed,
            "Alias": mac.replace(":", "-"),
            "Paired": False,
            "Bonded": False,
            "Trusted": False,
            "Blocked": False,
            "LegacyPairing": False,
            "Connected": False,
            "UUIDs": [],
            "Adapter": adapter_path,
            "ServicesResolved": False,
        }
        if modern:
            self._values["CablePairing"] = False

    @property
    def properties(self) -> dict[str, object]:
        """Return all properties in the order of BlueZ."""
        return {name: self._values[name] for name in _ORDER if name in self._values}

    def value(self, name: str) -> object | None:
        """Return one property; None if the device has it not."""
        return self._values.get(name)

    def update(self, **values: object) -> list[str]:
        """Set properties that no advertisement carries; return the names of those that changed."""
        changed = [name for name, value in values.items() if self._values.get(name) != value]
        self._values.update(values)
        return changed

    def rename(self, alias: str) -> list[str]:
        """Give an alias, or take it back with an empty one; return what changed."""
        self._alias = bool(alias)
        name = self._values.get("Name") or self.mac.replace(":", "-")
        return self.update(Alias=alias or name)

    def absorb(
        self,
        rssi_dbm: int,
        content: AdvertContent,
        *,
        threshold_db: int,
        repeat: bool,
        zero_is_none: bool = True,
    ) -> list[str]:
        """Take in one report; return the names of what BlueZ would announce, in its order.

        RSSI is announced when it moved by `threshold_db` or more (0: always); `zero_is_none` as in
        BlueZ, which keeps an unknown strength as 0.  `repeat` (DuplicateData) shows what this
        report says alone, also if it is nothing new.
        """
        told = self._strength(rssi_dbm, threshold_db, zero_is_none=zero_is_none)
        if content.tx_power_dbm is not None:
            told += self.update(TxPower=content.tx_power_dbm)
        if content.appearance:
            told += self._appearance(content.appearance)
        told += self._name(content)
        told += self._uuids(content)
        for name, fresh in (
            ("ManufacturerData", content.manufacturer_data),
            ("ServiceData", content.service_data),
            ("AdvertisingData", content.others),
        ):
            if fresh:
                told += self._merge(name, {**fresh}, repeat)
        told += self.update(AdvertisingFlags=bytes([content.flags]))
        return told

    def invalidate(self) -> list[str]:
        """Forget what only a running discovery knows; return the names of what was forgotten."""
        gone: list[str] = [key for key in ("RSSI", "TxPower") if key in self._values]
        for key in gone:
            del self._values[key]
        return gone

    def _strength(self, rssi_dbm: int, threshold_db: int, *, zero_is_none: bool) -> list[str]:
        old = self._values.get("RSSI")
        if rssi_dbm == 0 and zero_is_none:
            return [key for key in ("RSSI",) if self._values.pop(key, None) is not None]
        if isinstance(old, int) and abs(rssi_dbm - old) < threshold_db:
            return []
        self._values["RSSI"] = rssi_dbm
        return ["RSSI"]

    def _appearance(self, value: int) -> list[str]:
        category, kind = value >> 6, value & 0x3F
        icon = _HID_ICONS.get(kind) if category == _HID else _ICONS.get(category)
        told = self.update(Appearance=value)
        return told + (self.update(Icon=icon) if icon is not None else [])

    def _name(self, content: AdvertContent) -> list[str]:
        if content.name is None or not (content.name_complete or "Name" not in self._values):
            return []
        name = shown_name(content.name, cut=self._modern)
        if not name:
            return []
        told = self.update(Name=name)
        return told + (self.update(Alias=name) if not self._alias else [])

    def _uuids(self, content: AdvertContent) -> list[str]:
        if self._values["ServicesResolved"]:
            return []
        known = self._values["UUIDs"]
        found = [*content.uuids, *(content.service_data if self._modern else ())]
        return self.update(
            UUIDs=list(dict.fromkeys([*(known if isinstance(known, list) else []), *found]))
        )

    def _merge(self, name: str, fresh: Mapping[Any, bytes], repeat: bool) -> list[str]:
        known = self._values.get(name)
        old = known if isinstance(known, dict) and not repeat else {}
        told = self.update(**{name: {**old, **fresh}})
        return [name] if repeat else told

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the properties that there are."""
        return iter(self.properties)
