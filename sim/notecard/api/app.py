"""The whole API, and the server that offers it on loopback.

Paths and bodies are those of Notehub's v1 API, so that a backend's code for it can be pointed
here; what is not modelled answers 501 with a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from sim.net.server import LOOPBACK, listening, serving
from sim.notecard.api import bench, devices, events, project
from sim.notecard.api.guard import App, guarded
from sim.notecard.api.ports import HubOwner
from sim.notecard.api.routes import AsciiJson
from sim.notecard.transport.realtime import RealtimeNotecard

CONNECTIONS_MAX = 64
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def hub_app(owner: HubOwner, token: str = "") -> App:
    """The API; with a token every request needs ``Authorization: Bearer``."""
    families = [family.router(owner) for family in (devices, events, project)]
    if isinstance(owner, RealtimeNotecard):
        families.append(bench.router(owner))
    rest = [
        Route(f"/{root}/{{path:path}}", _not_modelled, methods=METHODS)
        for root in ("v1", "auth", "oauth2")
    ]
    routes = [route for family in families for route in family.all]
    app = Starlette(routes=[*routes, *rest], exception_handlers={HTTPException: _refused})
    return guarded(app, token)


async def _refused(request: Request, error: Exception) -> AsciiJson:
    assert isinstance(error, HTTPException)
    return AsciiJson({"err": error.detail, "code": error.status_code}, error.status_code)


async def _not_modelled(request: Request) -> AsciiJson:
    what = f"{request.method} {request.url.path[:200]}"
    raise HTTPException(501, f"{what} is part of Notehub's API, but not of this one.")


@contextmanager
def launch_api(owner: HubOwner, port: int = 0, token: str = "") -> Iterator[str]:
    """Serve the API on 127.0.0.1 until the block ends; gives its URL.  Port 0 takes a free one."""
    with (
        listening(LOOPBACK, port) as listener,
        serving(hub_app(owner, token), listener, connections_max=CONNECTIONS_MAX) as served,
    ):
        yield served.url
