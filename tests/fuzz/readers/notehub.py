"""What a Notehub reads: requests of its API, and the messages of its cards in other processes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from random import Random

from pydantic import ValidationError

from sim.notecard.api.app import hub_app
from sim.notecard.model.exchange import SyncUpload, WebCall, WebReply
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.storage.notefiles import Note
from sim.notecard.transport.hub_wire import (
    FROM_CARD,
    FROM_HUB,
    ExchangeAsk,
    Forget,
    News,
    Online,
    WebAsk,
    WebSaid,
    line,
)
from sim.notecard.transport.realtime import RealtimeNotecard
from tests.fuzz.mutate import json_document, mixed, octets
from tests.fuzz.reader import Read, Reader, directly
from tests.fuzz.readers.card import SETUP
from tests.sim.notecard.rig import DEVICE

PROJECT = "/v1/projects/app:x"
ONE = f"{PROJECT}/devices/{DEVICE}"
VARIABLES = {"environment_variables": {"a": "1", "b": "2"}}
ASKED = (
    ("POST", f"{ONE}/notes/data.qi", {"body": {"n": 1, "s": ["x"]}, "payload": "YQ=="}),
    ("PUT", f"{ONE}/notes/data.dbx/a", {"body": {"n": {"m": None}}}),
    ("POST", f"{ONE}/signal", {"body": {"go": 1}}),
    ("PUT", f"{ONE}/environment_variables", VARIABLES),
    ("PUT", f"{PROJECT}/environment_variables", VARIABLES),
    ("POST", f"{PROJECT}/fleets", {"label": "yard"}),
    ("PUT", f"{ONE}/fleets", {"fleet_uids": ["fleet:1"]}),
    ("POST", "/faults", {"kind": "slow", "times": 2}),
    ("PUT", "/pins/AUX1", {"high": True}),
)


def _asked(folder: Path) -> list[bytes]:
    return [f"{how} {path}\n{json.dumps(body)}".encode() for how, path, body in ASKED]


def _body(rng: Random, seed: bytes, others: object) -> bytes:
    head, _, body = seed.partition(b"\n")
    return head + b"\n" + json_document(rng, body, [body])


def _api(folder: Path) -> Read:
    """Ask, then let the card sync: what Notehub has taken must not end it."""
    live = RealtimeNotecard(VirtualNotecard())
    live.receive(json.dumps(SETUP).encode() + b"\n")
    app = hub_app(live)

    def one(content: bytes) -> object:
        head, _, body = content.partition(b"\n")
        how, _, path = head.decode().partition(" ")
        status, said = asyncio.run(_told(app, how, path, body))
        assert status < 500, said
        live.receive(b'{"req":"hub.sync"}\n{"req":"file.changes"}\n')
        return json.loads(said)

    return one


async def _told(app: object, how: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Ask an ASGI application without a socket."""
    said: list[dict[str, object]] = []
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    scope = {"type": "http", "http_version": "1.1", "method": how, "path": path}
    scope |= {"raw_path": path.encode(), "query_string": b"", "headers": headers}
    asked = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, object]:
        return next(asked, {"type": "http.disconnect"})

    async def send(message: dict[str, object]) -> None:
        said.append(message)

    await app(scope, receive, send)
    return said[0]["status"], b"".join(one.get("body", b"") for one in said)


def _from_cards(folder: Path) -> list[bytes]:
    upload = SyncUpload("dev:1", "sn", "p:q", 1, 5, [("a.qo", Note("1:1", {"n": 1}), True)])
    call = WebCall("in", "POST", "f", b"\x00\xff\n", "a/b", 1.0, total=5)
    asks = (ExchangeAsk(upload=upload), WebAsk.of(7, call), Online(device="dev:1", online=True))
    return [line(one) for one in (*asks, Forget(device="dev:1"))]


def _from_hubs(folder: Path) -> list[bytes]:
    said = WebSaid.of(7, WebReply(200, b"\xff", "a/b"))
    return [line(one) for one in (said, News(waiting=True, signals=[{"body": {"a": 1}}]))]


def _card_says(content: bytes) -> object:
    message = FROM_CARD.validate_json(content)
    return message.made() if isinstance(message, WebAsk) else message


def _hub_says(content: bytes) -> object:
    message = FROM_HUB.validate_json(content)
    return message.made() if isinstance(message, WebSaid) else message


_WIRE = mixed((4, json_document), (1, octets))
READERS = (
    Reader("notehub-api", _asked, _api, _body, (), heavy=8),
    Reader("notehub-card", _from_cards, directly(_card_says), _WIRE, (ValidationError,)),
    Reader("notehub-hub", _from_hubs, directly(_hub_says), _WIRE, (ValidationError,)),
)
