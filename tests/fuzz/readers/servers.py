"""What servers and their clients read: bodies of requests, webhooks, answers."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Thread

from badge.answers import read_answer
from sim.ingest.api.ingest import Ingest, Rules
from sim.ingest.store.sqlite import SqliteStore
from sim.net.answer import Answer, NoAnswer
from sim.net.client import Client
from sim.platforms import open as platforms
from sim.platforms.blecon.delivery import _response
from sim.platforms.kit import receiver
from sim.platforms.peridio.signature import matching_scheme, verify
from sim.platforms.schemas import validate
from tests.fuzz.mutate import fields, json_document, lines_of, mixed, octets
from tests.fuzz.reader import Read, Reader, directly
from tests.fuzz.readers.badge import NOTE, events_seeds
from tests.sim.ingest.api.test_ingest import PARCEL, TAG
from tests.sim.ingest.site import NOW_MS
from tests.sim.platforms.cases import SECRET, UTC_MS

LONGEST_STORE = 2_000  # inputs; then the store is a new one, so that it stays as fast


class _Asked:
    """One route of an open ingest; its answer is JSON, and 500 is none of its words."""

    def __init__(self, method: str) -> None:
        self._method, self._count = method, 0
        self._renew()

    def _renew(self) -> None:
        self._ingest = Ingest(SqliteStore(":memory:"), lambda: NOW_MS, Rules(open=True))

    def __call__(self, content: bytes) -> object:
        self._count += 1
        if self._count % LONGEST_STORE == 0:
            self._renew()
        answer = getattr(self._ingest, self._method)({}, content)
        json.dumps(answer.body, ensure_ascii=False).encode()
        assert answer.status in (201, 202, 207, 400, 409, 413, 422), answer
        return answer


def _asked(method: str) -> Callable[[Path], Read]:
    return lambda folder: _Asked(method)


def _json(*values: object) -> Callable[[Path], list[bytes]]:
    return lambda folder: [json.dumps(value).encode() for value in values]


def _events_of(name: str) -> Callable[[Path], list[bytes]]:
    """One event of every type, by the platform's own model."""

    def seeds(folder: Path) -> list[bytes]:
        platform = platforms.platform(name)
        return [
            platform.pack([kind.sample(kind.name, Random(1), UTC_MS)])
            for profile in platform.profiles
            for kind in platform.types(profile)
        ]

    return seeds


def _webhook(name: str) -> Callable[[Path], Read]:
    platform = platforms.platform(name)

    def one(content: bytes) -> object:
        faults = [str(fault) for fault in validate(name, content)]
        seen = receiver.Seen()
        new = receiver.deduplicate(receiver.parse(platform, content), seen)
        return faults, [(one.typed(), one.faults()) for one in new]

    return directly(one)


def _signed(content: bytes) -> object:
    lines = content.decode("latin-1").split("\n")
    headers = dict(line.partition(": ")[::2] for line in lines[:4])
    body = content.partition(b"\n\n")[2]
    return verify(headers, body, [SECRET], utc_ms=UTC_MS), matching_scheme(headers, body, [SECRET])


def _signature_seeds(folder: Path) -> list[bytes]:
    from sim.platforms.peridio.signature import signed_headers

    head = "".join(
        f"{name}: {text}\n" for name, text in signed_headers(b"{}", [SECRET], None, UTC_MS)
    )
    return [head.encode() + b"\n{}"]


def _blecon_answer(content: bytes) -> object:
    return _response("key", 200, content)


def _http_seeds(folder: Path) -> list[bytes]:
    body = b'{"accepted":2,"rejected":1,"rejected_events":[{"sequence_number":3,"reason":"no"}]}'
    head = b"HTTP/1.1 207 Multi-Status\r\nContent-Type: application/json\r\n"
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:20], body[20:], b""))
    return [
        head + b"Content-Length: %d\r\nRetry-After: 3\r\n\r\n%s" % (len(body), body),
        head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks,
        b"HTTP/1.0 503 Busy\nConnection: close\n\nsoon",
    ]


def _http(folder: Path) -> Read:
    """A server that says the input, whatever it is asked, and hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    said = [b""]

    def serve() -> None:
        while True:
            taken, _ = listening.accept()
            with taken:
                try:
                    taken.recv(65_536)
                    taken.sendall(said[0])
                except OSError:
                    continue  # the client may have had enough of it

    Thread(target=serve, daemon=True).start()

    def one(content: bytes) -> object:
        said[0] = content
        with Client(timeout_s=30) as client:
            answer = client.request("POST", f"http://127.0.0.1:{port}/", b"[]", {})
        assert isinstance(answer, Answer | NoAnswer)
        if isinstance(answer, Answer):
            return read_answer(1, answer.status, answer.headers, answer.body)
        return str(answer)

    return one


_HEADS = lines_of(fields, 8)

READERS = (
    Reader("post-events", events_seeds, _asked("post_events"), json_document, ()),
    Reader("post-notehub", _json(NOTE), _asked("post_notehub"), json_document, ()),
    Reader(
        "post-devices",
        _json({"device_id": "ACT-3F8A21B4", "company_id": "acme"}),
        _asked("post_devices"),
        json_document,
        (),
    ),
    Reader("post-tags", _json(TAG), _asked("post_equipment_tags"), json_document, ()),
    Reader("post-parcels", _json(PARCEL), _asked("post_parcels"), json_document, ()),
    *(
        Reader(f"webhook-{name}", _events_of(name), _webhook(name), json_document)
        for name in platforms.ROWS
    ),
    Reader("signature", _signature_seeds, directly(_signed), mixed((3, _HEADS), (1, octets)), ()),
    Reader(
        "blecon-answer",
        _json({"response_data": {"payload": "00ff"}}),
        directly(_blecon_answer),
        json_document,
        (),
    ),
    Reader("http-answer", _http_seeds, _http, mixed((3, _HEADS), (2, octets)), (), heavy=4),
)
