"""The D-Bus interfaces that BlueZ offers: methods, properties and their types (its doc/*.rst)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dbus_fast import Variant

DBUS = "org.freedesktop.DBus."
OBJECTS, PROPERTIES = DBUS + "ObjectManager", DBUS + "Properties"
INTROSPECTABLE, PEER = DBUS + "Introspectable", DBUS + "Peer"
ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
AGENTS, PROFILES = "org.bluez.AgentManager1", "org.bluez.ProfileManager1"
HEALTH, MEDIA = "org.bluez.HealthManager1", "org.bluez.Media1"
BATTERY_PROVIDERS = "org.bluez.BatteryProviderManager1"
GATT_MANAGER, ADVERTISING = "org.bluez.GattManager1", "org.bluez.LEAdvertisingManager1"
AD_MONITORS = "org.bluez.AdvertisementMonitorManager1"
AD_MONITOR = "org.bluez.AdvertisementMonitor1"
GATT_SERVICE = "org.bluez.GattService1"
GATT_CHARACTERISTIC = "org.bluez.GattCharacteristic1"
GATT_DESCRIPTOR = "org.bluez.GattDescriptor1"
BATTERY = "org.bluez.Battery1"

READ, READ_WRITE = "read", "readwrite"
Arguments = str  # "name:type name:type"


@dataclass(frozen=True, slots=True)
class Method:
    """What a method takes and answers, as "name:type" words."""

    takes: Arguments = ""
    answers: Arguments = ""

    @property
    def signature(self) -> str:
        """The D-Bus signature of what it takes."""
        return "".join(word.partition(":")[2] for word in self.takes.split())


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface by its name; `properties` are "type" or "type rw", `signals` "name:type"."""

    name: str
    methods: Mapping[str, Method] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    signals: Mapping[str, Arguments] = field(default_factory=dict)

    def type_of(self, name: str) -> str:
        """Return the type of a property."""
        return self.properties[name].partition(" ")[0]

    def is_writable(self, name: str) -> bool:
        """Whether a program may set a property."""
        return self.properties[name].endswith(" rw")

    def variant(self, name: str, value: object) -> Variant:
        """Return a property's value in its type; octets within a dictionary become variants."""
        signature = self.type_of(name)
        if isinstance(value, dict) and signature.endswith("v}"):
            value = {
                key: one if isinstance(one, Variant) else Variant("ay", one)
                for key, one in value.items()
            }
        return Variant(signature, value)

    def variants(self, values: Mapping[str, object]) -> dict[str, Variant]:
        """Return properties in their types."""
        return {name: self.variant(name, value) for name, value in values.items()}


