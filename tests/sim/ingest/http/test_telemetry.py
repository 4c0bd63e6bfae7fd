"""Requests to the ingest, told by their route: never a path, a key or a body."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import urllib3

from badge.host.telemetry.watch import TELEMETRY
from sim.ingest.api.ingest import KEY_HEADER
from sim.ingest.http import telemetry
from sim.ingest.http.telemetry import WatchedRequests
from sim.ingest.http.traffic import Traffic
from sim.ingest.launch import launch_ingest
from tests.badge.host.telemetry.rig import collector, named

MEASURED = {
    "http.server.request.duration": ("s", "Duration of HTTP server requests."),
    "http.server.active_requests": ("{request}", "Requests being answered."),
    "badge.ingest.events": (
        "{event}",
        "Events of answered batches, by what became of them; duplicates are accepted, too.",
    ),
}
SCOPE = {"type": "http", "method": "GET", "scheme": "http", "headers": []}
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_requests_are_spans_of_their_senders_and_durations_by_route_and_status():
    with collector() as kept, TELEMETRY.of_command("serve", kept.url), launch_ingest() as running:
        ask = urllib3.PoolManager(retries=False).request
        head = {"traceparent": PARENT, KEY_HEADER: "ak_secret"}
        ask("GET", f"{running.url}/api/health", headers=head)
        ask("GET", f"{running.url}/api/devices/ACT-5EC2E7/status?x=secret", headers=head)
        ask("POST", f"{running.url}/api/events", body=b'{"secret": 1}', headers=head)
        ask("BREW", f"{running.url}/secret")
    spans = {span.name: span for span in kept.spans}
    assert set(spans) == {
        *("GET /api/health", "GET /api/devices/{device_id}/status", "POST /api/events", "_OTHER")
    }
    assert {span.trace_id.hex() for span in spans.values()} > {PARENT.split("-")[1]}
    told = named(spans["POST /api/events"].attributes)
    assert told == {
        "http.request.method": "POST",
        "http.response.status_code": 400,
        "http.route": "/api/events",
        "url.scheme": "http",
    }
    assert kept.samples("http.server.request.duration") == 4
    assert kept.counts("badge.ingest.events", "badge.event.outcome")["accepted"] == 0
    assert kept.counts("http.server.active_requests") == {None: 0}
    said = {name: (kept.metrics[name].unit, kept.metrics[name].description) for name in MEASURED}
    assert said == MEASURED
    assert not [one for one in kept.raw if b"secret" in one or b"5EC2E7" in one]


def test_a_failure_is_told_as_one_whether_it_was_answered_or_not(monkeypatch):
    clock_s = iter(range(100))
    monkeypatch.setattr(telemetry, "perf_counter", lambda: float(next(clock_s)))
    active = []

    async def app(scope, receive, send):
        active.append(watched._active)
        if scope["path"] == "/both":
            await watched({**scope, "path": "/499"}, receive, send)
        if not scope["path"][1:].isdigit():
            raise ZeroDivisionError
        await send({"type": "http.response.start", "status": int(scope["path"][1:])})

    async def send(message):
        pass

    async def asked():
        for path in ("/499", "/500", "/503", "/bug", "/both"):
            with suppress(ZeroDivisionError):
                await watched({**SCOPE, "path": path}, None, send)

    with collector() as kept, TELEMETRY.of_command("serve", kept.url):
        watched = WatchedRequests(app, {}, Traffic())
        asyncio.run(asked())
    assert active == [1, 1, 1, 1, 1, 2]
    told = [named(span.attributes) for span in kept.spans]
    failed = [(one["http.response.status_code"], one.get("error.type")) for one in told]
    bug = (500, "500")
    assert failed == [(499, None), bug, (503, "503"), bug, (499, None), (499, None)]
    assert [span.status.code for span in kept.spans] == [0, 2, 2, 2, 0, 0]  # 2: an error
    points = kept.metrics["http.server.request.duration"].histogram.data_points
    assert sum(point.sum for point in points) == 5 * 1 + 3
    counted = {named(point.attributes).get("error.type"): point.count for point in points}
    assert counted == {None: 3, "500": 2, "503": 1}


def test_what_is_no_request_goes_through_as_it_is():
    told = []

    async def app(scope, receive, send):
        await send((scope, await receive()))

    async def receive():
        return "started"

    async def send(message):
        told.append(message)

    watched = WatchedRequests(app, {}, Traffic())
    asyncio.run(watched({"type": "lifespan"}, receive, send))
    assert told == [({"type": "lifespan"}, "started")]
