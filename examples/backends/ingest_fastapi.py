"""A whole ingest for badges in FastAPI and PostgreSQL: `badge conform` finds nothing wrong with it.

Run:   badge schema --out event.schema.json
       export DATABASE_URL=postgresql://ingest@127.0.0.1/ingest     # the password in ~/.pgpass
       PROVISIONING_KEY=change-me ADMIN_KEY=change-me-too python ingest_fastapi.py
Try:   badge conform http://127.0.0.1:8082 --store $DATABASE_URL \
           --provisioning-key change-me --admin-key change-me-too

The events are judged by the contract's own JSON Schema, so that this file holds no rule of it.
Needs fastapi, uvicorn, psycopg and jsonschema.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated

import psycopg
import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from psycopg.errors import UniqueViolation
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

BATCH_MAX, BODY_MAX, BODY_TIMEOUT_S = 500, 1 << 20, 30.0
DEVICE_ID = re.compile(r"ACT-[0-9A-F]{8}")
# Payloads are json, not jsonb: what came is kept as it came, a NUL in a text as well.
TABLES = """
create table if not exists devices (
    device_id text primary key, company_id text not null, key_hash bytea not null,
    provisioned_at timestamptz not null, notes json not null);
create table if not exists raw_events (
    device_id text not null, sequence_number bigint not null, event_type text not null,
    event_timestamp timestamptz not null, firmware_version text not null, payload json not null,
    received_at timestamptz not null default now(),
    primary key (device_id, sequence_number));
create table if not exists tags (tag_mac text primary key, body json not null);
create table if not exists parcels (
    company_id text, parcel_id text, body json not null, primary key (company_id, parcel_id));
"""

app = FastAPI(title="An ingest for badges", openapi_url=None)


class RefusedError(Exception):
    """Ends a request with a status and a body."""

    def __init__(self, status: int, error: str, **more: object) -> None:
        super().__init__(error)
        self.status, self.body = status, {"error": error, **more}


@app.exception_handler(RefusedError)
def refuse(_request: Request, refused: RefusedError) -> JSONResponse:
    return JSONResponse(refused.body, refused.status)


@app.exception_handler(HTTPException)
def in_json(_request: Request, error: HTTPException) -> JSONResponse:
    return JSONResponse({"error": str(error.detail), "accepted": 0}, error.status_code)


@app.exception_handler(psycopg.OperationalError)
def unavailable(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"error": "the store is away", "accepted": 0}, 503, {"Retry-After": "30"})


@contextmanager
def database() -> Iterator[psycopg.Connection]:
    """A connection and its transaction: committed at the end of the block, so before the answer."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        yield connection


# Keys: kept hashed, compared in constant time.


def hashed(key: str) -> bytes:
    return hashlib.blake2b(key.encode()).digest()


def given(request: Request) -> str:
    return request.headers.get("X-Actual-Api-Key", "")


def is_service(role: str, request: Request) -> None:
    if not hmac.compare_digest(hashed(given(request)), hashed(os.environ[role])):
        raise RefusedError(401, "Invalid or missing API key")


def provisioning(request: Request) -> None:
    is_service("PROVISIONING_KEY", request)


def admin(request: Request) -> None:
    is_service("ADMIN_KEY", request)


def owner(request: Request) -> str:
    """The device whose key was given."""
    named = re.match(r"ak_([0-9A-F]{8})_", given(request))
    device_id = f"ACT-{named[1]}" if named else ""
    with database() as db:
        row = db.execute("select key_hash from devices where device_id = %s", [device_id])
        kept = (row.fetchone() or (b"",))[0]
    if not kept or not hmac.compare_digest(hashed(given(request)), kept):
        raise RefusedError(401, "Invalid or missing API key")
    return device_id


# Bodies.


async def body(request: Request) -> bytes:
    """The body, bounded in size and in time."""
    if {"transfer-encoding", "content-length"} <= set(request.headers.keys()):
        raise RefusedError(400, "A length beside chunks", accepted=0)
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise RefusedError(415, "Compressed bodies are not read", accepted=0)
    too_long = RefusedError(413, f"Body limit is {BODY_MAX} bytes.", accepted=0)
    announced = request.headers.get("Content-Length", "0")
    if announced.isdecimal() and int(announced) > BODY_MAX:  # it need not come to be refused
        raise too_long
    raw = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for part in request.stream():
                raw += part
                if len(raw) > BODY_MAX:
                    raise too_long
    except TimeoutError:
        raise RefusedError(408, "The body did not come in time") from None
    except ClientDisconnect:
        raise RefusedError(400, "The body was cut off") from None
    return bytes(raw)


