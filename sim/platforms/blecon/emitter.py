"""The maker of Blecon's events, and the table of its profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from sim.platforms.blecon.models import (
    FAMILIES,
    BleconEvent,
    DevicePayload,
    Family,
    Feature,
    Minimal,
    Point,
    PositionFields,
    Profile,
    Quality,
    Spotted,
    family_of,
    model_of,
)
from sim.platforms.kit.event import EventModel, EventType, moment, pick_uuid


@dataclass(frozen=True, slots=True)
class Device:
    """A device and where it belongs; `device_id` is a URN, `urn:uuid:...`."""

    device_id: str
    network_id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A hotspot at a place; `hotspot_id` only where it is registered to the account."""

    lat: float
    lon: float
    accuracy_m: float
    ap_id: str
    hotspot_id: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A result of the positioning engine, WGS84 degrees."""

    lat: float
    lon: float
    accuracy_m: float
    moving: bool


@dataclass(frozen=True, slots=True)
class Emitter:
    """Makes events in one profile; `ids` is the stream of event ids and of the microseconds."""

    ids: Random
    profile: Profile = "current"

    def event(self, type_name: str, data: EventModel, *, utc_ms: int) -> BleconEvent:
        """Wrap `data`; InputError if `type_name` is none of Blecon's."""
        model = model_of(family_of(type_name), self.profile)
        microsecond = self.ids.randrange(1000)
        text = moment(utc_ms).replace(tzinfo=None).isoformat(timespec="milliseconds")
        fields: dict[str, object] = {
            "type": type_name,
            "source": "blecon",
            "id": pick_uuid(self.ids),
            "time": f"{text}{microsecond:03d}" + ("Z" if self.profile == "rfc3339" else ""),
            "data": data,
        }
        if self.profile != "seed":
            fields |= {"specversion": "1.0", "datacontenttype": "application/json"}
        return model.model_validate(fields)

    def device_spotted(
        self,
        device: Device,
        hotspot: Hotspot,
        *,
        rssi_dbm: int,
        utc_ms: int,
        location_age_s: float | None = None,
        advertising: bytes | None = None,
    ) -> BleconEvent:
        """`hotspot` heard `device`; the location is the hotspot's."""
        optional = {
            "hotspot_id": hotspot.hotspot_id,
            "location_age": location_age_s,
            "advertising_data": None if advertising is None else advertising.hex(),
        }
        fields = {
            "device_id": device.device_id,
            "network_id": device.network_id,
            "account_id": device.account_id,
            "code": "DEVICE_SPOTTED",
            "rssi": rssi_dbm,
            "location": f"{hotspot.lat:.6f},{hotspot.lon:.6f}",
            "location_accuracy_metres": hotspot.accuracy_m,
            "ap_id": hotspot.ap_id,
        } | {name: value for name, value in optional.items() if value is not None}
        data = Spotted.model_validate(fields)
        return self.event("network.device_spotted", data, utc_ms=utc_ms)

    def device_position(self, device: Device, at: Position, *, utc_ms: int) -> BleconEvent:
        """The positioning engine placed `device`; third-party shape."""
        point = Point(type="Point", coordinates=[round(at.lon, 6), round(at.lat, 6)])
        data = PositionFields(
            device_id=device.device_id,
            network_id=device.network_id,
            account_id=device.account_id,
            geojson=Feature(type="Feature", geometry=point, properties={}),
            quality=Quality(accuracy_meters=at.accuracy_m),
            movement_status="moving" if at.moving else "static",
        )
        return self.event("network.device_position", data, utc_ms=utc_ms)

    def device_request(
        self,
        device: Device,
        namespace: str,
        method: str,
        payload: bytes | Mapping[str, object],
        *,
        utc_ms: int,
    ) -> BleconEvent:
        """`device` asks and waits for a response."""
        name = f"device.request.{namespace}.{method}"
        return self.event(name, _payload(device, payload), utc_ms=utc_ms)

    def device_message(
        self,
        device: Device,
        namespace: str,
        method: str,
        payload: bytes | Mapping[str, object],
        *,
        utc_ms: int,
    ) -> BleconEvent:
        """`device` tells something; a mapping is what Blecon made of the bytes ("translated")."""
        name = f"device.message.{namespace}.{method}"
        return self.event(name, _payload(device, payload), utc_ms=utc_ms)

    def plain(self, type_name: str, device: Device, *, utc_ms: int) -> BleconEvent:
        """An event of a type whose payload is not public: the ids and a code, all unverified."""
        ids = {"network_id": device.network_id, "account_id": device.account_id}
        if not type_name.startswith("config."):
            ids = {"device_id": device.device_id, **ids}
        code = type_name.partition(".")[2].replace(".", "_").upper()
        return self.event(type_name, Minimal(**ids, code=code), utc_ms=utc_ms)


def _payload(device: Device, payload: bytes | Mapping[str, object]) -> DevicePayload:
    return DevicePayload(
        device_id=device.device_id,
        network_id=device.network_id,
        account_id=device.account_id,
        payload=payload.hex() if isinstance(payload, bytes) else dict(payload),
    )


def _sample(type_name: str, ids: Random, utc_ms: int, profile: Profile) -> BleconEvent:
    device = Device(f"urn:uuid:{pick_uuid(ids)}", "net_abc123", "acc_def456")
    emit = Emitter(ids, profile)
    if type_name == "network.device_spotted":
        hotspot = Hotspot(52.125039, -0.161111, 10.0, "ap_789012")
        return emit.device_spotted(device, hotspot, rssi_dbm=-68, utc_ms=utc_ms)
    if type_name == "network.device_position":
        return emit.device_position(device, Position(52.125, -0.1611, 8.0, True), utc_ms=utc_ms)
    kind, _, rest = type_name.removeprefix("device.").partition(".")
    if kind in ("request", "message") and rest:
        namespace, _, method = ("sensor.log" if "<" in rest else rest).partition(".")
        make = emit.device_request if kind == "request" else emit.device_message
        return make(device, namespace, method, b"\xa1eevents\x80", utc_ms=utc_ms)
    return emit.plain(type_name, device, utc_ms=utc_ms)


def _row(family: Family, profile: Profile) -> EventType:
    return EventType(
        family.name,
        family.evidence,
        family.known,
        model_of(family, profile),
        lambda name, ids, utc_ms: _sample(name, ids, utc_ms, profile),
        family.covers if family.pattern else None,
    )


_NAMES: tuple[Profile, ...] = ("current", "seed", "rfc3339")
PROFILES: dict[str, tuple[EventType, ...]] = {
    profile: tuple(_row(family, profile) for family in FAMILIES) for profile in _NAMES
}
