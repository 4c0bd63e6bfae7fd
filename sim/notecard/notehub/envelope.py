"""A synced note as the event that Notehub's routes see.  Empty members are omitted."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sim.notecard.model.exchange import Place, SyncUpload
from sim.notecard.storage.notefiles import Note
from sim.notecard.storage.templates import without_zeros

SESSION_FILE = "_session.qo"


def event_of(
    upload: SyncUpload, file: str, note: Note, templated: bool, *, app: str, number: int
) -> dict[str, Any]:
    """The envelope of one note; `number` within the session makes the event's ID."""
    body = note.body
    if templated and body is not None and not note.full:
        body = without_zeros(body)
    event = {
        "event": _uid(upload, f"event:{number}"),
        "session": session_uid(upload),
        "best_id": upload.sn or upload.device,
        "device": upload.device,
        "sn": upload.sn,
        "product": _prefixed("product:", upload.product),
        "app": _prefixed("app:", app),
        "received": upload.received_ms / 1000,
        "req": "note.delete" if note.deleted else "note.add",
        "when": note.when_s,
        "file": file,
        "note": "" if file.endswith((".qo", ".qos")) else note.note_id,
        "body": body,
        "payload": note.payload,
        "transport": upload.transport,
    }
    event |= _best(upload, note) | _where(note, upload)
    event |= _seen(upload.tower, upload, "tower") | _seen(upload.triangulated, upload, "tri")
    return {name: value for name, value in event.items() if value not in (None, "", 0, {})}


def session_event(upload: SyncUpload, *, app: str) -> dict[str, Any]:
    """The ``_session.qo`` event that Notehub makes when a session opens."""
    note = Note("", body={"why": "session opened"}, when_s=upload.received_ms // 1000)
    event = event_of(upload, SESSION_FILE, note, False, app=app, number=-1)
    more = {"sku": upload.sku, "firmware": upload.firmware} | upload.readings
    return event | {"req": "session.begin"} | {name: it for name, it in more.items() if it}


def session_uid(upload: SyncUpload) -> str:
    """The session's ID: no two sessions of any two cards share it."""
    return _uid(upload, "session")


def _uid(upload: SyncUpload, what: str) -> str:
    return str(uuid5(NAMESPACE_OID, f"{upload.device}:{upload.born}:{upload.session}:{what}"))


def _prefixed(prefix: str, name: str) -> str:
    return name if not name or name.startswith(prefix) else prefix + name


def _best(upload: SyncUpload, note: Note) -> dict[str, Any]:
    best = upload.best
    if note.lat is not None and note.lon is not None and note.where_s:
        best = Place(note.lat, note.lon, note.where_s)
    if best is None:
        return {}
    return {
        "best_location_type": best.kind,
        "best_location_when": best.when_s,
        "best_lat": best.lat,
        "best_lon": best.lon,
        "best_location": upload.area,
        "best_country": upload.country,
        "best_timezone": upload.zone,
    }


def _where(note: Note, upload: SyncUpload) -> dict[str, Any]:
    if note.lat is None or note.lon is None:
        return {}
    return {
        "where_when": note.where_s,
        "where_lat": note.lat,
        "where_lon": note.lon,
        "where_location": upload.area,
        "where_country": upload.country,
        "where_timezone": upload.zone,
    }


def _seen(place: Place | None, upload: SyncUpload, prefix: str) -> dict[str, Any]:
    """What the network says of the card's place: ``tower_`` or ``tri_``."""
    if place is None:
        return {}
    found = {
        "when": place.when_s,
        "lat": place.lat,
        "lon": place.lon,
        "country": upload.country,
        "location": upload.area,
        "timezone": upload.zone,
        "id": "310,410,28681,211150859" if prefix == "tower" else "",
        "points": place.points,
    }
    return {f"{prefix}_{name}": value for name, value in found.items()}
