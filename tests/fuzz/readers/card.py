"""What a virtual Notecard, its Notehub and the virtual Bluetooth read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from random import Random

from dbus_fast import Message, Variant

from badge.errors import InputError
from sim.air.dbus.match import rule_from
from sim.air.dbus.stream import MessageStream, SaslServer, encode
from sim.air.radio.content import content_of
from sim.notecard.codec.arguments import RequestError, foreign_json
from sim.notecard.codec.cobs import cobs_decode, cobs_encode
from sim.notecard.model.outputs import Message as Said
from sim.notecard.notehub.routes import TransformError, jsonata_transform
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.storage.state import read_state, state_text
from sim.notecard.storage.templates import fit, template_bytes
from tests.fuzz.mutate import (
    GROWTH_BYTES_MAX,
    document,
    json_document,
    lines_of,
    mixed,
    octets,
    text_lines,
)
from tests.fuzz.reader import Read, Reader, directly
from tests.sim.air.dbus.test_stream import FILTER
from tests.sim.notecard.requests import story_card, story_rest
from tests.sim.notecard.requests.story import Example

SETUP = {"req": "hub.set", "product": "com.example:badge", "mode": "continuous"}
TEMPLATE = {"n": 14, "s": "8", "b": True, "list": [11, 18], "in": {"x": 12.1}}
BODY = {"n": 5, "s": "abc", "b": False, "list": [1, 2], "in": {"x": 1.5}}
STATED = (
    SETUP,
    {"req": "note.template", "file": "r.qo", "body": TEMPLATE},
    {"req": "note.add", "file": "r.qo", "body": BODY, "payload": "YQ=="},
    {"req": "env.set", "name": "a", "text": "5"},
    {"req": "note.add", "file": "k.dbx", "note": "a", "body": {"deep": [1, {"x": None}]}},
    {"req": "note.get", "file": "k.dbx", "note": "a"},
    {"req": "hub.sync"},
)
REPLIES_MAX = 400  # of the outputs that are looked at: a line may become thousands of requests


def _json(*values: object) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


def _lines(requests: Iterable[object]) -> bytes:
    return b"\n".join(_json(*requests)) + b"\n"


def _asked(name: str, example: Example, parameter: str) -> list[object]:
    wanted = {"req": name, parameter: example.value, **example.others}
    return [SETUP, *(one for one in example.first if isinstance(one, dict)), wanted]


def _requests(folder: Path) -> list[bytes]:
    """Each documented parameter of each request, after what comes before it."""
    found = [_lines(STATED)]
    for story in (story_card, story_rest):
        for name, parameters in story.EXAMPLES.items():
            asked = (_asked(name, example, key) for key, example in parameters.items())
            found += [_lines(one) for one in asked if _is_json(one)]
    binary = cobs_encode(b"\0\1\2hello\0")
    put = {"req": "card.binary.put", "cobs": len(binary)}
    found.append(_lines([put]) + binary + b"\n" + _lines([{"req": "card.binary"}]))
    return found


def _is_json(value: object) -> bool:
    try:
        json.dumps(value)
    except TypeError:
        return False
    return True


def _transactions(content: bytes) -> object:
    """Bytes to a card, then half a minute; what it says is whole lines of JSON."""
    card = VirtualNotecard()
    said = card.receive(content, 10)
    for now_ms in (500, 5_000, 30_000):
        said += card.advance(now_ms)
    answers = b"".join(one.data for one in said[:REPLIES_MAX] if isinstance(one, Said))
    for line in answers.split(b"\r\n"):
        if line.startswith(b"{"):
            json.loads(line.decode())
    return read_state(state_text(card.card.state), "its own state")


def _state_seeds(folder: Path) -> list[bytes]:
    card = VirtualNotecard()
    card.receive(_lines(STATED), 10)
    card.advance(20_000)
    return [state_text(card.card.state).encode()]


def _state(content: bytes) -> object:
    """A state that is taken lets a card live."""
    state = read_state(content.decode(errors="surrogateescape"), "state.json")
    card = VirtualNotecard(state=state)
    said = card.receive(_lines(STATED), 10)
    return said + card.advance(60_000)


def _template(content: bytes) -> object:
    hints, body = json.loads(content)
    if not (isinstance(hints, dict) and isinstance(body, dict)):
        return None
    return [(template_bytes(hints, compact), fit(hints, body, compact)) for compact in (0, 1)]


def _templates(rng: Random, seed: bytes, others: list[bytes]) -> bytes:
    """Two JSON objects as a card's parser lets them through: nothing deep, no NaN."""
    changed = document(rng, seed, others)
    try:
        foreign_json(changed)
        hints, body = json.loads(changed)
    except (ValueError, TypeError):
        return seed
    whole = json.dumps([hints, body]).encode()
    return whole if len(whole) <= GROWTH_BYTES_MAX else seed  # half of one is no template