_NONE = Method()
_OPTIONS = "options:a{sv}"
INTERFACES = {
    one.name: one
    for one in (
        Interface(INTROSPECTABLE, {"Introspect": Method(answers="xml:s")}),
        Interface(PEER, {"Ping": _NONE, "GetMachineId": Method(answers="id:s")}),
        Interface(
            PROPERTIES,
            {
                "Get": Method("interface:s name:s", "value:v"),
                "Set": Method("interface:s name:s value:v"),
                "GetAll": Method("interface:s", "properties:a{sv}"),
            },
            signals={
                "PropertiesChanged": "interface:s changed_properties:a{sv} "
                "invalidated_properties:as"
            },
        ),
        Interface(
            OBJECTS,
            {"GetManagedObjects": Method(answers="objects:a{oa{sa{sv}}}")},
            signals={
                "InterfacesAdded": "object:o interfaces:a{sa{sv}}",
                "InterfacesRemoved": "object:o interfaces:as",
            },
        ),
        Interface(
            AGENTS,
            {
                "RegisterAgent": Method("agent:o capability:s"),
                "UnregisterAgent": Method("agent:o"),
                "RequestDefaultAgent": Method("agent:o"),
            },
        ),
        Interface(
            PROFILES,
            {
                "RegisterProfile": Method("profile:o UUID:s options:a{sv}"),
                "UnregisterProfile": Method("profile:o"),
            },
        ),
        Interface(
            HEALTH,
            {
                "CreateApplication": Method("config:a{sv}", "application:o"),
                "DestroyApplication": Method("application:o"),
            },
        ),
        Interface(
            ADAPTER,
            {
                "StartDiscovery": _NONE,
                "SetDiscoveryFilter": Method("properties:a{sv}"),
                "StopDiscovery": _NONE,
                "RemoveDevice": Method("device:o"),
                "GetDiscoveryFilters": Method(answers="filters:as"),
                "ConnectDevice": Method("properties:a{sv}", "device:o"),
            },
            {
                "Address": "s",
                "AddressType": "s",
                "Name": "s",
                "Alias": "s rw",
                "Class": "u",
                "Powered": "b rw",
                "PowerState": "s",
                "Discoverable": "b rw",
                "DiscoverableTimeout": "u rw",
                "Pairable": "b rw",
                "PairableTimeout": "u rw",
                "Discovering": "b",
                "UUIDs": "as",
                "Modalias": "s",
                "Roles": "as",
            },
        ),
        Interface(
            DEVICE,
            {
                "Disconnect": _NONE,
                "Connect": _NONE,
                "ConnectProfile": Method("UUID:s"),
                "DisconnectProfile": Method("UUID:s"),
                "Pair": _NONE,
                "CancelPairing": _NONE,
            },
            {
                "Address": "s",
                "AddressType": "s",
                "Name": "s",
                "Alias": "s rw",
                "Class": "u",
                "Appearance": "q",
                "Icon": "s",
                "Paired": "b",
                "Bonded": "b",
                "Trusted": "b rw",
                "Blocked": "b rw",
                "LegacyPairing": "b",
                "CablePairing": "b",
                "RSSI": "n",
                "Connected": "b",
                "UUIDs": "as",
                "Modalias": "s",
                "Adapter": "o",
                "ManufacturerData": "a{qv}",
                "ServiceData": "a{sv}",
                "TxPower": "n",
                "ServicesResolved": "b",
                "AdvertisingFlags": "ay",
                "AdvertisingData": "a{yv}",
            },
        ),
        Interface(
            BATTERY_PROVIDERS,
            {
                "RegisterBatteryProvider": Method("provider:o"),
                "UnregisterBatteryProvider": Method("provider:o"),
            },
        ),
        Interface(
            GATT_MANAGER,
            {
                "RegisterApplication": Method("application:o options:a{sv}"),
                "UnregisterApplication": Method("application:o"),
            },
        ),
        Interface(
            AD_MONITORS,
            {
                "RegisterMonitor": Method("application:o"),
                "UnregisterMonitor": Method("application:o"),
            },
            {"SupportedMonitorTypes": "as", "SupportedFeatures": "as"},
        ),
        Interface(
            MEDIA,
            {
                "RegisterEndpoint": Method("endpoint:o properties:a{sv}"),
                "UnregisterEndpoint": Method("endpoint:o"),
                "RegisterPlayer": Method("player:o properties:a{sv}"),
                "UnregisterPlayer": Method("player:o"),
                "RegisterApplication": Method("application:o options:a{sv}"),
                "UnregisterApplication": Method("application:o"),
            },
            {"SupportedUUIDs": "as"},
        ),
        Interface(
            ADVERTISING,
            {
                "RegisterAdvertisement": Method("advertisement:o options:a{sv}"),
                "UnregisterAdvertisement": Method("service:o"),
            },
            {
                "ActiveInstances": "y",
                "SupportedInstances": "y",
                "SupportedIncludes": "as",
                "SupportedFeatures": "as",
                "SupportedCapabilities": "a{sv}",
            },
        ),
        Interface(
            GATT_SERVICE,
            properties={"UUID": "s", "Device": "o", "Primary": "b", "Includes": "ao"},
        ),
        Interface(
            GATT_CHARACTERISTIC,
            {
                "ReadValue": Method(_OPTIONS, "value:ay"),
                "WriteValue": Method(f"value:ay {_OPTIONS}"),
                "StartNotify": _NONE,
                "StopNotify": _NONE,
            },
            {
                "UUID": "s",
                "Service": "o",
                "Value": "ay",
                "Notifying": "b",
                "Flags": "as",
                "MTU": "q",
            },
        ),
        Interface(
            GATT_DESCRIPTOR,
            {
                "ReadValue": Method(_OPTIONS, "value:ay"),
                "WriteValue": Method(f"value:ay {_OPTIONS}"),
            },
            {"UUID": "s", "Characteristic": "o", "Value": "ay"},
        ),
        Interface(BATTERY, properties={"Percentage": "y", "Source": "s"}),
    )
}
