"""Requests to the ingest as spans and durations, by OpenTelemetry's conventions for HTTP servers.

A request is told by its route, never by its path: that names a device.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from badge.host.telemetry.span import Attributes, Reading
from badge.host.telemetry.watch import TELEMETRY
from sim.ingest.http.traffic import Traffic

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_PARENT = (b"traceparent", b"tracestate")
_FAILED = 500
OUTCOMES = ("accepted", "duplicates", "rejected", "conflicts")


class WatchedRequests:
    """An ASGI application with telemetry around it; `routes` gives an endpoint's path."""

    def __init__(self, app: ASGIApp, routes: Mapping[Any, str], traffic: Traffic) -> None:
        self._app, self._routes = app, routes
        self._active = 0
        self._took = TELEMETRY.durations(
            "http.server.request.duration", "Duration of HTTP server requests."
        )
        TELEMETRY.level(
            "http.server.active_requests",
            "{request}",
            "Requests being answered.",
            lambda: [(self._active, {})],
        )
        TELEMETRY.counter(
            "badge.ingest.events",
            "{event}",
            "Events of answered batches, by what became of them; duplicates are accepted, too.",
            lambda: _events(traffic),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and tell how long it took."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        asked: dict[str, str | int] = {"http.request.method": method, "url.scheme": scope["scheme"]}
        parent = {
            name.decode(): value.decode("latin-1")
            for name, value in scope["headers"]
            if name in _PARENT
        }
        span = TELEMETRY.begin(method, "server", asked, parent)
        # What fails before it answers is answered so, further out.
        status, begun_s = _FAILED, perf_counter()
        self._active += 1

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            self._active -= 1
            route = self._routes.get(scope.get("endpoint"))
            answered: dict[str, str | int] = {**asked, "http.response.status_code": status}
            if route is not None:
                answered["http.route"] = route
                span.rename(f"{method} {route}")
            if status >= _FAILED:
                answered["error.type"] = str(status)
                span.failed(str(status))
            self._took(perf_counter() - begun_s, answered)
            span.tell(answered)
            span.end()


def _events(traffic: Traffic) -> Reading:
    told: list[tuple[float, Attributes]] = []
    for name in OUTCOMES:
        told.append((getattr(traffic, name), {"badge.event.outcome": name}))
    return told
