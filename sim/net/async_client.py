"""POSTs over kept-alive HTTP/1.1 connections, as many at once as there are badges.

A general client spends ten times longer on a request than a badge's batch needs; parsing is left
to httptools (Node's llhttp), TLS and sockets to the event loop.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote, unquote, urlsplit

import httptools

from badge.answers import ANSWER_BYTES_MAX
from badge.errors import InputError

TIMEOUT_S = 120.0  # contract section 3: a badge waits no longer
CONNECT_TIMEOUT_S = 10.0
HEAD_BYTES_MAX = 1 << 16
_PATH = "/%:@!$&'()*+,;=~-._"


@dataclass(slots=True)
class Answer:
    """What came back: names of headers in lower case, a body cut at `ANSWER_BYTES_MAX`."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


Done = Callable[[Answer | None, str], None]  # the answer, or why there is none


class Wire:
    """The connections to one URL; `headers` are sent with every request."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        self._host, self._tls = parts.hostname or "", parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._idle: list[_Connection] = []
        self._all: set[_Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self.connects = 0
        self.connecting_s = 0.0  # what the way there costs, before the server does anything
        self._context = ssl.create_default_context() if self._tls else None
        target = quote(parts.path or "/", safe=_PATH)
        if parts.query:
            target += "?" + quote(parts.query, safe=_PATH + "?")
        lines = {"Host": _host_line(self._host, parts.port), **headers}
        if parts.username is not None:
            lines["Authorization"] = _basic(parts.username, parts.password or "")
        self._head = f"POST {target} HTTP/1.1\r\n" + "".join(map(_line, lines.items()))

    def head(self, headers: dict[str, str]) -> bytes:
        """Give the head of requests with these headers, up to their length."""
        lines = "".join(map(_line, headers.items()))
        return f"{self._head}{lines}Content-Length: ".encode("latin-1")

    def post(self, head: bytes, body: bytes, done: Done) -> None:
        """Send a request and call `done` once; never at once, never after `close`."""
        request = b"%b%d\r\n\r\n%b" % (head, len(body), body)
        if self._idle:
            self._idle.pop().send(request, done)
        else:
            self._open(request, done)

    def _open(self, request: bytes, done: Done) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(request, done))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self, request: bytes, done: Done) -> None:
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self), self._host, self._port, ssl=self._context
                )
        except (OSError, UnicodeError):
            done(None, "no connection")
        else:
            self.connects += 1
            self.connecting_s += loop.time() - begun_s
            connection.send(request, done)

    def close(self) -> None:
        """Give up all that is under way."""
        for task in self._opening:
            task.cancel()
        for connection in list(self._all):
            connection.abort()

    def opened(self, connection: _Connection) -> None:
        """A connection is there."""
        self._all.add(connection)

    def free(self, connection: _Connection) -> None:
        """A connection can take the next request."""
        self._idle.append(connection)

    def lost(self, connection: _Connection) -> None:
        """A connection is gone."""
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def again(self, request: bytes, done: Done) -> None:
        """The server closed an idle connection just when it was used: that says nothing yet."""
        self._open(request, done)


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer = Answer()
        self._parts: list[bytes] = []
        self._received = 0
        self._request = b""
        self._done: Done | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._used = False

    # What the wire wants.

    def send(self, request: bytes, done: Done) -> None:
        """Write a request, which waits for its answer."""
        if self._transport is None or self._transport.is_closing():
            self._wire.again(request, done)
            return
        self._answer, self._parts, self._received = Answer(), [], 0
        self._request, self._done = request, done
        self._timer = self._loop.call_later(TIMEOUT_S, self._end, "no answer")
        self._transport.write(request)

    def abort(self) -> None:
        """Close without a word."""
        self._take()
        if self._transport is not None:
            self._transport.abort()

    # What the event loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are of no such class
        self._wire.opened(self)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._end("an answer that is not HTTP")
            return
        if self._received > HEAD_BYTES_MAX + ANSWER_BYTES_MAX:
            self._end("an answer that is too long")

    def connection_lost(self, error: Exception | None) -> None:
        self._wire.lost(self)
        self._transport = None
        if self._done is None:
            return
        if self._answer.status and "content-length" not in self._answer.headers:
            self._finish()  # an answer may end with its connection
        elif self._used and not self._received:
            request, done = self._request, self._take()
            self._wire.again(request, done)
        else:
            self._end("broken connection")

    # What the parser tells.

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._answer.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)

    def on_message_complete(self) -> None:
        if self._answer.status < 200:  # 100 Continue and the like: the answer is still to come
            self._answer = Answer()
        elif self._done is not None:
            self._finish()

    def _finish(self) -> None:
        answer = self._answer
        answer.body = b"".join(self._parts)[:ANSWER_BYTES_MAX]
        done, self._used = self._take(), True
        if self._transport is None:
            pass
        elif self._parser.should_keep_alive():
            self._wire.free(self)
        else:
            self._transport.close()
        done(answer, "")

    def _end(self, why: str) -> None:
        done = self._take()
        if self._transport is not None:
            self._transport.abort()
        done(None, why)

    def _take(self) -> Done:
        done, self._done = self._done, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._request = b""
        return done or (lambda answer, why: None)


def _line(header: tuple[str, str]) -> str:
    name, value = header
    if not (value.isascii() and value.isprintable()):
        raise InputError(f"{name}: holds what no HTTP header may; use printable ASCII")
    return f"{name}: {value}\r\n"


def _host_line(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    return name if port is None else f"{name}:{port}"


def _basic(user: str, password: str) -> str:
    pair = f"{unquote(user)}:{unquote(password)}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"
