"""What bad clients do, as a table: raw bytes and pauses, and the status that each must get."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEVICE, OTHER = "ACT-0BAD0001", "ACT-0BAD0002"
CLOSED = 0  # no answer: the connection is closed
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Case:
    """Bytes to send, each piece after a pause, and the statuses that are right.

    `leaves` closes the connection after the last piece, `half_closes` only our side of it.
    """

    name: str
    statuses: tuple[int, ...]
    pieces: tuple[bytes, ...]
    pause_s: float = 0.0
    leaves: bool = False
    half_closes: bool = False


@dataclass(frozen=True, slots=True)
class Abused:
    """The server that is abused: a device's key, another's, the admin's; how it is spoken to."""

    device: str
    other: str
    admin: str
    device_id: str = DEVICE
    host: str = "x"
    path: str = "/api/events"
    key_header: str = "X-Actual-Api-Key"
    key_prefix: str = ""

    def event(self, number: object, **changes: Any) -> dict[str, Any]:
        """Return a valid event, with changes."""
        return {
            "device_id": self.device_id,
            "firmware_version": "0.3.1",
            "event_type": "upload_heartbeat",
            "timestamp_utc": "2026-03-14T08:32:15Z",
            "sequence_number": number,
            "payload": {},
            **changes,
        }

    def batch(self, *numbers: object, **changes: Any) -> bytes:
        """Return a body of heartbeats."""
        return json.dumps([self.event(number, **changes) for number in numbers]).encode()

    def head(self, length: object, key: str = "", *more: str, method: str = "POST") -> bytes:
        """Return a request's head."""
        lines = [f"{method} {self.path} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"Content-Length: {length}", *more]
        lines += [f"{self.key_header}: {self.key_prefix}{key}"] if key else []
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def request(self, body: bytes, key: str = "", *more: str) -> tuple[bytes, ...]:
        """Return a whole request."""
        return self.head(len(body), key, *more), body


def cases(at: Abused, patience_s: float) -> Iterator[Case]:
    """All abuses of a server that gives its clients so much time, made one by one."""
    yield from _slow(at, patience_s)
    yield from _large(at)
    yield from _strange(at)
    yield from _wrong_keys(at)


def _slow(at: Abused, patience_s: float) -> Iterator[Case]:
    start, body = at.head(1000, at.device), at.batch(1)
    drip_s = patience_s / 10
    yield Case("a connection that says nothing", (CLOSED,), ())
    yield Case("a head sent byte by byte", (CLOSED,), tuple(bytes([b]) for b in start), drip_s)
    yield Case("a body sent byte by byte", (408,), (start, *[b" "] * 1000), drip_s)
    yield Case("a half-sent body, then silence", (408,), (start, body))
    yield Case("a half-sent body, then nobody", (CLOSED,), (start, body), leaves=True)
    yield Case("a half-sent body, then its end", (CLOSED,), (start, body), half_closes=True)
    yield Case("a slow but honest client", (202,), (*at.request(body, at.device),), drip_s)


def _large(at: Abused) -> Iterator[Case]:
    chunked = at.head(0, at.device).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    piece = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    yield Case("a body of 2 MiB", (413,), at.request(b" " * (2 * _MIB), at.device))
    yield Case("a body of 2 MiB in chunks", (413,), (chunked, *[piece] * 32))
    yield Case("a body announced as 1 TB", (413,), (at.head(10**12, at.device),))
    yield Case("501 events", (413,), at.request(at.batch(*range(1, 502)), at.device))
    yield Case("half a million numbers", (413,), at.request(_listed(b"0", 500_000), at.device))
    yield Case("349,525 empty objects", (413,), at.request(_listed(b"{}", 349_525), at.device))
    yield Case("a head of 1 MB", (400, CLOSED), (at.head(0, "x" * 1_000_000),))
    path = b"GET /" + b"a" * 60_000 + f" HTTP/1.1\r\nHost: {at.host}\r\n\r\n".encode()
    yield Case("a path of 60 kB", (404,), (path,))


def _strange(at: Abused) -> Iterator[Case]:
    packed = gzip.compress(at.batch(1))
    yield Case("gzip", (415,), at.request(packed, at.device))
    yield Case("gzip, and told", (415,), at.request(packed, at.device, "Content-Encoding: gzip"))
    for name, body in _strange_bodies(at):
        yield Case(name, (400,), at.request(body, at.device))
    yield Case("no HTTP at all", (400,), (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",))
    yield Case("a length that is no number", (400,), (at.head("ten", at.device),))
    yield Case("a negative length", (400,), (at.head(-1, at.device),))
    # A proxy that goes by the other one would see a second request, or none, in this body.
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(at.batch(1)), at.batch(1))
    both = at.head(len(body), at.device, "Transfer-Encoding: chunked")
    yield Case("a length and chunks", (400,), (both, body))
    unread = f"GET /api/health HTTP/1.1\r\nHost: {at.host}\r\n".encode()
    unread += b"Content-Length: 1000000000\r\n\r\n"
    yield Case("a body that no route reads", (200,), (unread, b" "))
    yield Case("another method", (405,), (at.head(0, at.device, method="DELETE"),))


def _strange_bodies(at: Abused) -> Iterator[tuple[str, bytes]]:
    yield "nothing", b""
    yield "10,000-deep JSON", b"[" * 10_000 + b"]" * 10_000
    yield "a megabyte of [", b"[" * _MIB
    yield (
        "10,000-deep payload",
        at.batch(1).replace(b"{}", b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    )
    yield "bad UTF-8", at.batch(1, device_id="ACT-\u0100").replace(b"\\u0100", b"\xc3\x28")
    yield "half a surrogate pair", at.batch(1).replace(b"{}", b'{"x": "\\ud800"}')
    yield "UTF-16", at.batch(1).decode().encode("utf-16")
    yield (
        "a number of a million digits",
        at.batch(1).replace(b": 1,", b": " + b"9" * 1_000_000 + b","),
    )
    yield "a number past 64 bits", at.batch(2**63)
    yield "a number that is infinite", at.batch(float("inf"))
    yield "cut in the middle", at.batch(1)[:-20]


def _wrong_keys(at: Abused) -> Iterator[Case]:
    body = at.batch(1)
    yield Case("no key", (401,), at.request(body))
    yield Case("a body of 1 TB without a key", (401,), (at.head(10**12),))
    yield Case("a wrong key", (401,), at.request(body, at.device[:-1] + "_"))
    yield Case("another badge's key", (401,), at.request(body, at.other))
    yield Case("the admin's key", (401,), at.request(body, at.admin))
    yield Case("a key of strange bytes", (401,), at.request(body, "ak_\xff\xfe\x80"))
    yield Case("a key of 30 kB", (401,), at.request(body, "ak_" + "F" * 30_000))


def _listed(item: bytes, count: int) -> bytes:
    return b"[" + b",".join([item] * count) + b"]"


_NOBODY = Abused("", "", "")
NAMES = tuple(case.name for case in cases(_NOBODY, 1.0))
DAWDLING = tuple(case.name for case in _slow(_NOBODY, 1.0) if not case.leaves | case.half_closes)
"""Those that take as long as the server gives its clients."""
WITH_A_WRONG_KEY = tuple(case.name for case in _wrong_keys(_NOBODY))
