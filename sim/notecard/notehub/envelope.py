"""A synced note as the event that Notehub's routes see.  Empty members are omitted."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sim.notecard.card.card import Identity
from sim.notecard.model.exchange import Place, SyncUpload
from sim.notecard.model.notefiles import Note
from sim.notecard.model.templates import without_zeros

TRANSPORT = "cell:lte:fdd"


def event_of(
    upload: SyncUpload,
    file: str,
    note: Note,
    templated: bool,
    *,
    app: str,
    number: int,
    at: Identity,
) -> dict[str, Any]:
    """The envelope of one note; `number` makes the event's ID, the same for the same run."""
    body = note.body
    if templated and body is not None and not note.full:
        body = without_zeros(body)
    event = {
        "event": _uid(upload, f"event:{number}"),
        "session": _uid(upload, "session"),
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
        "transport": TRANSPORT,
    }
    event |= _best(upload, note, at) | _where(note, at) | _tower(upload.tower, at)
    return {name: value for name, value in event.items() if value not in (None, "", 0, {})}


def session_event(upload: SyncUpload, *, app: str, number: int, at: Identity) -> dict[str, Any]:
    """The ``_session.qo`` event that Notehub makes when a session opens."""
    note = Note("", body={"why": "session opened"}, when_s=upload.received_ms // 1000)
    event = event_of(upload, "_session.qo", note, False, app=app, number=number, at=at)
    return event | {"req": "session.begin"} | upload.readings


def _uid(upload: SyncUpload, what: str) -> str:
    return str(uuid5(NAMESPACE_OID, f"{upload.device}:{upload.session}:{what}"))


def _prefixed(prefix: str, name: str) -> str:
    return name if not name or name.startswith(prefix) else prefix + name


def _best(upload: SyncUpload, note: Note, at: Identity) -> dict[str, Any]:
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
        "best_location": at.area,
        "best_country": at.country,
        "best_timezone": at.zone,
    }


def _where(note: Note, at: Identity) -> dict[str, Any]:
    if note.lat is None or note.lon is None:
        return {}
    return {
        "where_when": note.where_s,
        "where_lat": note.lat,
        "where_lon": note.lon,
        "where_location": at.area,
        "where_country": at.country,
        "where_timezone": at.zone,
    }


def _tower(tower: Place | None, at: Identity) -> dict[str, Any]:
    if tower is None:
        return {}
    return {
        "tower_when": tower.when_s,
        "tower_lat": tower.lat,
        "tower_lon": tower.lon,
        "tower_country": at.country,
        "tower_location": at.area,
        "tower_timezone": at.zone,
        "tower_id": "310,410,28681,211150859",
    }
