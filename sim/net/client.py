"""The one blocking HTTP client: whole answers within one deadline, and words when there is none."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Mapping
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as Urllib3TimeoutError
from urllib3.util import SKIP_HEADER

from badge.answers import ANSWER_BYTES_MAX
from badge.errors import InputError
from sim.net.answer import HEAD_BYTES_MAX, Answer, NoAnswer, no_connection
from sim.net.url import authorization, split_url

TIMEOUT_S = 20.0
CONNECT_TIMEOUT_S = 5.0
# What urllib3 would add on its own; only a caller says such things of itself.
_ADDED = ("user-agent", "accept-encoding")


class Client:
    """Keeps connections open between requests; threads may share it, `at_once` of them at a time.

    A request carries the headers that it is given, and Host and a length, nothing else.  It ends
    within its time however slowly bytes come: the deadline holds for the whole exchange, unlike
    a timeout of each read.  Redirects and compressed bodies are handed on as they are.
    """

    def __init__(self, *, timeout_s: float = TIMEOUT_S, at_once: int = 1) -> None:
        self._timeout_s = timeout_s
        self._pool = urllib3.PoolManager(maxsize=at_once, block=False, retries=False)
        self._pool.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def request(
        self,
        method: str,
        url: str,
        body: bytes | Iterable[bytes] = b"",
        headers: Mapping[str, str] | None = None,
        *,
        timeout_s: float | None = None,
        bytes_max: int = ANSWER_BYTES_MAX,
    ) -> Answer | NoAnswer:
        """Make a request and read its answer, of whose body at most `bytes_max` are kept.

        A body in pieces needs a Content-Length among the headers, or goes in chunks.  Never
        raises for what the network does; InputError if the URL or a header cannot be sent.
        """
        own = authorization(split_url("URL", url))
        whole_s = self._timeout_s if timeout_s is None else timeout_s
        timeout = urllib3.Timeout(total=whole_s, connect=min(whole_s, CONNECT_TIMEOUT_S))
        given = {name: header_value(name, text) for name, text in (headers or {}).items()}
        lines = _without({name.lower() for name in given}) | own | given
        try:
            response = self._pool.request(
                method,
                url,
                body=body or None,
                headers=lines,
                timeout=timeout,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            with response:
                return _whole(response, bytes_max)
        except LocationValueError:
            return NoAnswer("unknown host")
        except (HTTPError, OSError) as error:
            return _why(error)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.clear()


def header_value(name: str, text: str) -> str:
    """Return what a header is to hold; InputError, without the text, if no header can carry it."""
    if not (text.isascii() and text.isprintable()):
        raise InputError(f"{name}: holds what no HTTP header may; use printable ASCII")
    return text


def _without(given: set[str]) -> dict[str, str]:
    return {name: SKIP_HEADER for name in _ADDED if name not in given}


def _whole(response: urllib3.BaseHTTPResponse, bytes_max: int) -> Answer | NoAnswer:
    if response.status < 200:  # http.client skips 100 alone: the real answer is still to come,
        response.close()  # and would be taken for that of the next request
        return NoAnswer("not HTTP")
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = bytearray()
    # A read that comes back short says nothing yet: only the one after it tells a body that broke
    # off from one that is whole.
    try:
        while part := response.read(bytes_max - len(body), decode_content=False):
            body += part
    except ValueError:  # http.client reads a chunk of a size below zero
        response.close()
        return NoAnswer("not HTTP")
    if len(body) == bytes_max or response.status >= 300:
        # What is left of it must not meet the next request, nor what a server that errs says late.
        response.close()
    return Answer(response.status, headers, bytes(body))


def _why(error: Exception) -> NoAnswer:
    if isinstance(error, NameResolutionError):
        return NoAnswer("unknown host")
    if isinstance(error, NewConnectionError):  # one of urllib3's timeouts, so it is asked first
        return NoAnswer("away")
    if isinstance(error, (ConnectTimeoutError, Urllib3TimeoutError)):
        return NoAnswer("late")
    if isinstance(error, SSLError):
        inner = error.args[0] if error.args else None
        return no_connection(inner) if isinstance(inner, OSError) else NoAnswer("certificate")
    inner = error.args[-1] if isinstance(error, ProtocolError) else error
    if isinstance(inner, TimeoutError):
        return NoAnswer("late")
    if isinstance(inner, http.client.LineTooLong):
        return NoAnswer("too long")
    broken = (ConnectionError, http.client.IncompleteRead)
    if isinstance(inner, http.client.HTTPException) and not isinstance(inner, broken):
        return NoAnswer("not HTTP")
    return NoAnswer("cut")


class _Timed(RawIOBase):
    """What a socket gives, until a moment: each read may take only what is left of the time.

    `head_bytes` is how much may still come before the head is over; None: it is.
    """

    def __init__(self, raw: RawIOBase, sock: Any) -> None:
        self._raw, self._sock = raw, sock
        self.head_bytes: int | None = HEAD_BYTES_MAX
        left_s = sock.gettimeout()
        self._until_s = None if left_s is None else monotonic() + left_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read once; TimeoutError when the time is over, LineTooLong when the head is."""
        if self._until_s is not None:
            left_s = self._until_s - monotonic()
            if left_s <= 0:
                raise TimeoutError("the answer does not end in time")
            self._sock.settimeout(left_s)
        count: int | None = self._raw.readinto(buffer)
        if self.head_bytes is not None:
            self.head_bytes -= count or 0
            if self.head_bytes < 0:
                raise http.client.LineTooLong("head")
        return count

    def close(self) -> None:
        """Close this end of the socket."""
        self._raw.close()
        super().close()


class _Lines(BufferedReader):
    """Lines that are whole: http.client takes a head that breaks off for one that has ended."""

    _begun = False

    def readline(self, size: int | None = -1) -> bytes:
        """Read a line; IncompleteRead if the connection ends in the middle of a message."""
        line = super().readline(size)
        if not line.endswith(b"\n") and len(line) != size and (self._begun or line):
            raise http.client.IncompleteRead(line)
        self._begun = True
        return line


class _Response(http.client.HTTPResponse):
    """An answer whose head, too, is read within the time that urllib3 has put on the socket."""

    def __init__(self, sock: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._timed = _Timed(self.fp.detach(), sock)
        self.fp = _Lines(self._timed)

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        self._timed.head_bytes = None


class _HttpConnection(HTTPConnection):
    response_class = _Response


class _HttpsConnection(HTTPSConnection):
    response_class = _Response


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection
