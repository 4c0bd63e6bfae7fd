"""The ingest API over HTTP: FastAPI around `sim.ingest.api`, one writer behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from sim.ingest import answers, routes
from sim.ingest.answers import Answer, RefusedError
from sim.ingest.api import KEY_HEADER, Headers, Ingest
from sim.ingest.routes import Route
from sim.ingest.store import Store
from sim.ingest.traffic import Traffic
from sim.ingest.wire import Bounds, LingeringResponse, read_body
from sim.ingest.writer import Writer

RETRY_AFTER_BUSY_S = 5

Endpoint = Callable[[Request], Awaitable[Response]]
AskWithBody = Callable[[Headers, bytes], Answer]


def create_app(
    ingest: Ingest, store: Store, bounds: Bounds | None = None, traffic: Traffic | None = None
) -> FastAPI:
    """Make the ASGI application; `store` is the one that `ingest` writes to."""
    desk = _Desk(Writer(store), bounds or Bounds(), traffic or Traffic())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        desk.writer.start()
        yield
        desk.writer.stop()

    # No documentation pages: they load scripts from elsewhere into a page where keys are typed.
    app = FastAPI(
        title="Badge ingest API",
        version=version("badge-simulator"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    components: dict[str, Any] = {}
    for route, endpoint in _endpoints(ingest, desk):
        app.add_api_route(
            route.path,
            endpoint,
            methods=[route.method],
            operation_id=route.name,
            summary=route.summary,
            status_code=next(iter(route.statuses)),
            response_model=None,
            responses=routes.responses(route),
            openapi_extra=routes.operation(route, components, keys=not ingest.rules.open),
        )
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _failed)
    _complete_openapi(app, components)
    return app


class _Desk:
    """Takes requests in: bounds them, passes them to the writer, counts the answers."""

    def __init__(self, writer: Writer, bounds: Bounds, traffic: Traffic) -> None:
        self.writer = writer
        self._bounds = bounds
        self._traffic = traffic
        self._waiting = 0

    async def with_body(self, request: Request, ask: AskWithBody) -> Response:
        """Read the body within bounds, then answer."""
        if self._waiting >= self._bounds.waiting_requests:
            return self._linger(_busy())
        self._waiting += 1
        try:
            raw = await read_body(request.scope, request.receive, self._bounds)
            return await self._written(lambda: ask(_key(request), raw))
        except RefusedError as refused:
            return self._linger(refused.answer)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        finally:
            self._waiting -= 1

    async def without_body(self, ask: Callable[[], Answer]) -> Response:
        """Answer."""
        if self._waiting >= self._bounds.waiting_requests:
            return self._linger(_busy())
        return await self._written(ask)

    async def _written(self, ask: Callable[[], Answer]) -> Response:
        answer = await self.writer.answer(ask)
        self._traffic.count(answer)
        return _response(answer)

    def _linger(self, answer: Answer) -> Response:
        self._traffic.count(answer)
        return LingeringResponse(
            to_json(answer.body), answer.status, dict(answer.headers), self._bounds
        )


def _endpoints(ingest: Ingest, desk: _Desk) -> list[tuple[Route, Endpoint]]:
    async def status(request: Request) -> Response:
        device_id = str(request.path_params["device_id"])
        headers = _key(request)
        return await desk.without_body(lambda: ingest.get_device_status(headers, device_id))

    async def health(_: Request) -> Response:
        return await desk.without_body(ingest.get_health)

    def taking_body(ask: AskWithBody) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return await desk.with_body(request, ask)

        return endpoint

    return [
        (routes.EVENTS, taking_body(ingest.post_events)),
        (routes.DEVICES, taking_body(ingest.post_devices)),
        (routes.STATUS, status),
        (routes.TAGS, taking_body(ingest.post_equipment_tags)),
        (routes.PARCELS, taking_body(ingest.post_parcels)),
        (routes.HEALTH, health),
    ]


def _key(request: Request) -> Headers:
    return {KEY_HEADER: request.headers.get(KEY_HEADER, "")}


def _response(answer: Answer) -> Response:
    return Response(
        to_json(answer.body), answer.status, dict(answer.headers), media_type="application/json"
    )


def _busy() -> Answer:
    return answers.retry_later(503, "busy", "Too many requests wait.", RETRY_AFTER_BUSY_S)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = f"{error.detail}: {request.method} {request.url.path}"
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    answer = answers.problem(error.status_code, code, text)
    return _response(Answer(answer.status, answer.body, error.headers or {}))


async def _failed(_: Request, __: Exception) -> Response:
    return _response(answers.problem(500, "internal_error", "The server failed; its log says why."))


def _complete_openapi(app: FastAPI, components: dict[str, Any]) -> None:
    """Add what FastAPI cannot know: the schemas of the bodies, and the key."""
    document = app.openapi()
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= components
    scheme = {"type": "apiKey", "in": "header", "name": "X-Actual-Api-Key"}
    document["components"]["securitySchemes"] = {routes.SECURITY_SCHEME: scheme}
