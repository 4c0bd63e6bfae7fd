"""The application asked without a socket: what each path and header is answered, to the letter."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from typing import NamedTuple

import pytest
from starlette.exceptions import HTTPException

from sim.ingest.api.answers import Answer
from sim.ingest.api.ingest import KEY_HEADER, Ingest, Rules
from sim.ingest.http import app as app_module
from sim.ingest.http.app import create_app
from sim.ingest.http.limits import Bounds
from sim.ingest.http.metrics import MEDIA_TYPE
from sim.ingest.http.refusals import Refusals
from sim.ingest.http.traffic import Traffic
from sim.ingest.store.sqlite import SqliteStore
from tests.sim.ingest.site import BADGE, NOW_MS, Site, batch, event, raw

JSON = "application/json"
BUSY = {"error": "Too many requests wait.", "code": "busy", "accepted": 0}
GONE = {"type": "http.disconnect"}


class Said(NamedTuple):
    """An answer as it left the application."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self):
        return json.loads(self.raw)


class Served:
    """An application with its store, its counters and a site's keys."""

    def __init__(self, store, rules=None, refusals=None, **bounds):
        self.store, self.rules = store, rules or Rules()
        self.ingest = Ingest(store, lambda: NOW_MS, self.rules)
        self.site = Site(self.ingest)
        if not self.rules.open:
            self.site.provision()
        self.traffic = Traffic(refusals=refusals or Refusals())
        self.app = create_app(self.ingest, store, Bounds(**bounds), self.traffic)

    def ask(self, *requests):
        """Ask one after the other within one life of the application."""

        async def all_of_them():
            async with self.app.router.lifespan_context(self.app):
                return [await self.one(*request) for request in requests]

        return asyncio.run(all_of_them())

    async def one(self, method, path, body=b"", headers=None, *, messages=None):
        """Send one request; what comes is in `messages`, else its body is whole."""
        sent = []
        left = messages or [{"type": "http.request", "body": body, "more_body": False}]

        async def receive():
            return left.pop(0) if left else await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        named = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        scope = {"type": "http", "method": method, "path": path, "headers": named}
        scope |= {"query_string": b"", "scheme": "http", "raw_path": path.encode()}
        await self.app(scope, receive, send)
        names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Said(sent[0]["status"], names, b"".join(one.get("body", b"") for one in sent[1:]))

    def key(self, name):
        return self.site.headers(name)


@pytest.fixture
def served():
    with closing(SqliteStore(":memory:")) as store:
        yield lambda *args, **options: Served(store, *args, **options)


@pytest.mark.parametrize("is_open", [False, True])
def test_the_description_says_whether_keys_are_asked_for(served, is_open):
    api = served(Rules(open=is_open))
    document, again, page = api.ask(
        ("GET", "/openapi.json"), ("GET", "/openapi.json"), ("GET", "/docs")
    )
    assert (document.status, document.headers["content-type"]) == (200, JSON)
    assert ("securitySchemes" in document.body["components"]) is not is_open
    assert again.raw == document.raw
    assert (b"The key of the device" in page.raw) is not is_open
    assert page.headers["content-security-policy"] == app_module.POLICY
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["content-type"].startswith("text/html")
    assert api.traffic.requests == 0


def test_the_description_is_made_once_and_when_it_is_asked_for(served, monkeypatch):
    from sim.ingest.http import openapi

    made = []
    document = openapi.document
    monkeypatch.setattr(openapi, "document", lambda **how: made.append(how) or document(**how))
    api = served()
    assert made == []
    api.ask(("GET", "/openapi.json"), ("GET", "/openapi.json"))
    assert made == [{"keys": True}]


def test_what_the_table_does_not_know_is_told_and_not_counted(served):
    api = served()
    asked = [("GET", "/api/nothing"), ("GET", "/api/events"), ("POST", "/metrics")]
    asked += [("POST", "/docs"), ("POST", "/openapi.json"), ("GET", "/api/health/")]
    missing, wrong, *methods, slash = api.ask(*asked)
    said = {"error": "Not Found: GET /api/nothing", "code": "not_found"}
    assert (missing.status, missing.body) == (404, said)
    said = {"error": "Method Not Allowed: GET /api/events", "code": "method_not_allowed"}
    assert (wrong.status, wrong.body, wrong.headers["allow"]) == (405, said, "POST")
    assert [one.status for one in methods] == [405] * 3
    assert slash.status == 404
    assert api.traffic.requests == 0
    assert api.traffic.first_refusals[0].startswith("first 404: Not Found: GET /api/nothing (")


