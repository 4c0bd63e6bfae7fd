"""What the ingest tests share: events of a badge, keys, and two ways to ask the API."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import urllib3
from pydantic_core import from_json

from sim.ingest.api.ingest import KEY_HEADER, Ingest

NOW_MS = 1_773_477_135_000  # 2026-03-14T08:32:15Z
BADGE = "ACT-3F8A21B4"
OTHER = "ACT-00000002"
PAYLOADS = {
    "gps": {"lat": 33.749001, "lon": -84.387982, "accuracy_m": 4.2, "fix_type": "3d"},
    "shift_start": {"worker_id": "W-007"},
    "shift_end": {"worker_id": "W-007", "end_reason": "manual"},
    "low_battery": {"battery_pct": 9},
    "upload_heartbeat": {},
}


def event(number, kind="gps", device=BADGE, **changes):
    return {
        "device_id": device,
        "firmware_version": "0.3.1",
        "event_type": kind,
        "timestamp_utc": "2026-03-14T08:32:15Z",
        "sequence_number": number,
        "payload": PAYLOADS[kind],
        **changes,
    }


def batch(*numbers, **changes):
    return [event(number, **changes) for number in numbers]


def without(event_, *names):
    return {name: value for name, value in event_.items() if name not in names}


def raw(document):
    return document if isinstance(document, bytes) else json.dumps(document).encode()


@dataclass
class Site:
    """An API with its clock, two provisioned badges, and the keys of everybody."""

    ingest: Ingest
    keys: dict[str, str] = field(default_factory=dict)

    def provision(self):
        self.keys |= self.ingest.new_service_keys()
        for name, device in (("badge", BADGE), ("other", OTHER)):
            body = {"device_id": device, "company_id": "acme"}
            answer = self.ask("POST", "/api/devices", body, "provisioning")
            self.keys[name] = answer.body["api_key"]
        return self

    def headers(self, key):
        value = self.keys.get(key, key)
        return {KEY_HEADER: value} if value else {}

    def ask(self, method, path, document=None, key=None):
        """Ask without HTTP."""
        headers = self.headers(key)
        if path == "/api/health":
            return self.ingest.get_health()
        if path.endswith("/status"):
            return self.ingest.get_device_status(headers, path.split("/")[3])
        ask = {
            "/api/events": self.ingest.post_events,
            "/api/notehub": self.ingest.post_notehub,
            "/api/devices": self.ingest.post_devices,
            "/api/equipment-tags": self.ingest.post_equipment_tags,
            "/api/parcels": self.ingest.post_parcels,
        }[path]
        return ask(headers, raw(document))


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    body: dict
    headers: dict


def ask_http(url, method, path, document=None, headers=None, **options):
    """Ask over HTTP; what comes back looks like an `Answer`."""
    with urllib3.PoolManager(retries=False) as pool:
        content = None if document is None else raw(document)
        response = pool.request(method, url + path, body=content, headers=headers, **options)
    return HttpAnswer(response.status, from_json(response.data), dict(response.headers))
