"""Test vectors for firmware: bytes, events, pauses, and what each row of the law makes of a day."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from zlib import crc32

import cbor2
from pydantic_core import to_json

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.contract.events import EVENT_TYPES
from badge.effects import Effect, Logged, Upload
from badge.entry import Entry
from badge.inputs import (
    Assign,
    Battery,
    Boot,
    ConfigPush,
    FirmwareOffer,
    GpsFix,
    Input,
    Movement,
    ScanResult,
    Tick,
    Unassign,
    UploadAnswer,
    UtcLearned,
)
from badge.machines.law import TABLES
from badge.machines.table import counting, never
from badge.machines.upload import backoff_ms
from badge.recording.format import Header, header_document, input_document, output_document
from badge.storage.record import RecordKind, encode

TAG = "F4:A7:2E:11:03:BC"
CONFIG = BadgeConfig(device_id="ACT-3F8A21B4", known_equipment_tags=[TAG], worker_ids=["W-007"])
START_UNIX_MS = 1_773_477_135_000  # 2026-03-14T08:32:15Z
_STEPS, _SEEDS_MAX = 60, 1000
_ANSWERS = (
    *((status, "") for status in (202, 202, 207, 400, 413, 503, 401)),
    (422, "schema_deprecated"),
)
_PUSHES: tuple[dict[str, object], ...] = (
    {"gps_interval_s": 5},
    {"ble_detection_count_threshold": 8},
    {"ble_detection_count_threshold": 1, "ble_lost_count_threshold": 1},
)
_PAYLOADS: dict[str, dict[str, Any]] = {
    "shift_start": {"worker_id": "W-007", "assigned_by": 'J. "Foreman" Müller'},
    "shift_end": {"worker_id": "W-007", "end_reason": "auto_stationary"},
    "gps": {"lat": 33.749, "lon": -84.388001, "accuracy_m": 2.4, "fix_type": "3d"},
    "gps_no_fix": {"timeout_s": 10, "last_known_lat": 1e-6, "last_known_lon": -180.0},
    "ble_proximity": {"tag_mac": TAG, "rssi": -58, "detection_count": 3},
    "ble_lost": {"tag_mac": TAG, "last_rssi": -91, "duration_s": 75},
    "motion": {"previous_state": "moving", "new_state": "stationary", "duration_s": 31},
    "upload_heartbeat": {},
    "low_battery": {"battery_pct": 10, "voltage_mv": 3412},
    "reboot": {"reason": "watchdog", "previous_uptime_s": 86_400, "events_in_queue": 120},
}


def vectors() -> dict[str, Any]:
    """Return all vectors as JSON values."""
    stimuli, rows, reachable = law_vectors()
    return {
        "crc32": _crcs(),
        "records": _records(),
        "events": _events(),
        "backoff": _pauses(),
        "stimuli": stimuli,
        "rows": {"covered": rows, "reachable": reachable},
    }


def _crcs() -> list[dict[str, Any]]:
    cases = (
        (b"", 0),
        (b"123456789", 0),
        (b"\xff" * 16, 0),
        (b"123456789", 4096),
        (b"\0", 2**32 - 1),
    )
    return [
        {"bytes": content.hex(), "start": start, "crc": crc32(content, start)}
        for content, start in cases
    ]


def _records() -> list[dict[str, Any]]:
    cases = (
        (RecordKind.AGE, 60_000, cbor2.dumps([7]), 4096 + 512),
        (RecordKind.STAMP, 6, cbor2.dumps([7, 1_773_000_000_000]), 4096 + 532),
        (RecordKind.RELEASE, 5, cbor2.dumps([7, 1, [[3, "no such field"]]]), 2**32 + 700),
    )
    return [
        {
            "kind": kind.name.lower(),
            "number": number,
            "body": body.hex(),
            "position": position,
            "bytes": encode(kind, number, body, position).hex(),
        }
        for kind, number, body, position in cases
    ]


def _events() -> list[dict[str, Any]]:
    found = []
    for number, kind in enumerate(EVENT_TYPES, start=1):
        entry = Entry(number, kind, _PAYLOADS[kind], "0.3.1", 0, START_UNIX_MS + 1000 * number)
        found.append(
            {
                "type": kind,
                "sequence_number": number,
                "unix_ms": entry.unix_ms,
                "payload": cbor2.dumps(entry.payload).hex(),
                "json": to_json(entry.event(CONFIG.device_id)).decode(),
            }
        )
    return found


def _pauses() -> list[dict[str, Any]]:
    return [
        {"device_id": device, "failures": n, "pause_ms": backoff_ms(device, n, 30, 1800)}
        for device in (CONFIG.device_id, "ACT-00000001")
        for n in range(1, 10)
    ]


# The law: random days, of which those are kept that use a row that none before has used.


@cache  # days are drawn until every row was met: seconds
def law_vectors() -> tuple[list[dict[str, Any]], int, int]:
    """Return stimuli with what they log, how many rows they use, and how many can be used."""
    missing = {
        (table.name, key)
        for table in TABLES
        for key, (_, action) in table.rows.items()
        if action is not never
    }
    reachable = len(missing)
    kept: list[dict[str, Any]] = []
    for seed in range(_SEEDS_MAX):
        with counting(TABLES) as uses:
            happened = list(_day(seed))
        fresh = _used(uses) & missing
        if fresh:
            missing -= fresh
            kept.append(_stimulus(happened, fresh))
        if not missing:
            break
    return kept, reachable - len(missing), reachable


def _used(uses: dict[str, Counter[Any]]) -> set[tuple[str, Any]]:
    return {(name, key) for name, counts in uses.items() for key in counts}


def _stimulus(
    happened: Sequence[tuple[int, Input, list[Effect]]], fresh: set[Any]
) -> dict[str, Any]:
    lines = [header_document(Header(CONFIG, "0.1.0"))]
    for ms, what, effects in happened:
        if not isinstance(what, Tick):
            lines.append(input_document(ms, what))
        lines += [
            output_document(ms, effect.entry.event(CONFIG.device_id))
            for effect in effects
            if isinstance(effect, Logged)
        ]
    names = sorted(f"{name}: {state} × {fact}" for name, (state, fact) in fresh)
    return {"rows": names, "recording": lines}


def _day(seed: int) -> Iterator[tuple[int, Input, list[Effect]]]:
    """Yield what happens to a badge, called at every deadline as a pump does."""
    rng = random.Random(seed)  # noqa: S311  # a story to be told again, no secret
    badge, now_ms, upload = Badge(CONFIG), 0, None
    pending: list[Input] = [Boot(), UtcLearned(START_UNIX_MS)]
    for _ in range(_STEPS):
        pending = pending or [_drawn(rng, upload)]
        what = pending.pop(0)
        while (due_ms := badge.next_deadline_ms) is not None and due_ms < now_ms:
            effects = badge.receive(Tick(), due_ms)
            upload = _latest(effects, upload)
            yield due_ms, Tick(), effects
        effects = badge.receive(what, now_ms)
        upload = _latest(effects, upload)
        yield now_ms, what, effects
        if not pending:
            now_ms += rng.choice((0, 1, 1_000, 5_000, 10_001, 31_000, 60_000, 1_800_000))
            now_ms += 3_600_000 * (rng.random() < 0.05)


def _latest(effects: Sequence[Effect], upload: Upload | None) -> Upload | None:
    found = [effect for effect in effects if isinstance(effect, Upload)]
    return found[-1] if found else upload


def _drawn(rng: random.Random, upload: Upload | None) -> Input:
    if upload is not None and rng.random() < 0.3:
        status, code = rng.choice(_ANSWERS)
        rejected = ((upload.first_sequence, "no"),) if status == 207 else ()
        return UploadAnswer(upload.request, status, rejected, code, 90 * (rng.random() < 0.2))
    return rng.choice(
        (
            Assign("W-007"),
            Assign("W-007"),
            Assign("W-666"),
            Unassign(),
            GpsFix(33.749, -84.388, hdop=1.2),
            GpsFix(33.749001, -84.388, accuracy_m=2.5),
            ScanResult(((TAG, -60),)),
            ScanResult(((TAG, -60),)),
            ScanResult(((TAG, -90),)),
            ScanResult(),
            Movement(True),
            Movement(False),
            Battery(rng.choice((50, 11, 10, 6, 5, 3, 2))),
            FirmwareOffer(rng.choice(("0.2.0", "0.3.0", "nonsense"))),
            ConfigPush(rng.choice(_PUSHES)),
            Boot(rng.choice(("power_on", "firmware_update"))),
            UtcLearned(START_UNIX_MS),
        )
    )


# As C.


def as_c(found: dict[str, Any]) -> str:
    """Return CRCs, records, events and pauses as C arrays; the stimuli are JSON lines elsewhere."""
    lines = ["/* Made by `badge firmware vectors`. */", "#include <stdint.h>", ""]
    lines += _array(
        "crc_vectors",
        "const char *hex; uint32_t start, crc;",
        [f'{{"{one["bytes"]}", {one["start"]}u, {one["crc"]}u}}' for one in found["crc32"]],
    )
    lines += _array(
        "record_vectors",
        "const char *body, *bytes; int kind; int64_t number, position;",
        [
            f'{{"{one["body"]}", "{one["bytes"]}", {RecordKind[one["kind"].upper()].value}, '
            f"{one['number']}, {one['position']}}}"
            for one in found["records"]
        ],
    )
    lines += _array(
        "event_vectors",
        "int64_t number, unix_ms; int type; const char *payload, *json;",
        [
            f'{{{one["sequence_number"]}, {one["unix_ms"]}, {number}, "{one["payload"]}", '
            f"{to_json(one['json']).decode()}}}"
            for number, one in enumerate(found["events"])
        ],
    )
    lines += _array(
        "backoff_vectors",
        "const char *device_id; int failures; int64_t pause_ms;",
        [
            f'{{"{one["device_id"]}", {one["failures"]}, {one["pause_ms"]}}}'
            for one in found["backoff"]
        ],
    )
    return "\n".join(lines)


def _array(name: str, fields: str, rows: Sequence[str]) -> list[str]:
    body = ",\n".join(f"    {row}" for row in rows)
    return [f"static const struct {{ {fields} }} {name}[] = {{", body, "};", ""]
