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
class Keys:
    """The keys that the cases use, right and wrong ones."""

    device: str
    other: str
    admin: str


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


def event(number: object, device_id: str = DEVICE, **changes: Any) -> dict[str, Any]:
    """Return a valid event, with changes."""
    return {
        "device_id": device_id,
        "firmware_version": "0.3.1",
        "event_type": "upload_heartbeat",
        "timestamp_utc": "2026-03-14T08:32:15Z",
        "sequence_number": number,
        "payload": {},
        **changes,
    }


def batch(*numbers: object, **changes: Any) -> bytes:
    """Return a body of heartbeats."""
    return json.dumps([event(number, **changes) for number in numbers]).encode()


def head(length: object, key: str = "", *more: str, method: str = "POST") -> bytes:
    """Return a request's head."""
    lines = [f"{method} /api/events HTTP/1.1", "Host: x", f"Content-Length: {length}", *more]
    lines += [f"X-Actual-Api-Key: {key}"] if key else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def request(body: bytes, key: str = "", *more: str) -> tuple[bytes, ...]:
    """Return a whole request."""
    return head(len(body), key, *more), body


def cases(keys: Keys, patience_s: float) -> list[Case]:
    """List all abuses of a server that gives its clients so much time."""
    return [*_slow(keys, patience_s), *_large(keys), *_strange(keys), *_wrong_keys(keys)]


def _slow(keys: Keys, patience_s: float) -> Iterator[Case]:
    start, body = head(1000, keys.device), batch(1)
    drip_s = patience_s / 10
    yield Case("a connection that says nothing", (CLOSED,), ())
    yield Case("a head sent byte by byte", (CLOSED,), tuple(bytes([b]) for b in start), drip_s)
    yield Case("a body sent byte by byte", (408,), (start, *[b" "] * 1000), drip_s)
    yield Case("a half-sent body, then silence", (408,), (start, body))
    yield Case("a half-sent body, then nobody", (CLOSED,), (start, body), leaves=True)
    yield Case("a half-sent body, then its end", (CLOSED,), (start, body), half_closes=True)
    yield Case("a slow but honest client", (202,), (*request(body, keys.device),), drip_s)


def _large(keys: Keys) -> Iterator[Case]:
    chunked = b"POST /api/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    chunked += b"X-Actual-Api-Key: %b\r\n\r\n" % keys.device.encode()
    piece = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    yield Case("a body of 2 MiB", (413,), request(b" " * (2 * _MIB), keys.device))
    yield Case("a body of 2 MiB in chunks", (413,), (chunked, *[piece] * 32))
    yield Case("a body announced as 1 TB", (413,), (head(10**12, keys.device),))
    yield Case("501 events", (413,), request(batch(*range(1, 502)), keys.device))
    yield Case("half a million numbers", (413,), request(_listed(b"0", 500_000), keys.device))
    yield Case("349,525 empty objects", (413,), request(_listed(b"{}", 349_525), keys.device))
    yield Case("a head of 1 MB", (400, CLOSED), (head(0, "x" * 1_000_000),))
    path = b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    yield Case("a path of 60 kB", (404,), (path,))


def _strange(keys: Keys) -> Iterator[Case]:
    packed = gzip.compress(batch(1))
    yield Case("gzip", (415,), request(packed, keys.device))
    yield Case("gzip, and told", (415,), request(packed, keys.device, "Content-Encoding: gzip"))
    for name, body in _strange_bodies():
        yield Case(name, (400,), request(body, keys.device))
    yield Case("no HTTP at all", (400,), (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",))
    yield Case("a length that is no number", (400,), (head("ten", keys.device),))
    yield Case("a negative length", (400,), (head(-1, keys.device),))
    # A proxy that goes by the other one would see a second request, or none, in this body.
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(batch(1)), batch(1))
    both = head(len(body), keys.device, "Transfer-Encoding: chunked")
    yield Case("a length and chunks", (400,), (both, body))
    unread = b"GET /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n"
    yield Case("a body that no route reads", (200,), (unread, b" "))
    yield Case("another method", (405,), (head(0, keys.device, method="DELETE"),))


def _strange_bodies() -> Iterator[tuple[str, bytes]]:
    yield "nothing", b""
    yield "10,000-deep JSON", b"[" * 10_000 + b"]" * 10_000
    yield "a megabyte of [", b"[" * _MIB
    yield "10,000-deep payload", batch(1).replace(b"{}", b'{"a":' * 10_000 + b"1" + b"}" * 10_000)
    yield "bad UTF-8", batch(1, device_id="ACT-\u0100").replace(b"\\u0100", b"\xc3\x28")
    yield "half a surrogate pair", batch(1).replace(b"{}", b'{"x": "\\ud800"}')
    yield "UTF-16", batch(1).decode().encode("utf-16")
    yield "a number of a million digits", batch(1).replace(b": 1,", b": " + b"9" * 1_000_000 + b",")
    yield "a number past 64 bits", batch(2**63)
    yield "a number that is infinite", batch(float("inf"))
    yield "cut in the middle", batch(1)[:-20]


def _wrong_keys(keys: Keys) -> Iterator[Case]:
    body = batch(1)
    yield Case("no key", (401,), request(body))
    yield Case("a body of 1 TB without a key", (401,), (head(10**12),))
    yield Case("a wrong key", (401,), request(body, keys.device[:-1] + "_"))
    yield Case("another badge's key", (401,), request(body, keys.other))
    yield Case("the admin's key", (401,), request(body, keys.admin))
    yield Case("a key of strange bytes", (401,), request(body, "ak_\xff\xfe\x80"))
    yield Case("a key of 30 kB", (401,), request(body, "ak_" + "F" * 30_000))


def _listed(item: bytes, count: int) -> bytes:
    return b"[" + b",".join([item] * count) + b"]"


NAMES = tuple(case.name for case in cases(Keys("", "", ""), 1.0))