Body = Annotated[bytes, Depends(body)]


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def document(raw: bytes) -> object:
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise RefusedError(400, "The body is not JSON", code="invalid_json", accepted=0) from None


def batch(read: object) -> list:
    """A batch, or what a Notehub route posts: one object around an event or around `events`."""
    if isinstance(read, dict) and isinstance(read.get("body"), dict):
        inner = read["body"]
        read = inner["events"] if isinstance(inner.get("events"), list) else [inner]
    if not isinstance(read, list):
        raise RefusedError(400, "The body is no JSON array", code="not_a_batch", accepted=0)
    if len(read) > BATCH_MAX:
        raise RefusedError(
            413, f"Batch limit is {BATCH_MAX} events. Received {len(read)}.", accepted=0
        )
    if not read:
        raise RefusedError(400, "The batch is empty", code="empty_batch", accepted=0)
    if len({e.get("device_id") for e in read if isinstance(e, dict) and _text(e, "device_id")}) > 1:
        raise RefusedError(400, "Several device_ids", code="mixed_devices", accepted=0)
    return read


def _text(event: dict, name: str) -> bool:
    return isinstance(event.get(name), str)


# Judging: by the schema, and by the one thing that it cannot say.


def validator() -> Draft202012Validator:
    with open(os.environ.get("SCHEMA", "event.schema.json"), encoding="utf-8") as file:
        definitions = json.load(file)["$defs"]
    return Draft202012Validator({"$ref": "#/$defs/Event", "$defs": definitions})


VALIDATOR = validator()


def fault(event: object) -> str | None:
    """The first thing wrong with an event, in words; None: it is right."""
    if isinstance(event, dict):
        for name in ("device_id", "firmware_version", "event_type", "timestamp_utc", "payload"):
            if name not in event:
                return f"Missing required field: {name}"
    error = best_match(VALIDATOR.iter_errors(event))
    if error is not None:
        return f"{'.'.join(map(str, error.absolute_path)) or 'event'}: {error.message}"[:200]
    return None if _is_finite(event) else "a number is too large"


def _is_finite(value: object) -> bool:
    """Python reads 1e999 as infinity, which no schema forbids."""
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or isfinite(value)


def number_of(event: object) -> int | None:
    number = event.get("sequence_number") if isinstance(event, dict) else None
    return number if type(number) is int else None


# The API.


@app.post("/api/events")
def take_events(device_id: Annotated[str, Depends(owner)], raw: Body) -> JSONResponse:
    events = batch(document(raw))
    faults = [(number_of(event), fault(event)) for event in events]
    good = [event for event, (_, wrong) in zip(events, faults, strict=True) if wrong is None]
    if any(event["device_id"] != device_id for event in good):
        raise RefusedError(401, "Invalid or missing API key")
    listed = [{"sequence_number": n, "reason": wrong} for n, wrong in faults if wrong is not None]
    if not good:
        reason = listed[0]["reason"]
        raise RefusedError(
            400, f"All events were refused: {reason}", code="all_rejected", accepted=0
        )
    rows = [
        (
            *(event[name] for name in ("device_id", "sequence_number", "event_type")),
            *(event[name] for name in ("timestamp_utc", "firmware_version")),
            json.dumps(event["payload"]),
        )
        for event in good
    ]
    rows.sort(key=lambda row: row[1])  # in one order, so that two batches cannot wait for another
    text = """insert into raw_events (device_id, sequence_number, event_type, event_timestamp,
        firmware_version, payload) values (%s, %s, %s, %s, %s, %s) on conflict do nothing"""
    with database() as db, db.cursor() as cursor:  # all of it or nothing; the first content stands
        cursor.executemany(text, rows)
    told = {"accepted": len(good), "rejected": len(listed), "rejected_events": listed}
    return JSONResponse(told, 207 if listed else 202)


