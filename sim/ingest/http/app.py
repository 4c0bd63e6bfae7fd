"""The ingest API over HTTP: Starlette around `sim.ingest.api.ingest`, one writer behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from hashlib import blake2b

from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from badge.host.telemetry.watch import TELEMETRY
from sim.ingest.api import answers
from sim.ingest.api.answers import Answer, RefusedError, busy
from sim.ingest.api.ingest import ADMIN, DEVICE, KEY_HEADER, PROVISIONING, Headers, Ingest
from sim.ingest.http import routes
from sim.ingest.http.api_page import POLICY, api_page
from sim.ingest.http.limits import Bounds, LingeringResponse, Room, read_body
from sim.ingest.http.metrics import MEDIA_TYPE, exposition
from sim.ingest.http.telemetry import WatchedRequests
from sim.ingest.http.traffic import Traffic
from sim.ingest.http.writer import Writer
from sim.ingest.store.sqlite import IngestStore

Endpoint = Callable[[Request], Awaitable[Response]]
AskWithBody = Callable[[Headers, bytes], Answer]
KEYS_REMEMBERED = 65_536
PARTLY, FIRST_REFUSAL = 207, 400


def create_app(
    ingest: Ingest, store: IngestStore, bounds: Bounds | None = None, traffic: Traffic | None = None
) -> Starlette:
    """Make the ASGI application; `store` is the one that `ingest` writes to."""
    desk = _Desk(ingest, Writer(store), bounds or Bounds(), traffic or Traffic())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        desk.writer.start()
        yield
        desk.writer.stop()

    table = [_openapi(keys=not ingest.rules.open), _docs(keys=not ingest.rules.open)]
    table += [Route("/metrics", desk.metrics, methods=["GET"])]
    table += [
        Route(route.path, endpoint, methods=[route.method])
        for route, endpoint in _endpoints(ingest, desk)
    ]
    app = Starlette(
        routes=table,
        lifespan=lifespan,
        exception_handlers={HTTPException: desk.no_route, Exception: _failed},
    )
    app.router.redirect_slashes = False
    if TELEMETRY.on:
        paths = {one.endpoint: one.path for one in table}
        app.add_middleware(WatchedRequests, routes=paths, traffic=desk.traffic)
    return app


def _openapi(*, keys: bool) -> Route:
    """The API's description, made when it is first asked for: most servers never are."""

    @cache
    def described() -> bytes:
        from sim.ingest.http.openapi import document

        return to_json(document(keys=keys))

    async def endpoint(_: Request) -> Response:
        return Response(described(), media_type="application/json")

    return Route("/openapi.json", endpoint)


def _docs(*, keys: bool) -> Route:
    """The same for people."""

    async def endpoint(_: Request) -> Response:
        headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
        return HTMLResponse(api_page(keys=keys), headers=headers)

    return Route("/docs", endpoint, methods=["GET"])