def test_any_other_refusal_of_the_framework_is_json_with_its_headers(served):
    api = served()

    async def asked():
        request = app_module.Request({"type": "http", "method": "GET", "path": "/x", "headers": []})
        request.scope |= {"server": ("x", 80), "query_string": b"", "scheme": "http"}
        handler = api.app.exception_handlers[HTTPException]
        return await handler(request, HTTPException(418, "Short", {"X-Pot": "tea"}))

    said = asyncio.run(asked())
    assert (said.status_code, said.headers["x-pot"]) == (418, "tea")
    assert json.loads(said.body) == {"error": "Short: GET /x", "code": "http_error"}


def test_a_bug_is_told_as_one_in_json(served):
    api = served()
    said = asyncio.run(api.app.exception_handlers[Exception](None, ZeroDivisionError()))
    words = {"error": "The server failed; its log says why.", "code": "internal_error"}
    assert (said.status_code, json.loads(said.body)) == (500, words)
    assert said.headers["content-type"] == JSON


def test_each_route_asks_its_own_part_of_the_api_with_its_own_key(served):
    api = served()
    tag = {"tag_mac": "F4:A7:2E:11:03:BC", "company_id": "acme", "equipment_name": "Saw"}
    tag["equipment_type"] = "saw"
    device = {"device_id": "ACT-00000077", "company_id": "acme"}
    said = api.ask(
        ("POST", "/api/events", raw(batch(1)), api.key("badge")),
        ("POST", "/api/events", raw(batch(1)), api.key("other")),
        ("POST", "/api/devices", raw(device), api.key("provisioning")),
        ("POST", "/api/devices", raw(device), api.key("admin")),
        ("POST", "/api/equipment-tags", raw(tag), api.key("admin")),
        ("POST", "/api/parcels", b"{}", api.key("admin")),
        ("POST", "/api/parcels", b"{}", api.key("provisioning")),
        ("POST", "/api/notehub", b"[]", api.key("admin")),
        ("POST", "/api/notehub", b"[]", api.key("badge")),
        ("GET", f"/api/devices/{BADGE}/status", b"", api.key("admin")),
        ("GET", f"/api/devices/{BADGE}/status", b"", api.key("badge")),
        ("GET", "/api/health"),
    )
    statuses = [one.status for one in said]
    assert statuses == [202, 401, 201, 401, 201, 400, 401, 400, 401, 200, 401, 200]
    assert [one.headers["content-type"] for one in said] == [JSON] * len(said)
    assert said[9].body["device_id"] == BADGE
    assert api.traffic.requests == len(said)
    assert api.traffic.statuses[401] == 5
    assert api.store.events() == [event(1)]


def test_a_key_that_is_good_for_one_role_is_good_for_no_other(served):
    """Keys that were good once are remembered with the role that they were good for."""
    api = served()
    key = api.key("badge")
    assert [
        one.status
        for one in api.ask(
            ("POST", "/api/events", raw(batch(1)), key),
            ("POST", "/api/devices", b"{}", key),
            ("POST", "/api/events", raw(batch(2)), {}),
        )
    ] == [202, 401, 401]


def test_a_good_key_is_remembered_and_a_bad_one_never(served, monkeypatch):
    api = served()
    asked = []
    turned_away = api.ingest.turned_away
    monkeypatch.setattr(api.ingest, "turned_away", lambda *a: asked.append(a[1]) or turned_away(*a))
    good, bad = api.key("badge"), {KEY_HEADER: "ak_3F8A21B4_no"}
    api.ask(*[("POST", "/api/events", raw(batch(n)), key) for n in (1, 2) for key in (good, bad)])
    assert asked == ["device", "device", "device"]


def test_the_memory_of_keys_begins_anew_when_it_is_full(served, monkeypatch):
    monkeypatch.setattr(app_module, "KEYS_REMEMBERED", 2)
    api = served(Rules(open=True))
    asked = []
    monkeypatch.setattr(api.ingest, "turned_away", lambda *a: asked.append(a[0]) and None)
    keys = ["a", "b", "a", "c", "c", "a"]
    api.ask(*[("POST", "/api/events", raw(batch(1)), {KEY_HEADER: key}) for key in keys])
    assert [next(iter(one.values())) for one in asked] == ["a", "b", "c", "a"]


def test_too_many_requests_are_told_to_come_back_whatever_they_ask(served):
    api = served(waiting_requests=0)
    said = api.ask(
        ("POST", "/api/events", raw(batch(1)), api.key("badge")),
        ("GET", f"/api/devices/{BADGE}/status", b"", api.key("badge")),
        ("GET", "/metrics", b"", api.key("admin")),
    )
    for one in said:
        assert (one.status, one.body, one.headers["retry-after"]) == (503, BUSY, "5")
        assert (one.headers["connection"], one.headers["content-type"]) == ("close", JSON)
    assert api.traffic.statuses == {503: 3}


