"""Request -> answer, each asked in memory and over HTTP, each answer as OpenAPI promises it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from badge.contract.validation import judge
from badge.contract.version import Version
from sim.ingest.api.ingest import Ingest, Rules, utc_text
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from tests.sim.ingest.site import BADGE, NOW_MS, OTHER, Site, ask_http, batch, event, without

AT = "2026-03-14T08:32:15Z"
UNAUTHORIZED = {"error": "Invalid or missing API key"}
SQUARE = [[-84.4, 33.7], [-84.3, 33.7], [-84.3, 33.8], [-84.4, 33.8], [-84.4, 33.7]]
PARCEL = {
    "company_id": "acme",
    "parcel_id": "14-0078",
    "county": "Fulton",
    "state": "GA",
    "address": "1 Peachtree St",
    "customer_label": "North lot",
    "geojson": {"type": "Polygon", "coordinates": [SQUARE]},
}
TAG = {
    "tag_mac": "F4:A7:2E:11:03:BC",
    "company_id": "acme",
    "equipment_name": "Excavator 3",
    "equipment_type": "excavator",
}
KEYS = Rules()
FLOOR = Rules(oldest_firmware=Version(0, 4, 0))


def accepted(count):
    return {"accepted": count, "rejected": 0, "rejected_events": []}


def partly(count, *rejected):
    events = [{"sequence_number": number, "reason": reason} for number, reason in rejected]
    return {"accepted": count, "rejected": len(events), "rejected_events": events}


def polygon(*rings):
    return {**PARCEL, "geojson": {"type": "Polygon", "coordinates": list(rings)}}


@dataclass(frozen=True)
class Case:
    """`body` is the whole answer, or its code."""

    name: str
    path: str
    sent: Any
    key: str | None
    status: int
    body: Any
    rules: Rules = KEYS


def events(name, sent, status, body, key="badge", rules=KEYS):
    return Case(name, "/api/events", sent, key, status, body, rules)


def note(name, body, status, answer, key="admin"):
    sent = body if isinstance(body, bytes) else {"device": "dev:1", "file": "data.qo", **body}
    return Case(name, "/api/notehub", sent, key, status, answer)


def parcel(name, sent, status, body):
    return Case(name, "/api/parcels", sent, "admin", status, body)


PAYLOAD_TEXT = '{"lat":33.7,"lon":-84.3,"accuracy_m":4.2,"fix_type":"3d"}'
TWO_BADGES = [event(1), event(2, device=OTHER)]
OLD = "schema_deprecated: firmware 0.3.1 is older than 0.4.0; update the badge"
CASES = [
    events("batch", batch(1, 2), 202, accepted(2)),
    events("one_event", event(1), 202, accepted(1)),
    events("notehub_event", {"device": "dev:1", "body": event(1)}, 202, accepted(1)),
    events("notehub_batch", {"body": {"events": batch(1, 2)}}, 202, accepted(2)),
    note("note_of_an_event", {"body": event(1)}, 202, accepted(1)),
    note("note_of_a_batch", {"body": {"events": batch(1, 2)}}, 202, accepted(2)),
    note("note_of_two_badges", {"body": {"events": TWO_BADGES}}, 400, "mixed_devices"),
    note("note_with_text", {"body": event(1, payload=PAYLOAD_TEXT)}, 202, accepted(1)),
    note("note_of_something_else", {"body": {"n": 1}}, 202, accepted(0)),
    note("note_of_a_session", {"file": "_session.qo"}, 202, accepted(0)),
    note("note_of_a_bad_event", {"body": event(1, payload="{")}, 400, "all_rejected"),
    note("note_without_a_device", b'{"body":{}}', 400, "not_an_envelope"),
    note("note_that_is_no_json", b"{", 400, "invalid_json"),
    note("note_with_a_badges_key", {"body": event(1)}, 401, UNAUTHORIZED, key="badge"),
    events("twice_in_one_batch", batch(1, 1), 202, accepted(2)),
    events("500", batch(*range(1, 501)), 202, accepted(500)),
    events(
        "one_bad",
        [event(1), without(event(2), "timestamp_utc")],
        207,
        partly(1, (2, "Missing required field: timestamp_utc")),
    ),
    events(
        "unreadable_number",
        [event(1), without(event(2), "sequence_number")],
        207,
        partly(1, (None, "Missing required field: sequence_number")),
    ),
    events("all_bad", [without(event(2), "payload")], 400, "all_rejected"),
    events("not_json", b"[{", 400, "invalid_json"),
    events("no_body", b"", 400, "invalid_json"),
    events("bad_utf8", b'["\xff"]', 400, "invalid_json"),
    events("lone_surrogate", b'["\\ud800"]', 400, "invalid_json"),
    events("deep", b"[" * 100_000, 400, "invalid_json"),
    events("deep_and_closed", b"[" * 5000 + b"]" * 5000, 400, "invalid_json"),
    events("a_number", b"7", 400, "not_a_batch"),
    events("empty", [], 400, "empty_batch"),
    events("two_badges", [event(1), event(2, device=OTHER)], 400, "mixed_devices"),
    events("nan", b'[{"sequence_number": NaN}]', 400, "all_rejected"),
    events("no_key", batch(1), 401, UNAUTHORIZED, key=None),
    events("wrong_key", batch(1), 401, UNAUTHORIZED, key="ak_3F8A21B4_00"),
    events("odd_key", batch(1), 401, UNAUTHORIZED, key="\xff" * 300),
    events("key_of_another", batch(1), 401, UNAUTHORIZED, key="other"),
    events("admin_key", batch(1), 401, UNAUTHORIZED, key="admin"),
    events(
        "612",
        batch(*range(1, 613)),
        413,
        {"error": "Batch limit is 500 events. Received 612.", "accepted": 0},
    ),
    events("all_old", batch(1, 2), 422, "schema_deprecated", rules=FLOOR),
    events("all_old_and_bad", [event(1, payload=7)], 422, "schema_deprecated", rules=FLOOR),
    events(
        "some_old",
        [event(1), event(2, firmware_version="0.4.0")],
        207,
        partly(1, (1, OLD)),
        rules=FLOOR,
    ),
    events(
        "old_and_bad",
        [event(1), event(2, firmware_version="0.4.0", payload=7)],
        400,
        "all_rejected",
        rules=FLOOR,
    ),
    events("no_key_open", batch(1), 202, accepted(1), key=None, rules=Rules(open=True)),
    Case("device_twice", "/api/devices", {"device_id": BADGE, "company_id": "x"}, "provisioning",
         409, "already_exists"),
    Case("device_bad_id", "/api/devices", {"device_id": "ACT-1", "company_id": "x"},
         "provisioning", 400, "invalid_request"),
    Case("device_admin", "/api/devices", {}, "admin", 401, UNAUTHORIZED),
    Case("tag", "/api/equipment-tags", TAG, "admin", 201,
         {**TAG, "status": "active", "created_at": AT}),
    Case("tag_lower_case", "/api/equipment-tags", {**TAG, "tag_mac": TAG["tag_mac"].lower()},
         "admin", 400, "invalid_request"),
    Case("tag_deep", "/api/equipment-tags", b'{"x":' * 9000, "admin", 400, "invalid_request"),
    Case("tag_device_key", "/api/equipment-tags", TAG, "badge", 401, UNAUTHORIZED),
    parcel("parcel", PARCEL, 201, {"parcel_id": "14-0078", "company_id": "acme", "loaded_at": AT}),
    parcel("ring_open", polygon(SQUARE[:-1]), 400, "invalid_request"),
    parcel("ring_short", polygon(SQUARE[:1] * 3), 400, "invalid_request"),
    parcel("ring_flat", polygon(SQUARE[:2] * 2 + SQUARE[:1]), 400, "invalid_request"),
    parcel("ring_off_earth", polygon([[x * 3, y] for x, y in SQUARE]), 400, "invalid_request"),
    parcel("ring_of_text", polygon([[str(x), y] for x, y in SQUARE]), 400, "invalid_request"),
    parcel("no_ring", polygon(), 400, "invalid_request"),
    Case("status", f"/api/devices/{BADGE}/status", None, "admin", 200, {
        "device_id": BADGE, "company_id": "acme", "status": "inventory", "current_worker_id": None,
        "firmware_version": None, "last_seen_at": None, "last_seen_minutes_ago": None,
        "battery_pct": None,
    }),
    Case("status_unknown", "/api/devices/ACT-99999999/status", None, "admin", 404, "not_found"),
    Case("status_device_key", f"/api/devices/{BADGE}/status", None, "badge", 401, UNAUTHORIZED),
    Case("health", "/api/health", None, None, 200, {
        "status": "ok", "devices_provisioned": 2, "devices_seen": 0, "events": 0, "duplicates": 0,
        "conflicts": 0, "equipment_tags": 0, "parcels": 0,
    }),
]  # fmt: skip


@pytest.fixture(scope="module")
def servers():
    """One server per set of rules; its store is emptied between cases."""
    running = {}
    stack = []
    for rules in dict.fromkeys(case.rules for case in CASES):
        server = launch_ingest(SqliteStore(":memory:"), rules=rules, clock=lambda: NOW_MS)
        stack.append(server)
        running[rules] = server.__enter__()
    yield running
    for server in stack:
        server.__exit__(None, None, None)


def emptied(server):
    for table in ("raw_events", "tallies", "conflicts", "devices", "equipment_tags", "parcels"):
        server.store._db.execute(f"DELETE FROM {table}")
    return Site(server.ingest).provision()


def method(case):
    return "GET" if case.sent is None else "POST"


def promised(url, case, status):
    """Return the schema that OpenAPI gives for this answer."""
    document = ask_http(url, "GET", "/openapi.json").body
    path = "/api/devices/{device_id}/status" if case.path.endswith("/status") else case.path
    answer = document["paths"][path][method(case).lower()]["responses"][str(status)]
    schema = answer["content"]["application/json"]["schema"]
    return {**schema, "components": document["components"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_request_has_its_answer_in_memory_and_over_http(case, servers):
    server = servers[case.rules]
    memory = emptied(server).ask(method(case), case.path, case.sent, case.key)
    site = emptied(server)
    http = ask_http(server.url, method(case), case.path, case.sent, site.headers(case.key))
    assert (memory.status, memory.body) == (http.status, http.body)
    assert http.status == case.status
    assert http.headers["content-type"] == "application/json"
    expected = http.body.get("code") if isinstance(case.body, str) else http.body
    assert expected == case.body
    Draft202012Validator(promised(server.url, case, http.status)).validate(http.body)


def test_refused_events_are_those_that_the_schema_refuses(site, store):
    sent = [event(1), event(2, payload={"lat": 91}), "x", event(4, extra=1), event(5)]
    answer = site.ask("POST", "/api/events", sent, "badge")
    refused = sorted({fault.index for fault in judge(sent).faults})
    assert [r["sequence_number"] for r in answer.body["rejected_events"]] == [2, None, 4]
    assert len(refused) == answer.body["rejected"] == 3
    assert [kept["sequence_number"] for kept in store.events()] == [1, 5]


def test_a_provisioned_badge_gets_a_key_that_opens_its_own_door_only(site):
    body = {"device_id": "ACT-0000000A", "company_id": "acme", "notes": "spare"}
    answer = site.ask("POST", "/api/devices", body, "provisioning")
    assert without(answer.body, "api_key") == {
        "device_id": "ACT-0000000A",
        "company_id": "acme",
        "status": "inventory",
        "provisioned_at": AT,
    }
    key = answer.body["api_key"]
    assert key.startswith("ak_0000000A_")
    sent = batch(1, device="ACT-0000000A")
    assert site.ask("POST", "/api/events", sent, key).status == 202
    assert site.ask("POST", "/api/events", batch(1), key).status == 401


def test_new_service_keys_close_the_door_to_the_old_ones(site):
    old = site.keys["admin"]
    site.keys |= site.ingest.new_service_keys()
    assert site.ask("POST", "/api/parcels", PARCEL, old).status == 401
    assert site.ask("POST", "/api/parcels", PARCEL, "admin").status == 201
    assert site.ask("POST", "/api/parcels", PARCEL, "admin").status == 409


def test_status_follows_the_events_by_sequence_whatever_their_order_of_arrival(site):
    late = [event(3, "shift_start"), event(5, "low_battery"), event(4, firmware_version="0.3.2")]
    early = [event(1, "shift_start", payload={"worker_id": "W-001"}), event(2, "shift_end")]
    for sent in (late, early):
        assert site.ask("POST", "/api/events", sent, "badge").status == 202
    status = site.ask("GET", f"/api/devices/{BADGE}/status", key="admin").body
    assert status == {
        "device_id": BADGE,
        "company_id": "acme",
        "status": "active",
        "current_worker_id": "W-007",
        "firmware_version": "0.3.1",
        "last_seen_at": AT,
        "last_seen_minutes_ago": 0,
        "battery_pct": 9,
    }
    site.ask("POST", "/api/events", [event(6, "shift_end")], "badge")
    status = site.ask("GET", f"/api/devices/{BADGE}/status", key="admin").body
    assert status["current_worker_id"] is None


def test_minutes_since_last_seen_come_from_the_clock(store):
    now_ms = NOW_MS
    site = Site(Ingest(store, lambda: now_ms)).provision()
    site.ask("POST", "/api/events", batch(1), "badge")
    now_ms += 179_999
    status = site.ask("GET", f"/api/devices/{BADGE}/status", key="admin").body
    assert (status["last_seen_at"], status["last_seen_minutes_ago"]) == (AT, 2)
    site.ask("POST", "/api/events", batch(1), "badge")  # a resend is a sign of life
    status = site.ask("GET", f"/api/devices/{BADGE}/status", key="admin").body
    assert (status["last_seen_at"], status["last_seen_minutes_ago"]) == ("2026-03-14T08:35:14Z", 0)


def test_a_device_over_its_requests_a_minute_waits_as_told(store):
    now_ms = NOW_MS
    site = Site(Ingest(store, lambda: now_ms, Rules(requests_per_minute=100))).provision()
    for number in range(100):
        now_ms += 10
        assert site.ask("POST", "/api/events", batch(number + 1), "badge").status == 202
    refused = site.ask("POST", "/api/events", batch(101), "badge")
    assert (refused.status, refused.headers) == (429, {"Retry-After": "60"})
    assert site.ask("POST", "/api/events", batch(1, device=OTHER), "other").status == 202
    now_ms += int(refused.headers["Retry-After"]) * 1000
    assert site.ask("POST", "/api/events", batch(101), "badge").status == 202


def test_without_keys_the_pace_is_that_of_the_device_in_the_batch(store):
    site = Site(Ingest(store, lambda: NOW_MS, Rules(open=True, requests_per_minute=1)))
    asked = [site.ask("POST", "/api/events", batch(1, device=d)) for d in (BADGE, OTHER, BADGE)]
    assert [answer.status for answer in asked] == [202, 202, 429]


def test_utc_is_written_exactly():
    assert utc_text(NOW_MS) == AT
    assert utc_text(NOW_MS + 7, "milliseconds") == "2026-03-14T08:32:15.007Z"
