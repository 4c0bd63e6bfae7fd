"""A whole ingest for badges in Flask and SQLite: `badge conform` finds nothing wrong with it.

Run:   badge schema --out event.schema.json
       PROVISIONING_KEY=change-me ADMIN_KEY=change-me-too python ingest_flask.py
Try:   badge conform http://127.0.0.1:8081 --profile ingest_flask.toml \
           --provisioning-key change-me --admin-key change-me-too

The events are judged by the contract's own JSON Schema, so that this file holds no rule of it.
Needs flask, waitress and jsonschema.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from math import isfinite

from flask import Flask, Response, g, request
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

BATCH_MAX, BODY_MAX = 500, 1 << 20
DEVICE_ID = re.compile(r"ACT-[0-9A-F]{8}")
TABLES = """
create table if not exists devices (
    device_id text primary key, company_id text, key_hash text, provisioned_at text, notes text);
create table if not exists raw_events (
    device_id text, sequence_number integer, event_type text, event_timestamp text,
    firmware_version text, payload text, received_at text,
    primary key (device_id, sequence_number));
create table if not exists tags (tag_mac text primary key, body text);
create table if not exists parcels (company_id text, parcel_id text, body text,
    primary key (company_id, parcel_id));
"""

app = Flask(__name__)
app.json.sort_keys = False


class RefusedError(Exception):
    """Ends a request with a status and a body."""

    def __init__(self, status: int, error: str, **more: object) -> None:
        super().__init__(error)
        self.status, self.body = status, {"error": error, **more}


@app.errorhandler(RefusedError)
def refuse(refused: RefusedError) -> tuple[dict, int]:
    return refused.body, refused.status


@app.errorhandler(404)
@app.errorhandler(405)
@app.errorhandler(413)
def in_json(error) -> tuple[dict, int]:
    return {"error": error.name, "accepted": 0}, error.code


def database() -> sqlite3.Connection:
    """One connection a request; a commit is on disk before the answer leaves."""
    if "database" not in g:
        g.database = sqlite3.connect(os.environ.get("DB", "flask-ingest.db"), timeout=30)
        g.database.execute("pragma synchronous = full")
    return g.database


@app.teardown_appcontext
def _close(_error: object) -> None:
    if "database" in g:
        g.pop("database").close()


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Keys: kept hashed, compared in constant time.


def hashed(key: str) -> str:
    return hashlib.blake2b(key.encode()).hexdigest()


def given() -> str:
    return request.headers.get("X-Actual-Api-Key", "")


def require(name: str) -> None:
    if not hmac.compare_digest(hashed(given()), hashed(os.environ[name])):
        raise RefusedError(401, "Invalid or missing API key")


def owner() -> str:
    """The device whose key was given."""
    named = re.match(r"ak_([0-9A-F]{8})_", given())
    device_id = f"ACT-{named[1]}" if named else ""
    row = database().execute("select key_hash from devices where device_id = ?", (device_id,))
    kept = (row.fetchone() or ("",))[0]
    if not kept or not hmac.compare_digest(hashed(given()), kept):
        raise RefusedError(401, "Invalid or missing API key")
    return device_id


# Bodies.


def body() -> bytes:
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise RefusedError(415, "Compressed bodies are not read", accepted=0)
    raw = request.stream.read(BODY_MAX + 1)
    if len(raw) > BODY_MAX:
        raise RefusedError(413, f"Body limit is {BODY_MAX} bytes.", accepted=0)
    return raw


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
def take_events() -> tuple[dict, int]:
    if "Transfer-Encoding" in request.headers and "Content-Length" in request.headers:
        raise RefusedError(400, "A length beside chunks", accepted=0)
    device_id = owner()
    events = batch(document(body()))
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
            now(),
        )
        for event in good
    ]
    with database() as transaction:  # all of the batch or nothing of it; the first content stands
        transaction.executemany("insert or ignore into raw_events values (?,?,?,?,?,?,?)", rows)
    told = {"accepted": len(good), "rejected": len(listed), "rejected_events": listed}
    return told, 207 if listed else 202


@app.post("/api/devices")
def provision() -> tuple[dict, int]:
    require("PROVISIONING_KEY")
    new = document(body())
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
    at = now()
    row = (new["device_id"], new["company_id"], hashed(key), at, json.dumps(new))
    try:
        with database() as transaction:
            transaction.execute("insert into devices values (?,?,?,?,?)", row)
    except sqlite3.IntegrityError:
        raise RefusedError(409, "This device exists", code="already_exists") from None
    told = {"device_id": new["device_id"], "company_id": new["company_id"], "status": "inventory"}
    return told | {"provisioned_at": at, "api_key": key}, 201


@app.get("/api/devices/<device_id>/status")
def status(device_id: str) -> dict:
    require("ADMIN_KEY")
    asked = database().execute("select company_id from devices where device_id = ?", (device_id,))
    device = asked.fetchone()
    if device is None:
        raise RefusedError(404, "There is no device of this id", code="not_found")

    def last(kinds: str, column: str) -> str | None:
        text = f"""select {column} from raw_events where device_id = ? and event_type like ?
            order by sequence_number desc limit 1"""
        row = database().execute(text, (device_id, kinds)).fetchone()
        return row[0] if row else None

    shift = json.loads(last("shift_%", "payload") or "{}")
    battery = json.loads(last("low_battery", "payload") or "{}")
    seen = (
        database()
        .execute("select max(received_at) from raw_events where device_id = ?", (device_id,))
        .fetchone()[0]
    )
    ago = datetime.now(UTC) - datetime.fromisoformat(seen) if seen else None
    return {
        "device_id": device_id,
        "company_id": device[0],
        "status": "active" if seen else "inventory",
        "current_worker_id": None if "end_reason" in shift else shift.get("worker_id"),
        "firmware_version": last("%", "firmware_version"),
        "last_seen_at": seen,
        "last_seen_minutes_ago": ago and int(ago.total_seconds() // 60),
        "battery_pct": battery.get("battery_pct"),
    }


@app.post("/api/equipment-tags")
def add_tag() -> tuple[dict, int]:
    require("ADMIN_KEY")
    tag = document(body())
    if not isinstance(tag, dict) or not re.fullmatch(
        r"[0-9A-F]{2}(:[0-9A-F]{2}){5}", str(tag.get("tag_mac"))
    ):
        raise RefusedError(
            400, "tag_mac: AA:BB:CC:DD:EE:FF in capital letters", code="invalid_request"
        )
    _insert("insert into tags values (?,?)", tag["tag_mac"], json.dumps(tag))
    return {**tag, "status": "active", "created_at": now()}, 201


@app.post("/api/parcels")
def add_parcel() -> tuple[dict, int]:
    require("ADMIN_KEY")
    parcel = document(body())
    if not isinstance(parcel, dict) or not _is_polygon(parcel.get("geojson")):
        raise RefusedError(400, "geojson: a Polygon with closed rings", code="invalid_request")
    ids = parcel["company_id"], parcel["parcel_id"]
    _insert("insert into parcels values (?,?,?)", *ids, json.dumps(parcel))
    return {"parcel_id": ids[1], "company_id": ids[0], "loaded_at": now()}, 201


def _insert(text: str, *values: str) -> None:
    try:
        with database() as transaction:
            transaction.execute(text, values)
    except sqlite3.IntegrityError:
        raise RefusedError(409, "This exists", code="already_exists") from None


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


def make_tables() -> None:
    with closing(sqlite3.connect(os.environ.get("DB", "flask-ingest.db"))) as made:
        made.executescript(TABLES)
        made.execute("pragma journal_mode = wal")


def health() -> Response:
    return Response(json.dumps({"status": "ok"}), content_type="application/json")


if __name__ == "__main__":
    from waitress import create_server

    make_tables()
    app.add_url_rule("/api/health", view_func=health)
    port = int(os.environ.get("PORT", "8081"))
    server = create_server(
        app, host="127.0.0.1", port=port, threads=8, max_request_body_size=4 * BODY_MAX
    )
    print(f"listening on http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()
