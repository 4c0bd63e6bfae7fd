"""Bounds of the wire: how large a body may be, and how long a client may take to send it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sim.ingest.api.answers import RefusedError, body_too_long, busy, compressed_body, refused_batch
from sim.net.server import HEAD_TIMEOUT_S, SHUTDOWN_TIMEOUT_S, TimeLimits

GZIP = b"\x1f\x8b"  # RFC 1952: what no JSON begins with; many clients forget to say so


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a client, and of all clients together (`room_bytes`), is put up with."""

    body_bytes: int = 1 << 20
    room_bytes: int = 32 << 20
    head_timeout_s: float = HEAD_TIMEOUT_S
    body_timeout_s: float = 30.0
    linger_bytes: int = 16 << 20
    linger_timeout_s: float = 2.0
    waiting_requests: int = 512
    stop_timeout_s: float = SHUTDOWN_TIMEOUT_S

    @property
    def patience(self) -> TimeLimits:
        """What the server puts up with where the app does not: a second longer for a body."""
        body_s = self.body_timeout_s + self.linger_timeout_s + 1
        return TimeLimits(self.head_timeout_s, body_s, body_s, self.stop_timeout_s)


class Room:
    """Memory for the bodies of all requests under way, in bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self.left_bytes = limit_bytes

    @contextmanager
    def lease(self) -> Iterator[Lease]:
        """Lend room to one request until the block ends."""
        lease = Lease(self)
        try:
            yield lease
        finally:
            self.left_bytes += lease.taken_bytes


class Lease:
    """What one request has of the room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.taken_bytes = 0

    def take(self, count: int) -> None:
        """Take so many bytes more; RefusedError with 503 if that many are not left."""
        if count > self._room.left_bytes:
            raise RefusedError(busy("Too many large bodies are under way."))
        self._room.left_bytes -= count
        self.taken_bytes += count


async def read_body(scope: Scope, receive: Receive, bounds: Bounds, lease: Lease) -> bytes:
    """Read a whole body.

    RefusedError with 413, 415, 408 or 503, ClientDisconnect if the client went away.
    """
    headers = dict(scope["headers"])
    if int(headers.get(b"content-length", b"0")) > bounds.body_bytes:
        raise RefusedError(body_too_long(bounds.body_bytes))
    if headers.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity"):
        raise RefusedError(compressed_body())
    try:
        async with asyncio.timeout(bounds.body_timeout_s):
            body = await _collect(receive, bounds.body_bytes, lease)
    except TimeoutError:
        error = f"The body was not complete within {bounds.body_timeout_s:g} s."
        raise RefusedError(refused_batch(408, "request_timeout", error)) from None
    if body.startswith(GZIP):
        raise RefusedError(compressed_body())
    return body


async def _collect(receive: Receive, limit_bytes: int, lease: Lease) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece = message.get("body", b"")
        if len(body) + len(piece) > limit_bytes:
            raise RefusedError(body_too_long(limit_bytes))
        lease.take(len(piece))
        body += piece
        if not message.get("more_body", False):
            return bytes(body)


class LingeringResponse(Response):
    """An answer to a body that was not read to its end: answers, reads on for a while, closes.

    Closing with unread bytes makes TCP reset the connection, and the client would see "broken
    pipe" in place of the answer.
    """

    def __init__(
        self, content: bytes, status: int, headers: dict[str, str], bounds: Bounds
    ) -> None:
        super().__init__(content, status, {**headers, "Connection": "close"}, "application/json")
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer at once, end it when the client stops or has had its time."""
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": bytes(self.body), "more_body": True})
        if b"expect" not in dict(scope["headers"]):  # else nothing is sent until we ask for it
            await self._linger(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _linger(self, receive: Receive) -> None:
        left = self._bounds.linger_bytes
        try:
            async with asyncio.timeout(self._bounds.linger_timeout_s):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return
        except TimeoutError:
            return
