"""A recording without who and where: other devices, workers, tags, and places moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import cos, radians
from typing import Any

from badge.config import BadgeConfig
from badge.inputs import Assign, ConfigPush, GpsFix, Input, ScanResult, UploadAnswer
from badge.machines.gps import rounded
from badge.recording.edit import Timeline
from badge.recording.format import Happened, Header

COMPANY = "CO-0000"


class Anonymiser:
    """New names in the order of meeting, the same in every recording that it is given.

    Places keep their distances: the first fix comes to lie at `lat`, `lon`.
    """

    def __init__(self, lat: float = 0.0, lon: float = 0.0) -> None:
        self._to = (lat, lon)
        self._from: tuple[float, float] | None = None
        self._names: dict[tuple[str, str], str] = {}

    def story(self, story: Timeline) -> Timeline:
        """Change all of a recording."""
        inputs = tuple(Happened(line.ms, self._input(line.what)) for line in story.inputs)
        return Timeline(self._header(story.header), inputs)

    def place(self, lat: float, lon: float) -> tuple[float, float]:
        """Move a place, to 6 decimals; one that cannot be stays as it is."""
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            return lat, lon
        if self._from is None:
            self._from = (lat, lon)
        at_lat, at_lon = self._from
        scale = cos(radians(at_lat)) / max(cos(radians(self._to[0])), 0.01)
        moved_lat = min(max(self._to[0] + lat - at_lat, -90.0), 90.0)
        moved_lon = (self._to[1] + (lon - at_lon) * scale + 180.0) % 360.0 - 180.0
        return rounded(moved_lat, 6), rounded(moved_lon, 6)

    def _named(self, kind: str, name: str, pattern: str) -> str:
        known = sum(1 for of, _ in self._names if of == kind)
        return self._names.setdefault((kind, name), pattern.format(known + 1))

    def _device(self, name: str) -> str:
        return self._named("device", name, "ACT-A{:07X}")

    def _worker(self, name: str) -> str:
        return self._named("worker", name, "W-{:03}") if name else name

    def _tag(self, mac: str) -> str:
        number = int(self._named("tag", mac.upper(), "{}"))
        # 02: locally administered, so that it is nobody's.
        return "02:" + ":".join(f"{byte:02X}" for byte in number.to_bytes(5, "big"))

    def _header(self, header: Header) -> Header:
        config = BadgeConfig.model_validate(self._settings(header.config.document()))
        store = header.store
        if store is not None:
            kept = dict(store)
            kept["queue"] = [self._entry(entry) for entry in kept.get("queue", ())]
            kept["quarantine"] = [
                [self._entry(entry), "refused"] for entry, _ in kept.get("quarantine", ())
            ]
            state = dict(kept.get("state") or {})
            if state.get("worker_id"):
                state["worker_id"] = self._worker(state["worker_id"])
            kept["state"] = state
            if kept.get("config"):
                kept["config"] = self._settings(kept["config"])
            store = kept
        return Header(config, header.firmware_version, store)

    def _settings(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        changed = {name: value for name, value in settings.items() if name != "api_key"}
        if isinstance(changed.get("device_id"), str):
            changed["device_id"] = self._device(changed["device_id"])
        if changed.get("company_id"):
            changed["company_id"] = COMPANY
        for name, rename in (("worker_ids", self._worker), ("known_equipment_tags", self._tag)):
            if isinstance(changed.get(name), (list, tuple)):
                changed[name] = [rename(str(one)) for one in changed[name]]
        return changed

    def _entry(self, entry: Any) -> list[Any]:
        number, event_type, payload, *rest = entry
        return [number, event_type, self._payload(payload), *rest]

    def _payload(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        changed = dict(payload)
        for name in ("worker_id", "assigned_by"):
            if name in changed:
                changed[name] = self._worker(changed[name])
        if "tag_mac" in changed:
            changed["tag_mac"] = self._tag(changed["tag_mac"])
        for lat, lon in (("lat", "lon"), ("last_known_lat", "last_known_lon")):
            if lat in changed and lon in changed:
                changed[lat], changed[lon] = self.place(changed[lat], changed[lon])
        return changed

    def _input(self, what: Input) -> Input:
        match what:
            case GpsFix():
                lat, lon = self.place(what.lat, what.lon)
                return replace(what, lat=lat, lon=lon)
            case ScanResult():
                return ScanResult(tuple((self._tag(mac), dbm) for mac, dbm in what.heard))
            case Assign():
                by = what.assigned_by
                return Assign(self._worker(what.worker_id), by and self._worker(by))
            case ConfigPush():
                return ConfigPush(self._settings(what.document))
            case UploadAnswer(rejected=rejected) if rejected:
                # A server's reason may quote what it refused.
                return replace(what, rejected=tuple((n, "refused") for n, _ in rejected))
        return what
