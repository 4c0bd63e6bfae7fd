"""The page over HTTP, for this machine's browser alone: a token, our own Host, no other Origin."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import Any, Protocol

from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from badge.errors import InputError
from sim.view.page import page, policy

HOSTS = ("127.0.0.1", "localhost", "[::1]")
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Watched(Protocol):
    """What is looked at: a finished picture, or one that grows."""

    def whole(self) -> bytes:
        """Give all there is now, as `page.framed` puts it."""

    def news(self, epoch: int, rows: int) -> bytes | None:
        """Give what has come after so many rows; None if nothing, or nothing comes any more."""

    def about(self, at: int) -> dict[str, Any]:
        """Give all there is about the event that lies there."""


class Guard:
    """Refuses with 403 whoever is not the page that was opened with the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] == "http" and not self._may(Request(scope)):
            refusal = Response("403: open the address that badge view has printed\n", 403)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may(self, request: Request) -> bool:
        host = request.headers.get("host", "")
        # A name of another's that leads here (DNS rebinding) is in Host; a page of another's that
        # asks is in Origin.
        if host.rpartition(":")[0] not in HOSTS:
            return False
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return False
        given = request.url.path.split("/")[1]
        return compare_digest(given.encode(), self._token.encode())


def create_app(watched: Watched, token: str) -> ASGIApp:
    """Make the ASGI application."""

    async def html(_: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        headers = {**_HEADERS, "Content-Security-Policy": policy(nonce)}
        return Response(page(nonce), media_type="text/html", headers=headers)

    async def picture(_: Request) -> Response:
        return Response(watched.whole(), media_type="application/octet-stream", headers=_HEADERS)

    async def news(request: Request) -> Response:
        found = watched.news(_number(request, "epoch"), _number(request, "rows"))
        if found is None:
            return Response(status_code=204, headers=_HEADERS)
        return Response(found, media_type="application/octet-stream", headers=_HEADERS)

    async def about(request: Request) -> Response:
        try:
            document = watched.about(_number(request, "at"))
        except (InputError, OSError, IndexError, KeyError) as error:
            document = {"lost": f"it cannot be read any more: {error}"}
        content = to_json(document, inf_nan_mode="null")
        return Response(content, media_type="application/json", headers=_HEADERS)

    endpoints: dict[str, Callable[[Request], Awaitable[Response]]] = {
        "": html,
        "picture": picture,
        "news": news,
        "about": about,
    }
    routes = [Route(f"/{token}/{name}", endpoint) for name, endpoint in endpoints.items()]
    return Guard(Starlette(routes=routes), token)


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "0")
    return int(text) if text.isdecimal() and len(text) < 16 else 0
