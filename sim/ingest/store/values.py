"""What a store is given and gives back; times are UTC text, `2026-03-14T08:32:15Z`."""

from __future__ import annotations

from dataclasses import dataclass

from sim.ingest.store.keys import KeyHash


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a batch: `conflicts` are those duplicates whose content differed."""

    new: int
    duplicates: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """What the store holds, and how often something came again."""

    devices_provisioned: int
    devices_seen: int
    events: int
    duplicates: int
    conflicts: int
    equipment_tags: int
    parcels: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A key that came again with different content; what was written first stays."""

    device_id: str
    sequence_number: int
    times: int
    last_at: str


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A provisioned badge."""

    device_id: str
    company_id: str
    notes_device_uid: str | None
    notes: str | None
    provisioned_at: str
    key: KeyHash


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the events of one device tell about it now."""

    last_seen_at: str
    firmware_version: str
    current_worker_id: str | None
    battery_pct: int | None


@dataclass(frozen=True, slots=True)
class EquipmentTag:
    """A Bluetooth tag on a machine or a tool."""

    tag_mac: str
    company_id: str
    equipment_name: str
    equipment_type: str
    status: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A piece of land; `geojson` is a Polygon as JSON text."""

    company_id: str
    parcel_id: str
    county: str
    state: str
    address: str
    customer_label: str
    geojson: str
    loaded_at: str
