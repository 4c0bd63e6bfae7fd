"""Clients with bad manners, each by its name: raw bytes that every listener must survive.

A listener may answer as it likes, or close; it must come to an end with each of them in its time,
say no traceback, and serve the next honest client.
"""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import dataclass

from tests.patience import PATIENCE_S


def head(*lines, method="POST", path="/"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode("latin-1")


def chunk(content):
    return b"%x\r\n%b\r\n" % (len(content), content)


@dataclass(frozen=True)
class Stranger:
    """What is sent, piece by piece, and whether our side is closed afterwards."""

    pieces: tuple[bytes, ...]
    leaves: bool = False
    half_closes: bool = False


CHUNKED = "Transfer-Encoding: chunked"
STRANGERS: dict[str, Stranger] = {
    "says nothing": Stranger(()),
    "leaves at once": Stranger((), leaves=True),
    "half a request line": Stranger((b"POST /api",)),
    "half a head": Stranger((b"POST / HTTP/1.1\r\nHost: x\r\nX: ",)),
    "half a head, and leaves": Stranger((b"POST / HTTP/1.1\r\nHos",), leaves=True),
    "a head of a megabyte": Stranger((b"POST / HTTP/1.1\r\nX: " + b"z" * (1 << 20),)),
    "ten thousand headers": Stranger((head(*["X: y"] * 10_000),), half_closes=True),
    "a TLS hello": Stranger((b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",)),
    "the preface of HTTP/2": Stranger((b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",)),
    "nonsense": Stranger((bytes(range(256)) * 16 + b"\r\n\r\n",)),
    "bare line feeds": Stranger(
        (b"POST / HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}",), half_closes=True
    ),
    "a WebSocket": Stranger(
        (
            head(
                "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: eA==", method="GET"
            ),
        ),
        half_closes=True,
    ),
    "a method of its own": Stranger((head("Content-Length: 0", method="BREW"),), half_closes=True),
    "a path of 10 kB": Stranger((head(method="GET", path="/" + "a" * 10_000),), half_closes=True),
    "a path with escapes": Stranger(
        (head(method="GET", path="/%00/%2e%2e/%ff"),), half_closes=True
    ),
    "a length of no number": Stranger((head("Content-Length: ten"),)),
    "a length below nothing": Stranger((head("Content-Length: -1"),)),
    "two lengths": Stranger((head("Content-Length: 2", "Content-Length: 9"), b"{}")),
    "a length beside chunks": Stranger(
        (head("Content-Length: 5", CHUNKED), b"0\r\n\r\n", head(method="GET"))
    ),
    "half a body": Stranger((head("Content-Length: 1000"), b"[")),
    "half a body, and leaves": Stranger((head("Content-Length: 1000"), b"["), leaves=True),
    "half a body, and its end": Stranger((head("Content-Length: 1000"), b"["), half_closes=True),
    "a body of a terabyte": Stranger((head("Content-Length: 1000000000000"), b" " * 65536)),
    "a body where none belongs": Stranger((head("Content-Length: 1000000", method="GET"), b" ")),
    "half a chunk": Stranger((head(CHUNKED), b"ff\r\n[")),
    "a chunk of no size": Stranger((head(CHUNKED), b"zz\r\n[]\r\n")),
    "a chunk of 2^80 bytes": Stranger((head(CHUNKED), b"f" * 20 + b"\r\n[]")),
    "chunks without end": Stranger((head(CHUNKED), *[chunk(b" " * 65536)] * 200)),
    "waits to be asked": Stranger((head("Content-Length: 2", "Expect: 100-continue"),)),
    "10,000-deep JSON": Stranger(
        (head("Content-Length: 20000"), b"[" * 10_000 + b"]" * 10_000), half_closes=True
    ),
    "half a surrogate": Stranger((head("Content-Length: 8"), b'"\\ud800"'), half_closes=True),
    "a number of 5,000 digits": Stranger(
        (head("Content-Length: 5000"), b"9" * 5000), half_closes=True
    ),
    "bytes that are no text": Stranger(
        (head("Content-Length: 4"), b"\xff\xfe\x80\x00"), half_closes=True
    ),
    "a hundred requests at once": Stranger(
        ((head("Content-Length: 2") + b"{}") * 100,), half_closes=True
    ),
}


def meet(port: int, stranger: Stranger) -> bytes:
    """Be that client; return what was heard until the listener ended it.  TimeoutError if never."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)) as line:
        heard = b""
        try:
            for piece in stranger.pieces:
                line.sendall(piece)
            if stranger.leaves:
                return b""
            if stranger.half_closes:
                line.shutdown(socket.SHUT_WR)
            while part := line.recv(65536):
                heard += part
        except (ConnectionError, BrokenPipeError):
            pass  # refused in the middle of what it had to say
        return heard
