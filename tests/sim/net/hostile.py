"""A backend with bad manners, each by its name: what senders must survive.

`hostile("half a list")` misbehaves so for as many requests as it is told, then takes batches as
an ingest does; it knows what it holds and what it has refused for good, so that a story can say
what may have been lost.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

SLOW = ("never answers", "stops", "dribbles")  # waited out for as long as a sender may
ENDLESS = 64 << 20  # bytes: who reads so much of an answer has no bound
CHUNK = b"10000\r\n" + b"x" * 65536 + b"\r\n"
PAUSE_S = 0.02


class Act:
    """What a behaviour does besides sending bytes."""

    CLOSE, RESET, STALL, DRIP = "close", "reset", "stall", "drip"


@dataclass
class Batch:
    """One request: its body, what an ingest would say to it in JSON, and which number it is."""

    body: bytes
    nth: int
    taken: list = field(default_factory=list)
    refused: list = field(default_factory=list)

    def document(self):
        listed = [{"sequence_number": e["sequence_number"], "reason": "r"} for e in self.refused]
        return {
            "accepted": len(self.taken),
            "rejected": len(self.refused),
            "rejected_events": listed,
        }

    def text(self):
        return json.dumps(self.document()).encode()


Says = Callable[[Batch], Iterable[bytes | str]]


@dataclass(frozen=True)
class Behaviour:
    """What is said to a batch; whether it is kept before; what a client may make of the answer.

    `statuses` are those that it may take for the answer; None stands for no answer at all.
    """

    says: Says
    statuses: tuple[int | None, ...]
    keeps: bool = True
    splits: bool = False  # refuses every tenth number


def response(status=202, body=b"{}", *lines, version=b"1.1", length=True):
    head = [b"HTTP/%b %d X" % (version, status), *lines]
    if length:
        head.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def chunked(status, *chunks, end=b"0\r\n\r\n"):
    head = response(status, b"", b"Transfer-Encoding: chunked", length=False)
    return head + b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in chunks) + end


def always(content, *acts):
    return lambda batch: (content, *acts)


def listed(change, status=207):
    """A list of refusals, of which `change` makes other bytes."""
    return lambda batch: (response(status, change(batch)),)


def without_numbers(batch):
    return batch.text().replace(b'"sequence_number"', b'"number"')


def numbers_as_text(batch):
    return (
        batch.text()
        .replace(b'"sequence_number": ', b'"sequence_number": "')
        .replace(b', "reason"', b'", "reason"')
    )


def other_list(value):
    def made(batch):
        return json.dumps({**batch.document(), "rejected_events": value}).encode()

    return made


def endless(*pieces):
    def says(batch):
        yield pieces[0]
        for _ in range(ENDLESS // len(pieces[1])):
            yield pieces[1]

    return says


def dribbled(content):
    def says(batch):
        for byte in content:
            yield bytes([byte])
            yield Act.DRIP
        while True:
            yield b" "
            yield Act.DRIP

    return says


def bytewise(batch):
    for byte in response(202):
        yield bytes([byte])


def long_list(batch):
    body = json.dumps({**batch.document(), "fill": "x" * (3 << 20)}).encode()
    yield response(207, body)


REFUSED = {"keeps": False}
SPLIT = {"splits": True}
OK = response(202)

BEHAVIOURS: dict[str, Behaviour] = {
    # Unusual, and right.
    "202": Behaviour(always(OK), (202,)),
    "202 in chunks": Behaviour(always(chunked(202, b"{", b"}")), (202,)),
    "202 until it closes": Behaviour(always(response(202, length=False), Act.CLOSE), (202,)),
    "202 of HTTP/1.0": Behaviour(always(response(202, version=b"1.0"), Act.CLOSE), (202,)),
    "202 byte by byte": Behaviour(bytewise, (202,)),
    "202 after 100 Continue": Behaviour(always(b"HTTP/1.1 100 X\r\n\r\n" + OK), (202,)),
    "202 after early hints": Behaviour(always(b"HTTP/1.1 103 X\r\n\r\n" + OK), (202, None)),
    "202 without a body": Behaviour(always(response(202, b"")), (202,)),
    "202 in HTML": Behaviour(always(response(202, b"<html>")), (202,)),
    "202 without a reason": Behaviour(always(b"HTTP/1.1 202\r\nContent-Length: 0\r\n\r\n"), (202,)),
    "202 with bare line feeds": Behaviour(
        always(b"HTTP/1.1 202 X\nContent-Length: 0\n\n"), (202, None)
    ),
    "204": Behaviour(always(b"HTTP/1.1 204 X\r\n\r\n"), (204,)),
    "207": Behaviour(listed(Batch.text), (207,), **SPLIT),
    "207 in chunks": Behaviour(
        lambda b: (chunked(207, b.text()[:9], b.text()[9:]),), (207,), **SPLIT
    ),
    # A list that cannot be read.
    "half a list": Behaviour(listed(lambda b: b.text()[:-8]), (207,), **SPLIT),
    "half a list until it closes": Behaviour(
        lambda b: (response(207, b.text()[:-8], length=False), Act.CLOSE), (207,), **SPLIT
    ),
    "a list cut in a chunk": Behaviour(
        lambda b: (chunked(207, b.text(), end=b"")[:-12], Act.CLOSE), (None,), **SPLIT
    ),
    "a list cut between chunks": Behaviour(
        lambda b: (chunked(207, b.text()[:-8], end=b""), Act.CLOSE), (None,), **SPLIT
    ),
    "a list shorter than its length": Behaviour(
        lambda b: (response(207, b.text())[:-5], Act.CLOSE), (None,), **SPLIT
    ),
    "a list in gzip": Behaviour(
        lambda b: (response(207, gzip.compress(b.text()), b"Content-Encoding: gzip"),),
        (207,),
        **SPLIT,
    ),
    "a list with a byte order mark": Behaviour(
        listed(lambda b: b"\xef\xbb\xbf" + b.text()), (207,), **SPLIT
    ),
    "a list in UTF-16": Behaviour(
        listed(lambda b: b.text().decode().encode("utf-16")), (207,), **SPLIT
    ),
    "207 without a body": Behaviour(listed(lambda b: b""), (207,), **SPLIT),
    "207 without a list": Behaviour(listed(lambda b: b'{"accepted":1}'), (207,), **SPLIT),
    "207 with a list alone": Behaviour(listed(lambda b: b"[]"), (207,), **SPLIT),
    "a list that is an object": Behaviour(listed(other_list({})), (207,), **SPLIT),
    "a list of nothing": Behaviour(listed(other_list([None, None])), (207,), **SPLIT),
    "a list shorter than its count": Behaviour(listed(other_list([])), (207,), **SPLIT),
    "numbers as text": Behaviour(listed(numbers_as_text), (207,), **SPLIT),
    "numbers of another name": Behaviour(listed(without_numbers), (207,), **SPLIT),
    "a list beyond all bounds": Behaviour(long_list, (207, None), **SPLIT),
    # Statuses.
    **{
        str(status): Behaviour(always(response(status)), (status,), **REFUSED)
        for status in (301, 302, 307, 401, 403, 404, 408, 429, 500, 502, 503, 504, 599)
    },
    "301 to elsewhere": Behaviour(
        always(response(301, b"", b"Location: http://127.0.0.1:1/api/events")), (301,), **REFUSED
    ),
    "429 with a date": Behaviour(
        always(response(429, b"", b"Retry-After: Fri, 31 Dec 2099 23:59:59 GMT")), (429,), **REFUSED
    ),
    "503 in HTML": Behaviour(always(response(503, b"<html>busy")), (503,), **REFUSED),
    # No answer.
    "closes at once": Behaviour(always(Act.CLOSE), (None,), **REFUSED),
    "takes and closes": Behaviour(always(Act.CLOSE), (None,)),
    "takes and resets": Behaviour(always(Act.RESET), (None,)),
    "half a status line": Behaviour(always(OK[:12], Act.CLOSE), (None,)),
    "half a head": Behaviour(always(OK[:25], Act.CLOSE), (None,)),
    "half a body": Behaviour(always(OK[:-1], Act.CLOSE), (None,)),
    "never answers": Behaviour(always(Act.STALL), (None,)),
    "stops in its head": Behaviour(always(OK[:20], Act.STALL), (None,)),
    "stops in its body": Behaviour(always(OK[:-1], Act.STALL), (None,)),
    "dribbles its head": Behaviour(dribbled(b"HTTP/1.1 202 X\r\nX: "), (None,)),
    "dribbles its body": Behaviour(
        dribbled(b"HTTP/1.1 202 X\r\nContent-Length: 1000000\r\n\r\n"), (None,)
    ),
    "a head without end": Behaviour(
        endless(b"HTTP/1.1 202 X\r\n", b"X-Y: " + b"z" * 1000 + b"\r\n"), (None,)
    ),
    "a line without end": Behaviour(endless(b"HTTP/1.1 202 X\r\nX: ", b"z" * 65536), (None,)),
    "100 Continue without end": Behaviour(
        endless(b"HTTP/1.1 100 X\r\n\r\n", b"HTTP/1.1 100 X\r\n\r\n" * 3000), (None,)
    ),
    "chunks without end": Behaviour(endless(chunked(202, end=b""), CHUNK), (202, None)),
    "a length without end": Behaviour(
        endless(response(202, b"", b"Content-Length: 99999999999", length=False), b"x" * 65536),
        (202, None),
    ),
    "nonsense": Behaviour(always(bytes(range(256)) * 16), (None,)),
    "another protocol": Behaviour(always(b"220 mail ready\r\n\r\n"), (None,)),
    "the preface of HTTP/2": Behaviour(
        always(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80", Act.CLOSE), (None,)
    ),
    "a chunk of no size": Behaviour(
        always(response(202, b"ZZZ\r\n", b"Transfer-Encoding: chunked", length=False), Act.CLOSE),
        (None,),
    ),
    "a length below nothing": Behaviour(
        always(b"HTTP/1.1 202 X\r\nContent-Length: -5\r\n\r\n{}", Act.CLOSE), (None, 202)
    ),
    "a length of no number": Behaviour(
        always(b"HTTP/1.1 202 X\r\nContent-Length: many\r\n\r\n{}", Act.CLOSE), (None, 202)
    ),
    "two lengths": Behaviour(
        always(b"HTTP/1.1 202 X\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}", Act.CLOSE),
        (None, 202),
    ),
    # More than was asked for.
    "refuses, and an unasked 202": Behaviour(always(response(500) + OK), (500,), **REFUSED),
    "refuses, and half a 202": Behaviour(always(response(500) + OK[:25]), (500,), **REFUSED),
    "takes, and an unasked 500": Behaviour(always(OK + response(500)), (202,)),
    "takes, and stray bytes": Behaviour(always(OK + b"\0\0stray"), (202,)),
    "takes, and closes without a word": Behaviour(always(OK, Act.CLOSE), (202, None)),
}


class Hostile:
    """The backend: `requests`, the events that it `held`, and those that it `refused` for good."""

    def __init__(self, behaviour: Behaviour, times: int | None) -> None:
        self.behaviour, self.times = behaviour, times
        self.requests = self.connections = 0
        self.held: dict[tuple[str, int], dict] = {}
        self.refused: set[tuple[str, int]] = set()
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.url = ""
        self.ending: asyncio.Event | None = None

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.paths.append(head.split(b" ")[1].decode("latin-1"))
                length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
                body = await reader.readexactly(int(length or b"0"))
                self.requests += 1
                self.bodies.append(body)
                if not await self._answer(writer, Batch(body, self.requests)):
                    return
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            return
        finally:
            writer.close()

    async def _answer(self, writer, batch):
        honest = self.times is not None and batch.nth > self.times
        now = BEHAVIOURS["207" if self.behaviour.splits else "202"] if honest else self.behaviour
        self._keep(batch, now)
        if not batch.refused and now.splits:
            now = BEHAVIOURS["202"]  # there is nothing to list
        for piece in now.says(batch):
            if piece in (Act.CLOSE, Act.RESET):
                if piece == Act.RESET:
                    linger = struct.pack("ii", 1, 0)
                    sock = writer.get_extra_info("socket")
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    writer.transport.abort()
                return False
            if piece == Act.STALL:
                await self.ending.wait()
            elif piece == Act.DRIP:
                await asyncio.sleep(PAUSE_S)
            else:
                writer.write(piece)
                await writer.drain()
        return True

    def _keep(self, batch, now):
        try:
            events = json.loads(batch.body)
        except ValueError:
            return
        events = [e for e in events if isinstance(e, dict)] if isinstance(events, list) else []
        batch.refused = [e for e in events if now.splits and e.get("sequence_number", 1) % 10 == 0]
        batch.taken = [e for e in events if e not in batch.refused]
        if now.keeps:
            keys = [(e.get("device_id"), e.get("sequence_number")) for e in batch.taken]
            self.held |= dict(zip(keys, batch.taken, strict=True))
        self.refused |= {(e["device_id"], e["sequence_number"]) for e in batch.refused}


@contextmanager
def hostile(name: str, times: int | None = None) -> Iterator[Hostile]:
    """Serve by a behaviour of the table; after `times` requests as an ingest does, None: never."""
    backend, ready = Hostile(BEHAVIOURS[name], times), Event()
    loop = asyncio.new_event_loop()

    async def live():
        backend.ending = asyncio.Event()
        server = await asyncio.start_server(backend.serve, "127.0.0.1", 0, limit=1 << 24)
        backend.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await backend.ending.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def run():
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(live())

    thread = Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield backend
    finally:
        loop.call_soon_threadsafe(backend.ending.set)
        thread.join()
