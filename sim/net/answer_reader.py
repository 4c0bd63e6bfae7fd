"""The answer to one request, read as its bytes come, however they are cut."""

from __future__ import annotations

from typing import Any

import httptools

from sim.net.answer import HEAD_BYTES_MAX, Answer, NoAnswer

_FRAMING = (b"content-length", b"transfer-encoding")


class AnswerReader:
    """Reads one answer of at most `bytes_max` behind its head; parsing is httptools' (llhttp).

    `whole`: all of it has come.  `wrong`: why nothing that comes can make it one.  `status` is
    known as soon as the head is; that of a 100 Continue is none.
    """

    __slots__ = (
        "_bytes_max", "_headers", "_keeps", "_parser", "_parts", "_stray", "received", "status",
        "whole", "wrong",
    )  # fmt: skip

    def __init__(self, bytes_max: int) -> None:
        self._parser: Any = httptools.HttpResponseParser(self)
        self._bytes_max = bytes_max
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._stray = self._keeps = self.whole = False
        self.wrong: NoAnswer | None = None
        self.status = self.received = 0

    def feed(self, data: bytes) -> bool:
        """Take bytes; True once the answer is whole, or can be none."""
        self.received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._stray = self.whole  # behind a whole answer it says nothing about that
            if not self.whole:
                self.wrong = NoAnswer("not HTTP")
        if not self.whole and self.received > HEAD_BYTES_MAX + self._bytes_max:
            self.wrong = self.wrong or NoAnswer("too long")
        return self.whole or self.wrong is not None

    def end(self) -> bool:
        """The connection has ended; True if the answer did with it (RFC 9112, 6.3)."""
        framed = any(name.lower() in _FRAMING for name, _ in self._headers)
        self.whole = self.whole or bool(self.status and not framed and self.wrong is None)
        return self.whole

    @property
    def lasts(self) -> bool:
        """Whether the connection takes another request: the server says so, and said no more."""
        return self._keeps and not self._stray

    @property
    def body(self) -> bytes:
        """What has come of the body, cut at its limit."""
        return b"".join(self._parts)[: self._bytes_max]

    def answer(self) -> Answer:
        """Give the answer, once it is whole."""
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self._headers
        }
        return Answer(self.status, headers, self.body)

    # What the parser tells.

    def on_message_begin(self) -> None:
        """An answer begins: behind a whole one nobody asked for it."""
        self._stray = self._stray or self.whole

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        if not self._stray:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The status is known."""
        if not self._stray:
            self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if not self._stray:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        """The answer ends."""
        if self.status < 200:  # 100 Continue and the like: the answer is still to come
            self.status, self._headers = 0, []
        elif not self.whole:
            self.whole, self._keeps = True, self._parser.should_keep_alive()