def _jsonata(content: bytes) -> object:
    transform = jsonata_transform(content.decode(errors="replace"), "t.jsonata")
    return transform({"body": {"a": [1, 2, {"b": 3}]}, "device": "dev:1"})


JSONATA = (
    b'{"events": [body.a[0]], "n": $sum(body.a[[0..1]])}',
    b"body.a ~> $map(function($v, $i) { $i * 2 }) ~> $string()",
    b'device = "x" ? $doNotRoute() : $merge([{"d": device}, body])',
)


def _cobs(content: bytes) -> object:
    plain = cobs_decode(content)
    return None if plain is None else cobs_encode(plain)


def _messages(folder: Path) -> list[bytes]:
    deep = Variant("a{sv}", {"x": Variant("(sv)", ["y", Variant("ay", b"z")])})
    other = Message(
        path="/a",
        interface="a.b",
        member="M",
        signature="aa{sv}gdox",
        serial=3,
        body=[[{"k": deep}], "a{sv}", 1.5, "/org/bluez", 2**40],
    )
    return [encode(FILTER), encode(other), encode(FILTER) + encode(other)]


def _stream(content: bytes) -> object:
    stream = MessageStream()
    half = len(content) // 2
    found = stream.feed(content[:half]) + stream.feed(content[half:])
    for message in found:
        message.serial = message.serial or 1
    return found


def _login(content: bytes) -> object:
    return SaslServer(0, 0, "guid").feed(content)


LOGIN = b"\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n"
RULE = b"type='signal',path_namespace='/org/bluez',arg0='x',arg1path='/a/',interface='a.b'"


def _card(folder: Path) -> Read:
    return _transactions


READERS = (
    Reader(
        "notecard", _requests, _card, mixed((6, lines_of(document, 8)), (1, octets)), (), heavy=4
    ),
    Reader("notecard-state", _state_seeds, directly(_state), json_document, heavy=4),
    Reader(
        "notecard-template",
        lambda _: _json([TEMPLATE, BODY]),
        directly(_template),
        _templates,
        (RequestError,),
    ),
    Reader(
        "notecard-binary",
        lambda _: [cobs_encode(b"\0\1\2hello\0" * 60), cobs_encode(b"x" * 300)],
        directly(_cobs),
        octets,
        (),
    ),
    Reader(
        "jsonata",
        lambda _: list(JSONATA),
        directly(_jsonata),
        text_lines,
        (InputError, TransformError),
        ("jsonata",),
        heavy=8,
    ),
    Reader("dbus", _messages, directly(_stream), octets),
    Reader("dbus-login", lambda _: [LOGIN], directly(_login), mixed((1, octets), (1, text_lines))),
    Reader(
        "dbus-match",
        lambda _: [RULE],
        directly(lambda content: rule_from(content.decode(errors="replace"))),
        text_lines,
    ),
    Reader(
        "advert",
        lambda _: [bytes.fromhex("0201060303aafe0816aafe00e70001020c096d69786572206f6e65")],
        directly(content_of),
        octets,
        (),
    ),
)
