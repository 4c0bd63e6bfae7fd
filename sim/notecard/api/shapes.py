"""How the API shows what the Notehub knows: names and types as notehub-py reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sim.notecard.model.exchange import Place
from sim.notecard.notehub.delivery import RouteLog
from sim.notecard.notehub.device import HubDevice, SessionRecord
from sim.notecard.notehub.project import HubFleet, Project
from sim.notecard.notehub.routes import EventRoute
from sim.notecard.storage.notefiles import Note


def when(utc_ms: int) -> str:
    """A moment as RFC 3339."""
    return datetime.fromtimestamp(utc_ms / 1000, UTC).isoformat().replace("+00:00", "Z")


def _location(place: Place | None, device: HubDevice) -> dict[str, Any] | None:
    if place is None or device.last is None:
        return None
    return {
        "when": when(place.when_s * 1000),
        "name": device.last.area,
        "country": device.last.country,
        "timezone": device.last.zone,
        "latitude": place.lat,
        "longitude": place.lon,
    }


def device(one: HubDevice) -> dict[str, Any]:
    """A device as lists and lookups show it."""
    last = one.last
    readings = last.readings if last else {}
    shown = {
        "uid": one.uid,
        "serial_number": last.sn if last else "",
        "sku": last.sku if last else "",
        "provisioned": when(one.provisioned_ms),
        "last_activity": when(one.seen_ms) if one.seen_ms else None,
        "product_uid": f"product:{last.product.removeprefix('product:')}" if last else "",
        "fleet_uids": list(one.fleets),
        "voltage": float(readings.get("voltage", 0.0)),
        "temperature": float(readings.get("temp", 0.0)),
        "firmware_notecard": last.firmware if last else "",
        "firmware_host": _words(last.host) if last else "",
        "disabled": one.disabled,
        "contact": last.contact or None if last else None,
        "best_location": _location(one.places.get("best"), one),
        "gps_location": _location(one.places.get("gps"), one),
        "tower_location": _location(one.places.get("tower"), one),
        "triangulated_location": _location(one.places.get("triangulated"), one),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _words(host: Any) -> str:
    """What the host said of its firmware, as one text."""
    if isinstance(host, dict):
        return str(host.get("version", ""))
    return str(host or "")


def fleet(one: HubFleet) -> dict[str, Any]:
    """A fleet."""
    return {
        "uid": one.uid,
        "label": one.label,
        "created": when(one.created_ms),
        "environment_variables": dict(one.env),
    }


def session(one: SessionRecord, known: HubDevice) -> dict[str, Any]:
    """A session, ended or not."""
    upload = one.upload
    shown = {
        "session": one.uid,
        "device": known.uid,
        "sn": upload.sn,
        "product": upload.product,
        "fleets": list(known.fleets),
        "session_began": one.began_ms // 1000,
        "session_ended": one.ended_ms // 1000,
        "when": one.began_ms // 1000,
        "why_session_opened": "sync",
        "events": one.events,
        "transport": upload.transport,
        "tls": True,
        "voltage": float(upload.readings.get("voltage", 0.0)),
        "temp": float(upload.readings.get("temp", 0.0)),
        "bars": int(upload.readings.get("bars", 0)),
        "period": {"notes_rcvd": one.notes_received, "notes_sent": one.events},
    }
    return {name: value for name, value in shown.items() if value not in ("", None)}


def project(one: Project) -> dict[str, Any]:
    """The project."""
    return {"uid": one.app, "label": "virtual", "created": when(one.created_ms), "role": "owner"}


def route(one: EventRoute) -> dict[str, Any]:
    """A route, without its headers: they may be secret."""
    return {
        "uid": one.uid,
        "label": one.shown_url,
        "type": "http",
        "modified": when(0),
        "disabled": False,
    }


def route_log(one: RouteLog) -> dict[str, Any]:
    """One attempt to post an event."""
    return {
        "event_uid": one.event_uid,
        "route_uid": one.route_uid,
        "date": when(one.at_ms),
        "duration": one.duration_ms,
        "status": one.status,
        "text": one.text,
        "url": one.url,
        "attn": one.failed,
    }


def note(one: Note) -> dict[str, Any]:
    """A note of a database."""
    shown = {"body": one.body or {}, "payload": one.payload, "time": one.when_s}
    return {name: value for name, value in shown.items() if value not in ("", None)}
