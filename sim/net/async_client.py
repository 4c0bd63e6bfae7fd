"""POSTs over kept-alive HTTP/1.1 connections, as many at once as there are badges.

A general client spends ten times longer on a request than a badge's batch needs; TLS and sockets
are left to the event loop.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import cast
from urllib.parse import quote

from badge.answers import ANSWER_BYTES_MAX
from sim.net.answer import Answer, NoAnswer, no_connection
from sim.net.answer_reader import AnswerReader
from sim.net.client import header_value
from sim.net.url import authorization, split_url

TIMEOUT_S = 120.0  # contract section 3: a badge waits no longer
CONNECT_TIMEOUT_S = 10.0
_PATH = "/%:@!$&'()*+,;=~-._"
Done = Callable[[Answer | NoAnswer], None]


class AsyncClient:
    """The connections to one URL; `headers` are sent with every request.

    An answer is one that is whole and was asked for: bytes behind it end the connection, since
    the next request would take them for its own answer.
    """

    def __init__(
        self,
        url: str,
        headers: dict[str, str],
        *,
        timeout_s: float = TIMEOUT_S,
        bytes_max: int = ANSWER_BYTES_MAX,
    ) -> None:
        parts = split_url("URL", url)
        self.timeout_s, self.bytes_max = timeout_s, bytes_max
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
        lines = {"Host": _host_line(self._host, parts.port)} | authorization(parts) | headers
        self._head = f"POST {target} HTTP/1.1\r\n" + "".join(map(_line, lines.items()))

    def head(self, headers: dict[str, str]) -> bytes:
        """Give the head of requests with these headers, up to their length."""
        lines = "".join(map(_line, headers.items()))
        return f"{self._head}{lines}Content-Length: ".encode("latin-1")

    def post(self, head: bytes, body: bytes, done: Done, timeout_s: float | None = None) -> None:
        """Send a request and call `done` once; never at once, never after `close`.

        What comes of it comes within `timeout_s`, the way there included; the client's own if None.
        """
        request = b"%b%d\r\n\r\n%b" % (head, len(body), body)
        within_s = self.timeout_s if timeout_s is None else timeout_s
        until_s = asyncio.get_running_loop().time() + within_s
        if self._idle:
            self._idle.pop().send(request, done, until_s)
        else:
            self._open(request, done, until_s)

    async def ask(self, head: bytes, body: bytes) -> Answer | NoAnswer:
        """Send a request and wait for what comes of it."""
        future = asyncio.get_running_loop().create_future()

        def done(answer: Answer | NoAnswer) -> None:
            if not future.done():  # whoever asked may have been cancelled
                future.set_result(answer)

        self.post(head, body, done)
        answer: Answer | NoAnswer = await future
        return answer

    def _open(self, request: bytes, done: Done, until_s: float) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(request, done, until_s))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self, request: bytes, done: Done, until_s: float) -> None:
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        try:
            async with asyncio.timeout_at(min(begun_s + CONNECT_TIMEOUT_S, until_s)):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self), self._host, self._port, ssl=self._context
                )
        except (OSError, UnicodeError) as error:
            done(no_connection(error))
        else:
            self.connects += 1
            self.connecting_s += loop.time() - begun_s
            connection.send(request, done, until_s)

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
        """A connection is gone, or takes no more requests."""
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def again(self, request: bytes, done: Done, until_s: float) -> None:
        """The server closed an idle connection just when it was used: that says nothing yet."""
        self._open(request, done, until_s)


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._read = AnswerReader(client.bytes_max)
        self._request = b""
        self._done: Done | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._until_s = 0.0
        self._used = False

    # What the client wants.

    def send(self, request: bytes, done: Done, until_s: float) -> None:
        """Write a request, which waits for its answer until a moment of the event loop."""
        if self._transport is None or self._transport.is_closing():
            self._client.again(request, done, until_s)
            return
        if self._used:
            self._read = AnswerReader(self._client.bytes_max)
        self._request, self._done, self._until_s = request, done, until_s
        self._timer = self._loop.call_at(until_s, self._end, NoAnswer("late"))
        self._transport.write(request)

    def abort(self) -> None:
        """Close without a word."""
        self._take()
        if self._transport is not None:
            self._transport.abort()

    # What the event loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are of no such class
        self._client.opened(self)

    def data_received(self, data: bytes) -> None:
        if self._done is None:  # nobody has asked: it must not meet the next request
            self._client.lost(self)
            self.abort()
            return
        # Only now that all of `data` is read: `done` may send the next request at once, which
        # must not be answered by what came before it.
        if self._read.feed(data):
            self._end(self._read.wrong) if self._read.wrong else self._finish()

    def connection_lost(self, error: Exception | None) -> None:
        self._client.lost(self)
        self._transport = None
        if self._done is None:
            return
        if error is None and self._read.end():
            self._finish()
        elif self._used and not self._read.received:
            request, done = self._request, self._take()
            self._client.again(request, done, self._until_s)
        else:
            self._end(NoAnswer("cut"))

    def _finish(self) -> None:
        answer = self._read.answer()
        done, self._used = self._take(), True
        # One that errs may still say more, too late to be seen here: a proxy that gave up and the
        # answer behind it.  The next request must not meet that.
        if self._transport is None:
            pass
        elif self._read.lasts and answer.status < 300:
            self._client.free(self)
        else:
            self._transport.close()
        done(answer)

    def _end(self, why: NoAnswer) -> None:
        done = self._take()
        if self._transport is not None:
            self._transport.abort()
        done(why)

    def _take(self) -> Done:
        done, self._done = self._done, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._request = b""
        return done or (lambda answer: None)


def _line(header: tuple[str, str]) -> str:
    name, value = header
    return f"{name}: {header_value(name, value)}\r\n"


def _host_line(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    return name if port is None else f"{name}:{port}"
