"""Answers read as cheaply as may be: one that came before, byte for byte, is known at once."""

from __future__ import annotations

from typing import Any

import httptools

from badge.contract.documents import parse
from badge.errors import InputError

KNOWN_MAX = 256
BYTES_MAX = 1 << 20
_WORD_CHARS_MAX = 60


class AnswerReader:
    """The answer to one request; `feed` says when it is whole."""

    __slots__ = ("_keeps", "_parser", "_parts", "_size", "_stray", "framed", "status", "whole")

    def __init__(self) -> None:
        self._parser: Any = httptools.HttpResponseParser(self)
        self._parts: list[bytes] = []
        self._size = 0
        self._stray = self.whole = self.framed = self._keeps = False
        self.status = 0

    @property
    def lasts(self) -> bool:
        """Whether the connection takes another request behind it."""
        return self._keeps and not self._stray

    def feed(self, data: bytes) -> bool:
        """Take bytes; True once the answer is whole.  Raises ValueError for what is no HTTP."""
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if not self.whole:
                raise ValueError("not HTTP") from None
            self._stray = True
        if self._size > BYTES_MAX:
            raise ValueError("too long")
        return self.whole

    def label(self) -> str:
        """Name the answer: its status, and behind what is no 2xx why, in the server's words."""
        if self.status in (200, 201, 202):
            return str(self.status)
        word = _reason(b"".join(self._parts))
        return f"{self.status} {word}".strip()

    # What the parser tells.

    def on_message_begin(self) -> None:
        """An answer begins: behind a whole one nobody asked for it."""
        self._stray = self._stray or self.whole

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self.framed = True

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
        if self.status < 200:  # 100 Continue: the answer is still to come
            self.status = 0
        elif not self.whole:
            self.whole, self._keeps = True, self._parser.should_keep_alive()


def _reason(body: bytes) -> str:
    """Find the server's own word for why: a code, an error, or the first refusal's reason."""
    try:
        document = parse(body)
    except InputError:
        return ""
    if not isinstance(document, dict):
        return ""
    refused = document.get("rejected_events")
    first = refused[0] if isinstance(refused, list) and refused else {}
    word = document.get("code") or document.get("error")
    word = word or (first.get("reason") if isinstance(first, dict) else "") or ""
    # Numbers differ from answer to answer, and are no reason of their own.
    text = "".join("#" if char.isdigit() else char for char in str(word))
    return text[:_WORD_CHARS_MAX]
