"""The whole API, and the server that offers it on loopback.

Paths and bodies are those of Notehub's v1 API, so that a backend's code for it can be pointed
here; what is not modelled answers 501 with a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from badge.contract.patterns import message
from sim.net.server import LOOPBACK, listening, serving
from sim.notecard.api import bench, devices, events, project
from sim.notecard.api.guard import App, guarded
from sim.notecard.api.ports import HubOwner
from sim.notecard.transport.realtime import RealtimeNotecard

CONNECTIONS_MAX = 64
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class AsciiJson(JSONResponse):
    """JSON in ASCII: half a surrogate pair, which a request may hold, is no UTF-8."""

    def render(self, content: Any) -> bytes:
        """Write it as `json` does by default."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def hub_app(owner: HubOwner, token: str = "") -> App:
    """The API; with a token every request needs ``Authorization: Bearer``."""
    app = FastAPI(title="virtual Notehub", openapi_url=None, default_response_class=AsciiJson)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        return AsciiJson({"err": error.detail, "code": error.status_code}, error.status_code)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return AsciiJson({"err": f"{where}: {message(first)}", "code": 422}, 422)

    for family in (devices, events, project):
        app.include_router(family.router(owner))
    if isinstance(owner, RealtimeNotecard):
        app.include_router(bench.router(owner))

    @app.api_route("/v1/{path:path}", methods=METHODS)
    @app.api_route("/auth/{path:path}", methods=METHODS)
    @app.api_route("/oauth2/{path:path}", methods=METHODS)
    def not_modelled(request: Request) -> Any:
        what = f"{request.method} {request.url.path[:200]}"
        raise HTTPException(501, f"{what} is part of Notehub's API, but not of this one.")

    return guarded(app, token)


@contextmanager
def launch_api(owner: HubOwner, port: int = 0, token: str = "") -> Iterator[str]:
    """Serve the API on 127.0.0.1 until the block ends; gives its URL.  Port 0 takes a free one."""
    with (
        listening(LOOPBACK, port) as listener,
        serving(hub_app(owner, token), listener, connections_max=CONNECTIONS_MAX) as served,
    ):
        yield served.url
