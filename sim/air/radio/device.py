"""One remote device as BlueZ remembers it: its Device1 properties, merged over time."""

from __future__ import annotations

from collections.abc import Iterator

from sim.air.radio.advert import Advert


class RemoteDevice:
    """Properties of org.bluez.Device1 as plain values; `seen_ms` is when it was last heard."""

    def __init__(self, adapter_path: str, mac: str) -> None:
        self.mac = mac
        self.path = f"{adapter_path}/dev_{mac.replace(':', '_')}"
        self.seen_ms = 0
        self.properties: dict[str, object] = {
            "Address": mac,
            "AddressType": "random" if int(mac[0], 16) >= 0xC else "public",
            "Alias": mac.replace(":", "-"),
            "Paired": False,
            "Bonded": False,
            "Trusted": False,
            "Blocked": False,
            "LegacyPairing": False,
            "Connected": False,
            "ServicesResolved": False,
            "UUIDs": [],
            "Adapter": adapter_path,
        }

    def absorb(
        self, rssi_dbm: int, advert: Advert, *, threshold_db: int, repeat: bool
    ) -> dict[str, object]:
        """Take in one report and return the properties that BlueZ would announce.

        RSSI is announced when it moved by `threshold_db` or more (0: always); `repeat` announces
        unchanged content again (DuplicateData).
        """
        changed: dict[str, object] = {}
        old = self.properties.get("RSSI")
        if not isinstance(old, int) or abs(rssi_dbm - old) >= threshold_db:
            changed["RSSI"] = rssi_dbm
        for key, value, again in self._told(advert):
            if self.properties.get(key) != value or (repeat and again):
                changed[key] = value
        self.properties.update(changed)
        return changed

    def invalidate(self) -> list[str]:
        """Forget what only a running discovery knows; return the names of what was forgotten."""
        gone: list[str] = [key for key in ("RSSI", "TxPower") if key in self.properties]
        for key in gone:
            del self.properties[key]
        return gone

    def _told(self, advert: Advert) -> Iterator[tuple[str, object, bool]]:
        if advert.name:
            yield "Name", advert.name, False
            yield "Alias", advert.name, False
        if advert.tx_power_dbm is not None:
            yield "TxPower", advert.tx_power_dbm, False
        if advert.flags is not None:
            yield "AdvertisingFlags", bytes([advert.flags]), False
        if advert.manufacturer_data:
            yield "ManufacturerData", self._merged("ManufacturerData", advert), True
        if advert.service_data:
            yield "ServiceData", self._merged("ServiceData", advert), True
        if advert.service_uuids:
            known = self.properties["UUIDs"]
            uuids = [*(known if isinstance(known, list) else []), *advert.service_uuids]
            yield "UUIDs", list(dict.fromkeys(uuids)), False

    def _merged(self, key: str, advert: Advert) -> dict[object, bytes]:
        known = self.properties.get(key)
        fresh = advert.manufacturer_data if key == "ManufacturerData" else advert.service_data
        return {**(known if isinstance(known, dict) else {}), **fresh}