class _Desk:
    """Takes requests in: bounds them, passes them to the writer, counts the answers."""

    def __init__(self, ingest: Ingest, writer: Writer, bounds: Bounds, traffic: Traffic) -> None:
        self.writer = writer
        self._ingest = ingest
        self._admitted: set[bytes] = set()
        self._bounds = bounds
        self.traffic = traffic
        self._room = Room(bounds.room_bytes)
        self._waiting = 0

    async def with_body(self, request: Request, role: str, ask: AskWithBody) -> Response:
        """Look at the key, read the body within bounds, then answer."""
        if self._waiting >= self._bounds.waiting_requests:
            return self._linger(busy("Too many requests wait."))
        self._waiting += 1
        headers, raw = _key(request), b""
        try:
            await self._admit(headers, role)
            with self._room.lease() as lease:
                raw = await read_body(request.scope, request.receive, self._bounds, lease)
                answer = await self.writer.answer(lambda: ask(headers, raw))
                self.traffic.count(answer)
                if answer.status == PARTLY or answer.status >= FIRST_REFUSAL:
                    await self._tell(answer, raw, headers)
                return _response(answer)
        except RefusedError as refused:
            await self._tell(refused.answer, raw, headers)
            return self._linger(refused.answer)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except asyncio.CancelledError:  # the server ends, and this one has had its time
            answer = busy("The server is stopping.")
            self.traffic.count(answer)
            return _response(answer)
        finally:
            self._waiting -= 1

    async def _admit(self, headers: Headers, role: str) -> None:
        """Turn a stranger away before any of the body is read; RefusedError with 401 or 503.

        Keys that were good once are remembered, so that a badge costs no second look at the
        store; what is done with the body looks again, and is what counts.
        """
        known = blake2b(f"{role} {headers[KEY_HEADER]}".encode(), digest_size=16).digest()
        if known in self._admitted:
            return
        answer = await self.writer.answer(lambda: self._ingest.turned_away(headers, role))
        if answer is not None:
            raise RefusedError(answer)
        if len(self._admitted) >= KEYS_REMEMBERED:
            self._admitted.clear()
        self._admitted.add(known)

    async def without_body(self, ask: Callable[[], Answer]) -> Response:
        """Answer."""
        if self._waiting >= self._bounds.waiting_requests:
            return self._linger(busy("Too many requests wait."))
        return await self._written(ask)

    async def metrics(self, request: Request) -> Response:
        """Answer a scraper that has the admin key: counts tell how much a company works."""
        headers = _key_of_scraper(request)
        if self._waiting >= self._bounds.waiting_requests:
            return self._linger(busy("Too many requests wait."))
        refused = await self.writer.answer(lambda: self._ingest.turned_away(headers, ADMIN))
        if refused is not None:
            self.traffic.count(refused)
            return _response(refused)
        return Response(exposition(self.traffic, self._waiting), media_type=MEDIA_TYPE)

    async def _written(self, ask: Callable[[], Answer]) -> Response:
        answer = await self.writer.answer(ask)
        self.traffic.count(answer)
        return _response(answer)

    async def _tell(self, answer: Answer, raw: bytes, headers: Headers) -> None:
        """Keep why it was refused; in a thread, since a body may go to the disk."""
        at, key = self._ingest.now_text(), headers[KEY_HEADER]
        await asyncio.to_thread(self.traffic.refusals.note, answer, raw, key, at)

    async def no_route(self, request: Request, error: Exception) -> Response:
        """Answer what the table of routes does not know; a mistaken path is told."""
        assert isinstance(error, HTTPException)
        text = f"{error.detail}: {request.method} {request.url.path}"
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
        answer = answers.problem(error.status_code, code, text)
        self.traffic.note(answer)
        return _response(Answer(answer.status, answer.body, error.headers or {}))

    def _linger(self, answer: Answer) -> Response:
        self.traffic.count(answer)
        return LingeringResponse(
            to_json(answer.body), answer.status, dict(answer.headers), self._bounds
        )


def _endpoints(ingest: Ingest, desk: _Desk) -> list[tuple[routes.ApiRoute, Endpoint]]:
    async def status(request: Request) -> Response:
        device_id = str(request.path_params["device_id"])
        headers = _key(request)
        return await desk.without_body(lambda: ingest.get_device_status(headers, device_id))

    async def health(_: Request) -> Response:
        return await desk.without_body(ingest.get_health)

    def taking_body(role: str, ask: AskWithBody) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return await desk.with_body(request, role, ask)

        return endpoint

    return [
        (routes.EVENTS, taking_body(DEVICE, ingest.post_events)),
        (routes.NOTEHUB, taking_body(ADMIN, ingest.post_notehub)),
        (routes.DEVICES, taking_body(PROVISIONING, ingest.post_devices)),
        (routes.STATUS, status),
        (routes.TAGS, taking_body(ADMIN, ingest.post_equipment_tags)),
        (routes.PARCELS, taking_body(ADMIN, ingest.post_parcels)),
        (routes.HEALTH, health),
    ]


def _key(request: Request) -> Headers:
    return {KEY_HEADER: request.headers.get(KEY_HEADER, "")}


def _key_of_scraper(request: Request) -> Headers:
    """Take the key as a Bearer token, too: Prometheus before 2.55 sends no header of our own."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if KEY_HEADER in request.headers or scheme.lower() != "bearer":
        return _key(request)
    return {KEY_HEADER: token.strip()}


def _response(answer: Answer) -> Response:
    return Response(
        to_json(answer.body), answer.status, dict(answer.headers), media_type="application/json"
    )


async def _failed(_: Request, __: Exception) -> Response:
    return _response(answers.problem(500, "internal_error", "The server failed; its log says why."))