def test_as_many_as_there_are_places_wait_and_leave_theirs(served):
    api = served(waiting_requests=2)

    async def asked():
        async with api.app.router.lifespan_context(api.app):
            half = {"type": "http.request", "body": b"[", "more_body": True}
            key = api.key("badge")
            waiting = [
                asyncio.create_task(api.one("POST", "/api/events", b"", key, messages=[half]))
                for _ in range(2)
            ]
            told = []
            while not told or told[-1].status != 503:  # until both have come
                told.append(await api.one("GET", "/api/health"))
            for one in waiting:
                one.cancel()
            ended = await asyncio.gather(*waiting)
            after = await api.one("POST", "/api/events", raw(batch(1)), key)
            shown = await api.one("GET", "/metrics", b"", api.key("admin"))
            return ended, after, shown

    ended, after, shown = asyncio.run(asyncio.wait_for(asked(), 60))
    stopping = {"error": "The server is stopping.", "code": "busy", "accepted": 0}
    assert [(one.status, one.body) for one in ended] == [(503, stopping)] * 2
    assert after.status == 202
    assert b"badge_ingest_waiting_requests 0\n" in shown.raw
    assert b'badge_ingest_requests_total{status="503"} 3\n' in shown.raw
    assert shown.headers["content-type"] == MEDIA_TYPE


def test_one_that_left_half_way_is_not_counted_and_takes_no_room(served):
    api = served(room_bytes=1000)
    body = {"type": "http.request", "body": b"[" * 900, "more_body": True}

    async def asked():
        async with api.app.router.lifespan_context(api.app):
            key = api.key("badge")
            left = await api.one("POST", "/api/events", b"", key, messages=[body, GONE])
            sent = raw(batch(1)).ljust(990)
            return left, await api.one("POST", "/api/events", sent, key)

    left, after = asyncio.run(asked())
    assert (left.status, left.raw, after.status) == (400, b"", 202)
    assert api.traffic.requests == 1


def test_what_was_refused_is_kept_with_its_key_and_moment(served, tmp_path):
    api = served(refusals=Refusals(tmp_path))
    wrong = {KEY_HEADER: "ak_00000002_no"}
    bad = raw([event(1, payload={}), event(2)])
    said = api.ask(
        ("POST", "/api/events", bad, api.key("badge")),
        ("POST", "/api/events", b"[]", api.key("badge")),
        ("POST", "/api/events", b"[]", wrong),
        ("POST", "/api/events", raw(batch(3)), api.key("badge")),
    )
    assert [one.status for one in said] == [207, 400, 401, 202]
    assert said[2].headers["connection"] == "close"
    counts = {(status, device): n for (status, _, device), n in api.traffic.refusals.counts.items()}
    assert counts == {(207, BADGE): 1, (400, BADGE): 1, (401, "ACT-00000002"): 1}
    partly, empty = sorted(tmp_path.iterdir())
    told = json.loads(partly.read_bytes())
    assert (told["at"], told["body"]) == (api.ingest.now_text(), bad.decode())
    assert json.loads(empty.read_bytes())["body"] == "[]"


def test_the_counters_are_for_the_admin_key_as_header_or_bearer(served):
    api = served()
    admin = api.key("admin")[KEY_HEADER]
    wrong = {KEY_HEADER: "admin_no", "Authorization": f"Bearer {admin}"}
    asked = [
        ({KEY_HEADER: admin}, 200),
        ({"Authorization": f"Bearer {admin}"}, 200),
        ({"Authorization": f"bEARER  {admin} "}, 200),
        ({"Authorization": f"Basic {admin}"}, 401),
        ({"Authorization": admin}, 401),
        (wrong, 401),
        ({}, 401),
    ]
    said = api.ask(*[("GET", "/metrics", b"", headers) for headers, _ in asked])
    assert [one.status for one in said] == [status for _, status in asked]
    assert said[-1].body == {"error": "Invalid or missing API key"}
    assert api.traffic.statuses == {401: 4}


def test_an_answer_carries_its_own_headers(served, monkeypatch):
    api = served()
    answer = Answer(503, {"error": "é"}, {"Retry-After": "7"})
    monkeypatch.setattr(api.ingest, "get_device_status", lambda *_: answer)
    (said,) = api.ask(("GET", f"/api/devices/{BADGE}/status"))
    assert (said.status, said.headers["retry-after"]) == (503, "7")
    assert said.raw == '{"error":"é"}'.encode()


def test_bounds_and_counters_of_its_own_are_made_where_none_are_given():
    with closing(SqliteStore(":memory:")) as store:
        api = Served(store, Rules(open=True))
        api.app = create_app(api.ingest, store)
        (said,) = api.ask(("POST", "/api/events", raw(batch(1)).ljust(Bounds().body_bytes)))
        assert said.status == 202
