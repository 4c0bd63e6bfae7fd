"""Faults that a backend may have below its answers: in how it reads bodies and writes responses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from sim.ingest.api.answers import RefusedError, busy, refused_batch
from sim.ingest.http import app, limits


def _chunks_refused(right: Any) -> Any:
    async def faulty(scope: Any, *rest: Any) -> bytes:
        if b"transfer-encoding" in dict(scope["headers"]):
            raise RefusedError(refused_batch(411, "length_required", "Say how long it is."))
        found: bytes = await right(scope, *rest)
        return found

    return faulty


def _as_it_comes(right: Any) -> Any:
    async def faulty(scope: Any, receive: Any, bounds: Any, lease: Any) -> bytes:
        return await limits._collect(receive, 1 << 30, lease)

    return faulty


def _in_a_hurry(right: Any) -> Any:
    async def faulty(scope: Any, receive: Any, bounds: Any, lease: Any) -> bytes:
        found: bytes = await right(scope, receive, replace(bounds, body_timeout_s=0.01), lease)
        return found

    return faulty


def _locked_for_good(right: Any) -> Any:
    """A lock of a device that nobody gives back where its body is cut off."""
    locked: set[bytes] = set()

    async def faulty(scope: Any, *rest: Any) -> bytes:
        key = dict(scope["headers"]).get(b"x-actual-api-key", b"")
        if key in locked:
            raise RefusedError(busy("Another batch of this device is under way."))
        try:
            found: bytes = await right(scope, *rest)
        except ClientDisconnect:
            locked.add(key)
            raise
        return found

    return faulty


def _as_a_page(right: Any) -> Any:
    def faulty(answer: Any) -> Response:
        said: Response = right(answer)
        said.headers["content-type"] = "text/html"
        return said

    return faulty


def _any_method(right: Any) -> Any:
    async def faulty(self: Any, request: Any, error: Any) -> Response:
        said: Response = await right(self, request, error)
        said.status_code = 200 if said.status_code == 405 else said.status_code
        return said

    return faulty


HTTP: dict[str, tuple[Any, str, Callable[[Any], Any], str]] = {
    "chunks are refused": (app, "read_body", _chunks_refused, "takes a body in chunks"),
    "a compressed body is read as it is": (
        app,
        "read_body",
        _as_it_comes,
        "refuses a compressed body",
    ),
    "no body is too large": (app, "read_body", _as_it_comes, "refuses a body of two megabytes"),
    "a body must come at once": (
        app,
        "read_body",
        _in_a_hurry,
        "takes a body that comes slowly",
    ),
    "a body that was cut off locks its device": (
        app,
        "read_body",
        _locked_for_good,
        "keeps nothing of a body that is cut off",
    ),
    "JSON is told as a page": (app, "_response", _as_a_page, "answers in JSON whatever was asked"),
    "any method will do": (
        app._Desk,
        "no_route",
        _any_method,
        "answers no other method with success",
    ),
}
"""Faults of the layer of HTTP: where, how it is wrapped, the check that must see it."""
