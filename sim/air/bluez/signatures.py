"""The D-Bus types of BlueZ's properties and of the discovery filter."""

from __future__ import annotations

from collections.abc import Mapping

from dbus_fast import Variant

from sim.air.radio.advert import full_uuid
from sim.air.radio.filters import DiscoveryFilter

ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
AGENTS = "org.bluez.AgentManager1"
AD_MONITORS = "org.bluez.AdvertisementMonitorManager1"
AD_MONITOR = "org.bluez.AdvertisementMonitor1"

_BY_NAME = {
    "Adapter": "o",
    "Class": "u",
    "DiscoverableTimeout": "u",
    "PairableTimeout": "u",
    "RSSI": "n",
    "TxPower": "n",
    "UUIDs": "as",
    "Roles": "as",
    "SupportedMonitorTypes": "as",
    "SupportedFeatures": "as",
    "AdvertisingFlags": "ay",
    "ManufacturerData": "a{qv}",
    "ServiceData": "a{sv}",
}
_FILTER = {
    "Transport": ("s", "transport"),
    "UUIDs": ("as", "uuids"),
    "RSSI": ("n", "rssi_dbm"),
    "Pathloss": ("q", "pathloss_db"),
    "Pattern": ("s", "pattern"),
    "DuplicateData": ("b", "duplicates"),
    "Discoverable": ("b", ""),
}


def variants(properties: Mapping[str, object]) -> dict[str, Variant]:
    """Return properties in the types that BlueZ gives them."""
    return {name: _variant(name, value) for name, value in properties.items()}


def _variant(name: str, value: object) -> Variant:
    signature = _BY_NAME.get(name, "b" if isinstance(value, bool) else "s")
    if isinstance(value, dict):
        value = {key: Variant("ay", octets) for key, octets in value.items()}
    return Variant(signature, value)


def discovery_filter(told: Mapping[str, Variant]) -> DiscoveryFilter:
    """Read the argument of SetDiscoveryFilter; ValueError if a key or type is wrong."""
    found: dict[str, object] = {}
    for key, variant in told.items():
        signature, name = _FILTER.get(key, ("", ""))
        # Clients write the path loss as either 16-bit type; BlueZ's page says unsigned.
        if variant.signature != signature and (key, variant.signature) != ("Pathloss", "n"):
            raise ValueError(key)
        value = variant.value
        if key == "UUIDs":
            value = tuple(full_uuid(uuid).lower() for uuid in value)
        if name:
            found[name] = value
    return DiscoveryFilter(**found)  # type: ignore[arg-type]  # the table above gives each its type