@app.post("/api/devices", dependencies=[Depends(provisioning)], status_code=201)
def provision(raw: Body) -> dict:
    new = document(raw)
    known = {"device_id", "company_id", "notes_device_uid", "notes"}
    if not isinstance(new, dict) or not new.keys() <= known:
        raise RefusedError(400, "Expected device_id and company_id", code="invalid_request")
    if not _text(new, "device_id") or not DEVICE_ID.fullmatch(new["device_id"]):
        raise RefusedError(
            400, "device_id: ACT- and eight hexadecimal digits", code="invalid_request"
        )
    if not _text(new, "company_id") or not new["company_id"]:
        raise RefusedError(400, "company_id: a name", code="invalid_request")
    key = f"ak_{new['device_id'][4:]}_{secrets.token_hex(24)}"
    at = datetime.now(UTC)
    row = (new["device_id"], new["company_id"], hashed(key), at, json.dumps(new))
    _insert("insert into devices values (%s, %s, %s, %s, %s)", *row)
    told = {"device_id": new["device_id"], "company_id": new["company_id"], "status": "inventory"}
    return told | {"provisioned_at": _utc(at), "api_key": key}


STATUS = """
select d.company_id,
    (select max(received_at) from raw_events e where e.device_id = d.device_id),
    (select firmware_version from raw_events e where e.device_id = d.device_id
        order by sequence_number desc limit 1),
    (select payload from raw_events e where e.device_id = d.device_id
        and event_type in ('shift_start', 'shift_end') order by sequence_number desc limit 1),
    (select payload from raw_events e where e.device_id = d.device_id
        and event_type = 'low_battery' order by sequence_number desc limit 1)
from devices d where d.device_id = %s
"""


@app.get("/api/devices/{device_id}/status", dependencies=[Depends(admin)])
def status(device_id: str) -> dict:
    with database() as db:
        found = db.execute(STATUS, [device_id]).fetchone()
    if found is None:
        raise RefusedError(404, "There is no device of this id", code="not_found")
    company, seen, firmware, shift, battery = found
    shift = shift or {}
    ago = datetime.now(UTC) - seen if seen else None
    return {
        "device_id": device_id,
        "company_id": company,
        "status": "active" if seen else "inventory",
        "current_worker_id": None if "end_reason" in shift else shift.get("worker_id"),
        "firmware_version": firmware,
        "last_seen_at": seen and _utc(seen),
        "last_seen_minutes_ago": ago and int(ago.total_seconds() // 60),
        "battery_pct": (battery or {}).get("battery_pct"),
    }


@app.post("/api/equipment-tags", dependencies=[Depends(admin)], status_code=201)
def add_tag(raw: Body) -> dict:
    tag = document(raw)
    if not isinstance(tag, dict) or not re.fullmatch(
        r"[0-9A-F]{2}(:[0-9A-F]{2}){5}", str(tag.get("tag_mac"))
    ):
        raise RefusedError(
            400, "tag_mac: AA:BB:CC:DD:EE:FF in capital letters", code="invalid_request"
        )
    _insert("insert into tags values (%s, %s)", tag["tag_mac"], json.dumps(tag))
    return {**tag, "status": "active", "created_at": _utc(datetime.now(UTC))}


@app.post("/api/parcels", dependencies=[Depends(admin)], status_code=201)
def add_parcel(raw: Body) -> dict:
    parcel = document(raw)
    if not isinstance(parcel, dict) or not _is_polygon(parcel.get("geojson")):
        raise RefusedError(400, "geojson: a Polygon with closed rings", code="invalid_request")
    ids = parcel["company_id"], parcel["parcel_id"]
    _insert("insert into parcels values (%s, %s, %s)", *ids, json.dumps(parcel))
    return {"parcel_id": ids[1], "company_id": ids[0], "loaded_at": _utc(datetime.now(UTC))}


@app.get("/api/health")
def health() -> dict:
    return {"status": "ok"}


def _insert(text: str, *values: object) -> None:
    try:
        with database() as db:
            db.execute(text, values)
    except UniqueViolation:
        raise RefusedError(409, "This exists", code="already_exists") from None


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_polygon(shape: object) -> bool:
    """RFC 7946 3.1.6: rings of four positions or more, closed, on the globe."""
    if (
        not isinstance(shape, dict)
        or shape.get("type") != "Polygon"
        or not shape.get("coordinates")
    ):
        return False
    return all(
        len(ring) >= 4
        and ring[0] == ring[-1]
        and all(abs(place[0]) <= 180 and abs(place[1]) <= 90 for place in ring)
        for ring in shape["coordinates"]
    )


if __name__ == "__main__":
    with database() as made:
        made.execute(TABLES)
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "8082"))))
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn.Config(app, log_level="warning", http="h11")).run([listener])
